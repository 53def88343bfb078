import { setTimeout as pause } from 'node:timers/promises';
import { publish } from '../support/ingest-client.ts';

export type LogLine = { kind: 'log'; level: string; service: string; message: string };

/** "line 42": what is on the screen is compared with what was sent by these numbers. */
export function numbered(from: number, count: number, fixed: Partial<LogLine> = {}): LogLine[] {
  return Array.from({ length: count }, (_, index) => ({
    kind: 'log',
    level: 'info',
    service: 'shop',
    message: `line ${from + index}`,
    ...fixed,
  }));
}

export function numbers(from: number, count: number): number[] {
  return Array.from({ length: count }, (_, index) => from + index);
}

/**
 * Sends numbered lines one small batch after another, and goes on through the server's deaths: a batch that was not
 * acknowledged is sent again under its key, as a careful sender does.
 */
export class SteadyPublisher {
  readonly #url: string;
  readonly #batchLines: number;
  readonly #pauseMs: number;
  readonly #done: Promise<void>;
  #stopped = false;
  /** Lines acknowledged. */
  sent = 0;

  constructor(url: string, { batchLines = 5, pauseMs = 20 } = {}) {
    this.#url = url;
    this.#batchLines = batchLines;
    this.#pauseMs = pauseMs;
    this.#done = this.#run();
  }

  async #run(): Promise<void> {
    while (!this.#stopped) {
      const key = `batch-${this.sent}`;
      const taken = await publish(this.#url, numbered(this.sent, this.#batchLines), { key }).catch(() => undefined);
      if (taken) this.sent += this.#batchLines;
      await pause(this.#pauseMs);
    }
  }

  /** Gives the number of lines sent in all. */
  async stop(): Promise<number> {
    this.#stopped = true;
    await this.#done;
    return this.sent;
  }
}
