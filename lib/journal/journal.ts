import type { AppendChain } from '@/lib/core/append-chain.ts';
import type { Clock } from '@/lib/core/clock.ts';
import { RANK_NONE } from '@/lib/core/level.ts';
import type { PreparedEvent } from '@/lib/core/prepared-event.ts';
import type { HistoryStore, Lineage, OpenOptions } from '@/lib/history/history-port.ts';
import { type AppendName, AppendQueue, type AppendQueueLimits, type Placement, type Waiting } from './append-queue.ts';
import { type BuiltBatch, buildBatch } from './built-batch.ts';
import { Holding, type HoldOptions } from './holding.ts';
import { HotRing, type HotRingLimits } from './hot-ring.ts';
import type { JournalEntry } from './journal-entry.ts';
import type { JournalView } from './journal-view.ts';
import { fullHold, heldName, notKnown, refusalOf, refuse, unbroken } from './refusals.ts';
import { SeriesRegistry } from './series-registry.ts';
import { ServiceNames } from './service-names.ts';
import { storeBatch } from './store-batch.ts';
import { readNewest } from './warm-up.ts';

export type JournalOptions = AppendQueueLimits & {
  readonly store: HistoryStore;
  readonly clock: Clock;
  readonly ring: HotRingLimits;
  /** Commits start at least so far apart, so that a trickle of small appends shares them. */
  readonly commitIntervalMs: number;
  readonly seriesMax: number;
  /** Absent: nothing is held while the history is away; every append is refused. */
  readonly hold?: HoldOptions;
};

/** While holding nothing waits for a disk, and fewer, larger batches are stored sooner afterwards. */
const HOLD_INTERVAL_MS = 50;
const SEEN = Promise.resolve();

/**
 * The one ordered journal. An append is durable before it has a position that anyone can see; while the history is away
 * it is held, and shown as not durable (DESIGN invariant 1). Concurrent appends share a commit; positions are gap-free
 * and equal to commit order.
 */
export class Journal implements JournalView {
  readonly ring: HotRing;
  readonly series: SeriesRegistry;
  readonly services = new ServiceNames();
  readonly #options: JournalOptions;
  readonly #queue: AppendQueue;
  readonly #hold: Holding | undefined;
  readonly #listeners = new Set<() => void>();
  #epoch = '';
  #parent: Lineage | undefined;
  #headSeq = 0;
  #oldestSeq = 1;
  #committing: Promise<void> | undefined;
  #lastReceivedMs = 0;
  #inDoubt = false;

  constructor(options: JournalOptions) {
    this.#options = options;
    this.#queue = new AppendQueue(options);
    this.ring = new HotRing(options.ring);
    this.series = new SeriesRegistry(options.seriesMax);
    const { hold, store } = options;
    this.#hold = hold && new Holding(hold, store, this.ring, () => this.#notify());
  }

