import { EVENT_BYTES_MAX, MESSAGE_BYTES_MAX } from '@/lib/core/event.ts';
import { type Prepared, type PreparedEvent, prepareEvent } from '@/lib/core/prepared-event.ts';
import { cutBytes, exceedsBytes } from '@/lib/core/text.ts';
import { CHUNK_LIMITS, ChunkAppender } from './chunk-appender.ts';
import type { IngestTally } from './ingest-tally.ts';
import type { Line } from './line-splitter.ts';
import type { EventSink } from './named-appends.ts';
import type { Sender } from './sender.ts';

/** Checking an event takes about 10 µs: after so many the event loop gets a turn. */
const EVENTS_PER_TURN = 100;

export type IntakeOptions = {
  readonly sink: EventSink;
  readonly tally: IngestTally;
  readonly sender: Sender;
  readonly now: () => number;
  readonly idempotencyKey?: string | undefined;
  /** The only services that this sender may write for; absent: any. */
  readonly services?: ReadonlySet<string> | undefined;
  /** Cuts a text that is too long instead of refusing it: for protocols whose senders could do nothing about it. */
  readonly cutsLong?: boolean;
};

/**
 * The way of one request's events into the journal: checks each, gathers them into chunks, counts the others, and gives
 * the event loop a turn in between. Every protocol ends here.
 */
export class EventIntake {
  readonly #options: IntakeOptions;
  readonly #appender: ChunkAppender;
  #events: PreparedEvent[] = [];
  #chars = 0;
  #line = 0;
  #arrivedMs: number;

  constructor(options: IntakeOptions) {
    this.#options = options;
    this.#appender = new ChunkAppender(options.sink, options.tally, options.idempotencyKey);
    this.#arrivedMs = options.now();
  }

  /** Under an Idempotency-Key chunks must be cut by their content alone. */
  get isNamed(): boolean {
    return this.#appender.isNamed;
  }

  /** What comes now arrives together: asking the clock for each line would cost a tenth of parsing it. */
  arrive(): number {
    this.#arrivedMs = this.#options.now();
    return this.#arrivedMs;
  }

  /** Returns a promise only when there is something to wait for: awaiting each line would cost more than parsing it. */
  takeLine(line: Line): Promise<void> | undefined {
    if (line === null) {
      this.refuse(`expected a line of at most ${EVENT_BYTES_MAX} bytes`);
      return undefined;
    }
    if (line.trim() === '') {
      this.#line += 1;
      return undefined;
    }
    let input: unknown;
    try {
      input = JSON.parse(line);
    } catch (error) {
      this.refuse(`not valid JSON: ${(error as Error).message}`);
      return undefined;
    }
    return this.take(input);
  }

  /** One event as its sender wrote it, see `prepareEvent`. A returned promise is to be awaited before the next one. */
  take(input: unknown): Promise<void> | undefined {
    return this.takePrepared(prepareEvent(this.#options.cutsLong ? this.#cut(input) : input, this.#arrivedMs));
  }

  takePrepared(prepared: Prepared): Promise<void> | undefined {
    this.#line += 1;
    const { tally, sender, services } = this.#options;
    if (!prepared.ok) tally.reject(this.#line, prepared.error);
    else if (services && !services.has(prepared.event.service)) {
      tally.reject(this.#line, `service: this key may not write for "${prepared.event.service}"`);
    } else {
      sender.observe(prepared.event, this.#arrivedMs);
      this.#events.push(prepared.event);
      this.#chars += prepared.event.body.length;
    }
    if (this.#events.length >= CHUNK_LIMITS.eventsMax || this.#chars >= CHUNK_LIMITS.charsMax) return this.flush();
    if (this.#line % EVENTS_PER_TURN === 0) return new Promise((resolve) => setImmediate(resolve));
    return undefined;
  }

  /** What was no event at all, or several that share what is wrong with them. */
  refuse(says: string, count = 1): void {
    this.#line += 1;
    this.#options.tally.reject(this.#line, says, count);
  }

  /** Sends what has been gathered on its way. Rejects with an earlier failure. */
  flush(): Promise<void> {
    const events = this.#events;
    this.#events = [];
    this.#chars = 0;
    return this.#appender.add(events);
  }

  /** Resolves when everything on its way has been stored or refused. */
  settle(): Promise<void> {
    return this.#appender.settle();
  }

  /** Resolves when everything that was flushed is durable. Rejects with the first failure. */
  finish(): Promise<void> {
    return this.#appender.finish();
  }

  #cut(input: unknown): unknown {
    if (typeof input !== 'object' || input === null || !('message' in input)) return input;
    const { message } = input;
    if (typeof message !== 'string' || !exceedsBytes(message, MESSAGE_BYTES_MAX)) return input;
    this.#options.sender.truncated += 1;
    const cutAttributes = { truncatedFromChars: message.length };
    const attributes = 'attributes' in input && typeof input.attributes === 'object' ? input.attributes : {};
    return { ...input, message: cutBytes(message, MESSAGE_BYTES_MAX), attributes: { ...attributes, ...cutAttributes } };
  }
}
