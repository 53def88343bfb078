import { EVENT_BYTES_MAX } from '@/lib/core/event.ts';
import { type Prepared, type PreparedEvent, prepareEvent } from '@/lib/core/prepared-event.ts';
import { CHUNK_LIMITS } from '@/lib/wire/ingest-chunk.ts';
import type { BegunBodies, BodyMark } from './begun-bodies.ts';
import { type AppenderOptions, ChunkAppender } from './chunk-appender.ts';
import type { Line } from './line-splitter.ts';
import type { Sender } from './sender.ts';
import { shorten } from './shorten.ts';

/** Checking an event takes about 10 µs: after so many the event loop gets a turn. */
const EVENTS_PER_TURN = 100;

export type IntakeOptions = AppenderOptions & {
  readonly sender: Sender;
  readonly now: () => number;
  /** Where bodies that broke off are remembered; absent: nowhere. */
  readonly begunBodies?: BegunBodies | undefined;
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
  /** Of the beginning, stored by an earlier try. */
  #begunItems = 0;
  #body: BodyMark | undefined;
  #arrivedMs: number;

  constructor(options: IntakeOptions) {
    this.#options = options;
    this.#appender = new ChunkAppender(options);
    this.#arrivedMs = options.now();
  }

  /** Under an Idempotency-Key chunks must be cut by their content alone. */
  get isNamed(): boolean {
    return this.#appender.isNamed;
  }

  /**
   * To be called before the first event, where all come from one body that its sender may repeat: if an earlier try of it
   * broke off, what that has stored is counted and not stored again. Under an Idempotency-Key the journal knows.
   */
  resume(body: BodyMark): void {
    const { begunBodies, sender, tally } = this.#options;
    if (this.isNamed) return;
    this.#body = body;
    const begun = begunBodies?.take(sender, body);
    if (!begun) return;
    this.#begunItems = begun.items;
    this.#appender.resume(begun);
    tally.place(begun.placed);
  }

  /** Items at the beginning that are stored, or refused for good: after a failure the rest begins behind them. */
  get itemsDone(): number {
    return this.#appender.begun?.items ?? 0;
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
    return this.takePrepared(prepareEvent(shorter, this.#arrivedMs), true);
  }

  takePrepared(prepared: Prepared, isCut = false): Promise<void> | undefined {
    if (!prepared.ok) return this.refuse(prepared.error);
    const { event } = prepared;
    const { sender, services, tally } = this.#options;
    if (services && !services.has(event.service)) {
      return this.refuse(`service: this key may not write for "${event.service}"`);
    }
    if (this.#line < this.#begunItems) {
      tally.repeat();
      return this.#next();
    }
    if (isCut) sender.truncated += 1;
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
    return this.#appender.add(events, this.#line);
  }

  /**
   * Takes all that `feed` gives it. Resolves when everything valid is durable, or held. Rejects with the first failure, when
   * nothing is on its way any more, so that the tally says what was stored.
   * @param onHandedOn called when all is on its way, in its order
   */
  async takeAll(feed: () => Promise<void>, onHandedOn?: () => void): Promise<void> {
    try {
      await feed();
      const flushed = this.flush();
      onHandedOn?.();
      await flushed;
    } catch (error) {
      await this.#appender.settle();
      this.#breakOff();
      throw error;
    }
    await this.finish();
  }

  /** Resolves when everything that was flushed is durable, or held. Rejects with the first failure. */
  async finish(): Promise<void> {
    try {
      await this.#appender.finish();
    } catch (error) {
      this.#breakOff();
      throw error;
    }
  }

  /** Its sender is told of a failure, and may come again with all of it. */
  #breakOff(): void {
    const { begun } = this.#appender;
    if (this.#body && begun) this.#options.begunBodies?.put(this.#options.sender, this.#body, begun);
    this.#body = undefined;
  }

  /** Goes on by a line, of whatever kind: a body of nothing but errors must not keep the event loop either. */
  #next(): Promise<void> | undefined {
    this.#line += 1;
    return this.#line % EVENTS_PER_TURN === 0 ? new Promise((resolve) => setImmediate(resolve)) : undefined;
  }
}
