import type { Clock } from '@/lib/core/clock.ts';
import { AppError } from '@/lib/core/errors.ts';
import { type Level, RANK_NONE, rankOf } from '@/lib/core/level.ts';
import type { PreparedEvent } from '@/lib/core/prepared-event.ts';
import type { Batch, HistoryStore } from '@/lib/history/history-port.ts';
import { BatchBuilder } from './batch-builder.ts';
import { HotRing, type HotRingLimits } from './hot-ring.ts';
import { entryBytes, type JournalEntry } from './journal-entry.ts';
import { SeriesRegistry } from './series-registry.ts';
import { ServiceNames } from './service-names.ts';

export type JournalOptions = {
  readonly store: HistoryStore;
  readonly clock: Clock;
  readonly ring: HotRingLimits;
  /** Events and bytes that may wait for a commit; beyond them `append` refuses with storage-overloaded. */
  readonly pendingEventsMax: number;
  readonly pendingBytesMax: number;
  /** Events in one commit at most. */
  readonly batchEventsMax: number;
  /** Commits start at least so far apart, so that a trickle of small appends shares them. */
  readonly commitIntervalMs: number;
  readonly seriesMax: number;
};

/** Where appended events stand: `firstSeq` to `lastSeq`. */
export type Placement = { readonly firstSeq: number; readonly lastSeq: number };

/** Names an append, so that a repeat of it is recognised: see `Receipt`. */
export type AppendName = { readonly key: string; readonly digest: string };

type Waiting = {
  readonly events: readonly PreparedEvent[];
  readonly bytes: number;
  readonly name: AppendName | undefined;
  readonly resolve: (placement: Placement) => void;
  readonly reject: (error: Error) => void;
};

const RETRY_AFTER_S = 2;
/** A commit crosses to the thread of the history as one string; Prisma keeps the arguments of its last calls in memory. */
const BATCH_BYTES_MAX = 1024 * 1024;
const WARM_UP_EVENTS = 5000;
const WARM_UP_BYTES_MAX = 16 * 1024 * 1024;

/**
 * The one ordered journal. An append is durable before it has a position that anyone can see (DESIGN invariant 1);
 * concurrent appends share a commit; positions are gap-free and equal to commit order.
 */
export class Journal {
  readonly ring: HotRing;
  readonly series: SeriesRegistry;
  readonly services = new ServiceNames();
  readonly #options: JournalOptions;
  readonly #listeners = new Set<() => void>();
  #epoch = '';
  #headSeq = 0;
  #oldestSeq = 1;
  #waiting: Waiting[] = [];
  #pendingEvents = 0;
  #pendingBytes = 0;
  #committing: Promise<void> | undefined;
  #lastReceivedMs = 0;
  #inDoubt = false;

  constructor(options: JournalOptions) {
    this.#options = options;
    this.ring = new HotRing(options.ring);
    this.series = new SeriesRegistry(options.seriesMax);
  }

  get epoch(): string {
    return this.#epoch;
  }
  /** Seq of the newest committed event, 0 when there is none. */
  get headSeq(): number {
    return this.#headSeq;
  }
  get oldestSeq(): number {
    return this.#oldestSeq;
  }
  get pendingEvents(): number {
    return this.#pendingEvents;
  }
  get store(): HistoryStore {
    return this.#options.store;
  }

