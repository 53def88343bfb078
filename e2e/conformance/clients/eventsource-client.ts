import { EventSource } from 'eventsource';
import { ContinuityLedger } from '../../support/continuity-ledger.ts';
import { FrameClient, type StreamClientOptions } from '../stream-client.ts';

const NAMES = ['stream', 'live', 'log', 'metric', 'gap', 'heartbeat', 'bye', 'busy'];

/** The npm package `eventsource`: comes back by itself, after the delay that the server has named. */
export class EventSourceClient extends FrameClient {
  #source: EventSource | undefined;

  constructor(url: string, options: StreamClientOptions = {}, ledger = new ContinuityLedger()) {
    super(url, options, ledger);
  }

  protected connect(): void {
    const given = this.options.headers;
    const source = new EventSource(`${this.line.url}/api/stream${this.options.query ?? ''}`, {
      // Its own headers win: after the first connection they hold the Last-Event-ID.
      fetch: (input, init) => fetch(input, { ...init, headers: { ...given, ...init.headers } }),
    });
    this.#source = source;
    for (const name of NAMES) {
      source.addEventListener(name, ({ data, lastEventId }) => {
        // It tells the last id with every event, whether that has one or not.
        const isPlain = name === 'bye' || name === 'busy';
        this.take({ event: name, id: isPlain ? undefined : lastEventId, data: String(data) });
      });
    }
    source.addEventListener('error', ({ code, message }) => {
      if (code !== undefined && code >= 400) this.refusal = { says: message ?? '', retryMs: undefined };
      this.ended += 1;
      if (this.options.reconnect) this.connections += 1;
      else source.close();
    });
  }

  protected disconnect(): void {
    this.#source?.close();
  }
}
