import { EVENT_BYTES_MAX } from '@/lib/core/event.ts';
import { type Prepared, type PreparedEvent, prepareEvent } from '@/lib/core/prepared-event.ts';
import { CHUNK_LIMITS, ChunkAppender } from './chunk-appender.ts';
import type { IngestTally } from './ingest-tally.ts';
import type { Line } from './line-splitter.ts';
import type { EventSink } from './named-appends.ts';
import type { Sender } from './sender.ts';
import { shorten } from './shorten.ts';

/** Checking an event takes about 10 µs: after so many the event loop gets a turn. */
const EVENTS_PER_TURN = 100;

export type IntakeOptions = {
  readonly sink: EventSink;
  readonly tally: IngestTally;
  readonly sender: Sender;
  readonly now: () => number;
  readonly idempotencyKey?: string | undefined;
  /** Where the key is made of the body: a repeat of it is known by that alone, whatever its events have become. */
  readonly bodyDigest?: string | undefined;
  /** The only services that this sender may write for; absent: any. */
  readonly services?: ReadonlySet<string> | undefined;
  /** Cuts what is too long or too much instead of refusing it: for protocols whose senders could do nothing about it. */
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
    this.#appender = new ChunkAppender(options.sink, options.tally, options.idempotencyKey, options.bodyDigest);
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
    if (line === null) return this.refuse(`expected a line of at most ${EVENT_BYTES_MAX} bytes`);
    if (line.trim() === '') return this.#next();
    let input: unknown;
    try {
      input = JSON.parse(line);
    } catch (error) {
      return this.refuse(`not valid JSON: ${(error as Error).message}`);
    }
    return this.take(input);
  }

  /** One event as its sender wrote it, see `prepareEvent`. A returned promise is to be awaited before the next one. */
  take(input: unknown): Promise<void> | undefined {
    const prepared = prepareEvent(input, this.#arrivedMs);
    const shorter = prepared.ok || !this.#options.cutsLong ? undefined : shorten(input);
    if (!shorter) return this.takePrepared(prepared);
    const cut = prepareEvent(shorter, this.#arrivedMs);
    if (cut.ok) this.#options.sender.truncated += 1;
    return this.takePrepared(cut);
  }

  takePrepared(prepared: Prepared): Promise<void> | undefined {
    if (!prepared.ok) return this.refuse(prepared.error);
    const { event } = prepared;
    const { sender, services } = this.#options;
    if (services && !services.has(event.service)) {
      return this.refuse(`service: this key may not write for "${event.service}"`);
    }
    sender.observe(event, this.#arrivedMs);
    this.#events.push(event);
    this.#chars += event.body.length;
    const isFull = this.#events.length >= CHUNK_LIMITS.eventsMax || this.#chars >= CHUNK_LIMITS.charsMax;
    const turn = this.#next();
    return isFull ? this.flush() : turn;
  }

  /** What was no event at all, or several that share what is wrong with them. A returned promise is to be awaited. */
  refuse(says: string, count = 1): Promise<void> | undefined {
    this.#options.tally.reject(this.#line + 1, says, count);
    return this.#next();
  }

  /** What there is nothing of to keep. A returned promise is to be awaited. */
  leave(count: number): Promise<void> | undefined {
    this.#options.tally.leave(count);
    return this.#next();
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

  /** Goes on by a line, of whatever kind: a body of nothing but errors must not keep the event loop either. */
  #next(): Promise<void> | undefined {
    this.#line += 1;
    return this.#line % EVENTS_PER_TURN === 0 ? new Promise((resolve) => setImmediate(resolve)) : undefined;
  }
}