  get epoch(): string {
    return this.#epoch;
  }
  /** The epoch before, and how far this one shares its positions. */
  get parent(): Lineage | undefined {
    return this.#parent;
  }
  /** Seq of the newest event that has been shown, 0 when there is none. */
  get headSeq(): number {
    return this.#headSeq;
  }
  /** Seq of the newest stored event; below `headSeq` while events are held. */
  get durableSeq(): number {
    return (this.#hold?.firstSeq ?? this.#headSeq + 1) - 1;
  }
  get held(): { events: number; eventsMax: number } {
    return { events: this.#hold?.events ?? 0, eventsMax: this.#hold?.eventsMax ?? 0 };
  }
  get oldestSeq(): number {
    return this.#oldestSeq;
  }
  get pendingEvents(): number {
    return this.#queue.events;
  }
  get store(): HistoryStore {
    return this.#options.store;
  }

  /** Once, at the start. Positions that were shown and lost in a crash end their epoch here. */
  async open(): Promise<void> {
    const lostEpoch = await this.#hold?.lostEpoch();
    await this.#load(lostEpoch === undefined ? {} : { lostEpoch });
    await this.#hold?.prepare();
  }

  async #load(options: OpenOptions): Promise<void> {
    const opened = await this.#options.store.open(options);
    if (opened.headSeq !== this.#headSeq) this.ring.clear();
    this.#epoch = opened.epoch;
    this.#parent = opened.parent;
    this.#headSeq = opened.headSeq;
    this.#oldestSeq = opened.oldestSeq;
    this.#lastReceivedMs = Math.max(this.#lastReceivedMs, opened.headReceivedMs);
    this.series.load(opened.series);
    for (const { service } of opened.series) this.services.add(service, RANK_NONE);
    const newest = await readNewest(this.#options.store, this.#headSeq, this.#options.ring.bytesMax);
    if (this.ring.size === 0) this.#keep(newest);
  }

  /** Calls back after each commit; returns the function that ends it. */
  onCommit(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** What is stored is stored by it. */
  refresh(): Promise<void> {
    return SEEN;
  }

  /** Retention removed everything before this seq. */
  noteOldest(seq: number): void {
    this.#oldestSeq = Math.max(this.#oldestSeq, seq);
  }

  /** Under memory pressure: the ring holds half as much from now on, or as much as ever. Held events stay. */
  shortenRing(on: boolean): void {
    this.ring.shorten(on, this.durableSeq);
  }

  /**
   * Resolves once the events are durable, or held and shown. Rejects with an AppError (503) when nothing of them was
   * stored, or when that is not known.
   * @param events at least one
   * @param chain what it belongs behind: refused when that was
   */
  append(events: readonly PreparedEvent[], name?: AppendName, chain?: AppendChain): Promise<Placement> {
    const placement = this.#queue.add(events, name, chain);
    if (!this.#queue.isEmpty) this.#committing ??= this.#commitAll();
    return placement;
  }

  /** Waits for what has been appended so far. */
  async flush(): Promise<void> {
    while (this.#committing) await this.#committing;
  }

  /** Resolves to the number of events that were shown and are still not stored after so long. */
  async close(graceMs: number): Promise<number> {
    await this.flush();
    return (await this.#hold?.close(graceMs)) ?? 0;
  }

  async #commitAll(): Promise<void> {
    // Lets the appends of this turn of the event loop join the first commit.
    await new Promise<void>((resolve) => setImmediate(resolve));
    while (!this.#queue.isEmpty) {
      const startedAt = performance.now();
      await this.#commitOne(unbroken(this.#queue.take()));
      const intervalMs = this.#hold?.isActive ? HOLD_INTERVAL_MS : this.#options.commitIntervalMs;
      const restMs = intervalMs - (performance.now() - startedAt);
      if (restMs >= 1 && this.#queue.events < this.#options.batchEventsMax) {
        await new Promise<void>((resolve) => setTimeout(resolve, restMs));
      }
    }
    this.#committing = undefined;
  }

  async #commitOne(group: readonly Waiting[]): Promise<void> {
    if (group.length === 0) return;
    try {
      if (this.#inDoubt) await this.#resolveDoubt();
      if (this.#hold && (await this.#mustHold(this.#hold, group))) this.#holdGroup(this.#hold, group);
      else await this.#storeGroup(group);
    } catch (error) {
      for (const waiting of group) refuse(waiting, refusalOf(error));
    }
  }

  /** With nothing held yet, what cannot be held is tried on the store, which refuses it or takes it as a probe. */
  async #mustHold(hold: Holding, group: readonly Waiting[]): Promise<boolean> {
    if (hold.isActive) return true;
    const first = group.find(({ name }) => !name);
    return hold.isDue && !!first && hold.hasRoom(first.events.length, first.bytes) && hold.begin(this.#epoch);
  }

  /** A repeat of a named append would not be recognised, since its receipt is not stored, so these have to wait. */
  #holdGroup(hold: Holding, group: readonly Waiting[]): void {
    const fitting = hold.fitting(group.filter(({ name }) => !name));
    if (fitting.length > 0) {
      const built = this.#build(fitting);
      hold.add(built.batch, built.bytes, false);
      this.#publish(built.entries);
      built.resolve(false);
    }
    for (const waiting of group) {
      if (!fitting.includes(waiting)) refuse(waiting, waiting.name ? heldName(hold) : fullHold(hold));
    }
  }

  async #storeGroup(group: readonly Waiting[]): Promise<void> {
    const built = this.#build(group);
    const stored = await storeBatch(this.#options.store, built.batch);
    const isDoubtful = stored.outcome === 'unknown';
    if (stored.outcome === 'stored' || (isDoubtful && (await this.#holdDoubtful(built)))) {
      this.#publish(built.entries);
      built.resolve(!isDoubtful);
      return;
    }
    this.series.forget(built.batch.series);
    // The next commit opens the store again and learns where it ends.
    this.#inDoubt = isDoubtful || stored.outcome === 'strange';
    throw isDoubtful ? notKnown(stored.error) : stored.error;
  }

  /**
   * Neither "stored" nor "not stored" would be true. Held as the first batch, with its seqs, either becomes right: it is
   * found there later, or appended again.
   */
  async #holdDoubtful({ batch, bytes }: BuiltBatch): Promise<boolean> {
    const hold = this.#hold;
    if (!hold?.hasRoom(batch.count, bytes) || !(await hold.begin(this.#epoch))) return false;
    hold.add(batch, bytes, true);
    return true;
  }

  #build(group: readonly Waiting[]): BuiltBatch {
    // A clock that is set back must not break the order that searches by time rely on.
    this.#lastReceivedMs = Math.max(this.#lastReceivedMs, this.#options.clock.now());
    return buildBatch(group, this.#headSeq, this.series, this.#lastReceivedMs);
  }

  async #resolveDoubt(): Promise<void> {
    await this.#load({});
    this.#inDoubt = false;
    this.#notify();
  }

  #publish(entries: readonly JournalEntry[]): void {
    this.#keep(entries);
    this.#headSeq += entries.length;
    this.#notify();
  }

  #keep(entries: readonly JournalEntry[]): void {
    for (const entry of entries) {
      this.ring.push(entry);
      this.services.add(entry.service, entry.rank);
    }
  }

  #notify(): void {
    for (const listener of this.#listeners) listener();
  }
}