  async open(): Promise<void> {
    const opened = await this.#options.store.open();
    if (opened.headSeq !== this.#headSeq) this.ring.clear();
    this.#epoch = opened.epoch;
    this.#headSeq = opened.headSeq;
    this.#oldestSeq = opened.oldestSeq;
    this.#lastReceivedMs = Math.max(this.#lastReceivedMs, opened.headReceivedMs);
    this.series.load(opened.series);
    for (const { service } of opened.series) this.services.add(service);
    await this.#warmUp();
  }

  /** After a restart the crowd that comes back asks for the newest events: they are read once, not once a client. */
  async #warmUp(): Promise<void> {
    const bytesMax = Math.min(this.#options.ring.bytesMax, WARM_UP_BYTES_MAX);
    const query = {
      filter: {},
      direction: 'backward',
      from: this.#headSeq + 1,
      limit: WARM_UP_EVENTS,
      bytesMax,
    } as const;
    const { rows } = await this.#options.store.read(query);
    if (this.ring.size > 0) return;
    for (const { seq, kind, body } of rows.reverse()) {
      const { service, level } = JSON.parse(body) as { service: string; level?: Level };
      this.ring.push({ seq, kind, service, rank: level ? rankOf(level) : RANK_NONE, body });
      this.services.add(service);
    }
  }

  /** Calls back after each commit; returns the function that ends it. */
  onCommit(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Retention removed everything before this seq. */
  noteOldest(seq: number): void {
    this.#oldestSeq = Math.max(this.#oldestSeq, seq);
  }

  /**
   * Resolves once the events are durable. Rejects with an AppError (503) when nothing of them was stored.
   * @param events at least one
   */
  append(events: readonly PreparedEvent[], name?: AppendName): Promise<Placement> {
    const { pendingEventsMax, pendingBytesMax } = this.#options;
    let bytes = 0;
    for (const event of events) bytes += entryBytes(event);
    const tooMany =
      this.#pendingEvents + events.length > pendingEventsMax || this.#pendingBytes + bytes > pendingBytesMax;
    if (tooMany && this.#pendingEvents > 0) {
      const message = `expected at most ${pendingEventsMax} events waiting to be stored, which is reached; send again later`;
      return Promise.reject(new AppError('storage-overloaded', message, { retryAfterS: RETRY_AFTER_S }));
    }
    this.#pendingEvents += events.length;
    this.#pendingBytes += bytes;
    return new Promise((resolve, reject) => {
      this.#waiting.push({ events, bytes, name, resolve, reject });
      this.#committing ??= this.#commitAll();
    });
  }

  /** Waits for what has been appended so far. */
  async flush(): Promise<void> {
    while (this.#committing) await this.#committing;
  }

  async #commitAll(): Promise<void> {
    // Lets the appends of this turn of the event loop join the first commit.
    await new Promise<void>((resolve) => setImmediate(resolve));
    while (this.#waiting.length > 0) {
      const startedAt = performance.now();
      await this.#commitOne(this.#takeBatch());
      const restMs = this.#options.commitIntervalMs - (performance.now() - startedAt);
      if (restMs >= 1 && this.#pendingEvents < this.#options.batchEventsMax) {
        await new Promise<void>((resolve) => setTimeout(resolve, restMs));
      }
    }
    this.#committing = undefined;
  }

  #takeBatch(): Waiting[] {
    let [count, bytes, taken] = [0, 0, 0];
    for (const waiting of this.#waiting) {
      count += waiting.events.length;
      bytes += waiting.bytes;
      if (taken > 0 && (count > this.#options.batchEventsMax || bytes > BATCH_BYTES_MAX)) break;
      taken += 1;
    }
    return this.#waiting.splice(0, taken);
  }

  async #commitOne(group: readonly Waiting[]): Promise<void> {
    let batch: Batch | undefined;
    try {
      if (this.#inDoubt) await this.#resolveDoubt();
      const builder = new BatchBuilder(this.#headSeq + 1, this.series);
      const placements = group.map((waiting) => place(builder, this.#headSeq, waiting));
      // A clock that is set back must not break the order that searches by time rely on.
      this.#lastReceivedMs = Math.max(this.#lastReceivedMs, this.#options.clock.now());
      batch = builder.build(this.#lastReceivedMs);
      await this.#store(batch);
      this.#publish(builder.entries);
      for (const [index, waiting] of group.entries()) waiting.resolve(placements[index] as Placement);
    } catch (error) {
      if (batch) this.series.forget(batch.series);
      const message = 'the history store did not take the events; nothing of them was stored, send again later';
      const refusal = new AppError('storage-unavailable', message, { retryAfterS: RETRY_AFTER_S, cause: error });
      for (const waiting of group) waiting.reject(refusal);
    } finally {
      for (const waiting of group) {
        this.#pendingEvents -= waiting.events.length;
        this.#pendingBytes -= waiting.bytes;
      }
    }
  }

  /** A failed append may have been committed all the same (the thread died after COMMIT): the head tells. */
  async #store(batch: Batch): Promise<void> {
    try {
      await this.#options.store.append(batch);
    } catch (error) {
      this.#inDoubt = true;
      const { headSeq } = await this.#options.store.bounds();
      const wasStored = headSeq === batch.firstSeq + batch.count - 1;
      // Any other head than before is news to us: the next commit opens the store again and learns it.
      this.#inDoubt = !wasStored && headSeq !== this.#headSeq;
      if (!wasStored) throw error;
    }
  }

  async #resolveDoubt(): Promise<void> {
    await this.open();
    this.#inDoubt = false;
    this.#notify();
  }

  #publish(entries: readonly JournalEntry[]): void {
    for (const entry of entries) {
      this.ring.push(entry);
      this.services.add(entry.service);
    }
    this.#headSeq += entries.length;
    this.#notify();
  }

  #notify(): void {
    for (const listener of this.#listeners) listener();
  }
}

function place(builder: BatchBuilder, headSeq: number, { events, name }: Waiting): Placement {
  const firstSeq = headSeq + 1 + builder.entries.length;
  builder.add(events);
  const placement = { firstSeq, lastSeq: firstSeq + events.length - 1 };
  if (name) builder.addReceipt({ ...name, ...placement });
  return placement;
}
