import type { ClientTransport } from '@/lib/core/client-transport.ts';
import type { StreamedEvent } from '@/lib/core/event.ts';
import { Inbox } from './inbox.ts';
import { type ConnectionItem, type ConnectionReport, StreamEndedError, StreamGapError } from './items.ts';
import type { StreamLoop } from './stream-loop.ts';

export type ConnectionParts = {
  readonly signal: AbortSignal | undefined;
  /** What it makes stops reading while the inbox is full. */
  readonly makeLoop: (inbox: Inbox<ConnectionItem>) => StreamLoop;
};

/** A stream as one reads it from Node: kept alive, resumed exactly, and read no faster than its items are taken. */
export class Connection implements AsyncIterable<ConnectionItem> {
  readonly #inbox = new Inbox<ConnectionItem>();
  readonly #signal: AbortSignal | undefined;
  readonly #loop: StreamLoop;
  #cursor: string | undefined;
  #isTaking = false;
  #isClosed = false;

  /** Not for callers: see `connect`. */
  constructor({ signal, makeLoop }: ConnectionParts) {
    this.#signal = signal;
    this.#loop = makeLoop(this.#inbox);
    if (signal?.aborted) this.close();
    else {
      signal?.addEventListener('abort', this.#onAbort, { once: true });
      this.#loop.start();
    }
  }

  /**
   * Resume token: where the stream stands after the last item that was handed out. Kept somewhere and given as `from`
   * another day, the stream goes on with the very next event, or says what is missing. Undefined until the server has
   * answered once. Inside a loop it belongs to the item at hand: store it when that is done with.
   */
  get cursor(): string | undefined {
    return this.#cursor;
  }

  get report(): ConnectionReport {
    return this.#loop.report;
  }

  /**
   * The events alone. At a gap or a reset it throws a StreamGapError unless `onGap` takes it, and when the server asks not
   * to come back a StreamEndedError: nothing goes missing by silence. After a StreamGapError it may be called again
   * and goes on behind the gap. It ends after `close` or the signal; leaving the loop closes the connection.
   */
  events(options: { readonly onGap?: (error: StreamGapError) => void } = {}): AsyncIterableIterator<StreamedEvent> {
    return this.#iterate(async () => {
      for (let item = await this.#next(); item; item = await this.#next()) {
        if (item.type === 'event') return item.event;
        if (item.type === 'end') throw new StreamEndedError(item.cause);
        if (item.type === 'live') continue;
        const error = new StreamGapError(item.gap, item.type === 'reset');
        if (!options.onGap) throw error;
        options.onGap(error);
      }
      return undefined;
    });
  }

  /** Everything, gaps and turns to live included; `end` is the last when the server asks not to come back. */
  [Symbol.asyncIterator](): AsyncIterableIterator<ConnectionItem> {
    return this.#iterate(() => this.#next());
  }

  /** Goes on over another transport from where it stands: nothing is lost or repeated. */
  switchTransport(name: ClientTransport): void {
    this.#loop.switchTransport(name);
  }

  /** Ends it: loops end, and what has been read but not handed out is dropped (`cursor` does not count it). */
  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#signal?.removeEventListener('abort', this.#onAbort);
    this.#loop.stop('closed here');
    this.#inbox.clear();
  }

  readonly #onAbort = (): void => this.close();

  #iterate<T>(next: () => Promise<T | undefined>): AsyncIterableIterator<T> {
    const end = { done: true, value: undefined } as const;
    const iterator: AsyncIterableIterator<T> = {
      [Symbol.asyncIterator]: () => iterator,
      next: async () => {
        const value = await next();
        return value === undefined ? end : { done: false, value };
      },
      return: async () => {
        this.close();
        return end;
      },
    };
    return iterator;
  }

  async #next(): Promise<ConnectionItem | undefined> {
    // Two would share the items between them, and each would see gaps that are none.
    if (this.#isTaking) throw new Error('this connection is being read already: open another one');
    this.#isTaking = true;
    try {
      for (;;) {
        const entry = await this.#inbox.take();
        if (!entry) return undefined;
        this.#cursor = entry.cursor ?? this.#cursor;
        if (entry.item) return entry.item;
      }
    } finally {
      this.#isTaking = false;
    }
  }
}
