import { Agent } from 'node:http';
import { ContinuityLedger } from '../../support/continuity-ledger.ts';
import type { StreamClientOptions } from '../stream-client.ts';
import { NdjsonClient } from './ndjson-client.ts';

/** Asks `GET /api/poll` again and again over one connection, each time from where the last answer ended. */
export class PollClient extends NdjsonClient {
  readonly #agent = new Agent({ keepAlive: true, maxSockets: 1 });
  polls = 0;

  constructor(url: string, options: StreamClientOptions = {}, ledger = new ContinuityLedger()) {
    super(url, options, ledger);
  }

  protected override get address(): string {
    return `/api/poll${this.options.query ?? ''}`;
  }
  protected override get agent(): object {
    return { agent: this.#agent };
  }

  protected override connect(): void {
    this.#poll(false);
  }

  /**
   * A refusal, a goodbye or a broken line ends the series; an answer does not. Nor does a connection on which nothing came
   * after an answer: the server may close one that has been idle just when it is used again.
   */
  #poll(isReused: boolean): void {
    this.polls += 1;
    this.ask((isClean, hasBegun) => {
      if (this.closed) return;
      const isOver = !isClean || this.refusal !== undefined || this.isDismissed;
      if (isReused && !hasBegun) this.#poll(false);
      else if (isOver) this.finished(isClean);
      else this.#poll(true);
    });
  }

  protected override disconnect(): void {
    super.disconnect();
    this.#agent.destroy();
  }
}
