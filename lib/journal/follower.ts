import type { ResourceOwner } from '@/lib/core/ledger.ts';
import { RANK_NONE } from '@/lib/core/level.ts';
import type { Followed, HistoryStore, Lineage } from '@/lib/history/history-port.ts';
import { StoreError } from '@/lib/history/store-error.ts';
import { FollowPace, PACE, type PaceLimits } from './follow-pace.ts';
import { HotRing, type HotRingLimits } from './hot-ring.ts';
import { entryOf, type JournalEntry } from './journal-entry.ts';
import type { JournalView } from './journal-view.ts';
import { ServiceNames } from './service-names.ts';
import { readNewest } from './warm-up.ts';

/** A history that tells what another process has appended to it. */
export type FollowedStore = HistoryStore & Required<Pick<HistoryStore, 'follow'>>;

export type FollowerOptions = {
  readonly store: FollowedStore;
  readonly ring: HotRingLimits;
  /** Holds the timer. */
  readonly owner: ResourceOwner;
  readonly pace?: PaceLimits;
  /** Further behind it does not walk: it begins anew at the head, and readers take what lies between from the history. */
  readonly behindMax?: number;
  onError(error: unknown): void;
};

/** Who reads here. */
export type FollowerReaders = {
  /** Whether anybody waits for events. */
  isWatched(): boolean;
  /** Positions begin anew: calls `begin` while nobody reads under the old ones, and lets nobody in before it has resolved. */
  renew(epoch: string, begin: () => Promise<void>): Promise<void>;
};

/** In one look: more arrive in several, and the loop turns in between. */
const PAGE = { limit: 5000, bytesMax: 4 * 1024 * 1024 };
const BEHIND_MAX = 20_000;

/**
 * The journal of another process, followed through its database: only what is stored is seen, and nothing is ever
 * written. It looks again and again, and keeps the newest events in a ring as the journal itself does.
 */
export class Follower implements JournalView {
  readonly ring: HotRing;
  readonly services = new ServiceNames();
  readonly held = { events: 0, eventsMax: 0 };
  readonly #options: FollowerOptions;
  readonly #pace: FollowPace;
  readonly #listeners = new Set<() => void>();
  #readers: FollowerReaders | undefined;
  #epoch = '';
  #parent: Lineage | undefined;
  #headSeq = 0;
  #oldestSeq = 1;
  #looking: Promise<void> | undefined;
  #next: Promise<void> | undefined;
  #timer: NodeJS.Timeout | undefined;
  #isClosed = false;
  /** Looks since the start. */
  looks = 0;

  constructor(options: FollowerOptions) {
    this.#options = options;
    this.#pace = new FollowPace(options.pace ?? PACE);
    this.ring = new HotRing(options.ring);
  }

  get epoch(): string {
    return this.#epoch;
  }
  get parent(): Lineage | undefined {
    return this.#parent;
  }
  get headSeq(): number {
    return this.#headSeq;
  }
  /** What is not stored yet is not seen here. */
  get durableSeq(): number {
    return this.#headSeq;
  }
  get oldestSeq(): number {
    return this.#oldestSeq;
  }
  get store(): HistoryStore {
    return this.#options.store;
  }

  onCommit(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  noteOldest(seq: number): void {
    this.#oldestSeq = Math.max(this.#oldestSeq, seq);
  }

  shortenRing(on: boolean): void {
    this.ring.shorten(on, this.#headSeq);
  }

  /** Once. Rejects while there is no journal to follow. */
  async open(): Promise<void> {
    const { store, ring } = this.#options;
    const opened = await store.open();
    const newest = await readNewest(store, opened.headSeq, ring.bytesMax);
    for (const { service } of opened.series) this.services.add(service, RANK_NONE);
    this.#begin(opened, newest);
  }

  /** Looks again and again from now on, until `close`. */
  start(readers: FollowerReaders): void {
    this.#readers = readers;
    this.#options.owner.acquire('timer');
    this.#schedule();
  }

  /** A look that is under way may have passed what the caller wants to see, so the one after it is waited for. */
  refresh(): Promise<void> {
    if (this.#isClosed) return Promise.resolve();
    if (!this.#looking) return this.#look();
    this.#next ??= this.#looking.then(() => {
      this.#next = undefined;
      return this.#look();
    });
    return this.#next;
  }

  async close(): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    clearTimeout(this.#timer);
    if (this.#readers) this.#options.owner.release('timer');
    await this.#looking;
  }

  /** After each look, so that whoever comes to an idle follower is not left at its slow pace. */
  #schedule(): void {
    clearTimeout(this.#timer);
    if (this.#isClosed || !this.#readers) return;
    const waitMs = this.#pace.waitMs(performance.now(), this.#readers.isWatched());
    this.#timer = setTimeout(() => void this.refresh(), waitMs);
  }

  #look(): Promise<void> {
    this.#looking ??= this.#catchUp()
      .catch((error: unknown) => {
        // That the history is away is told by its guard.
        if (!this.#isClosed && !(error instanceof StoreError)) this.#options.onError(error);
      })
      .finally(() => {
        this.#looking = undefined;
        this.#schedule();
      });
    return this.#looking;
  }

  async #catchUp(): Promise<void> {
    const { store, behindMax = BEHIND_MAX } = this.#options;
    let isBehind = true;
    while (isBehind && !this.#isClosed) {
      this.looks += 1;
      const found = await store.follow(this.#headSeq, { ...PAGE, behindMax });
      if (found.epoch !== this.#epoch || found.headSeq < this.#headSeq) await this.#renew(found.epoch);
      else await this.#take(found);
      isBehind = this.#headSeq < found.headSeq;
    }
  }

  /** The owner began a new epoch, or stands behind what was shown here: its database is another one. */
  async #renew(epoch: string): Promise<void> {
    const begin = (): Promise<void> => this.open();
    await (this.#readers ? this.#readers.renew(epoch, begin) : begin());
    this.#notify();
  }

  async #take(found: Followed): Promise<void> {
    const { rows } = found;
    this.noteOldest(found.oldestSeq);
    if (found.headSeq === this.#headSeq) return;
    this.#pace.found(performance.now());
    if (rows[0]?.seq === this.#headSeq + 1) {
      this.#keep(rows.map(entryOf));
      this.#headSeq = rows.at(-1)?.seq ?? this.#headSeq;
    } else {
      // Too far behind, or retention was here first.
      const { store, ring } = this.#options;
      this.#begin(found, await readNewest(store, found.headSeq, ring.bytesMax));
    }
    this.#notify();
  }

  #begin(at: Pick<Followed, 'epoch' | 'parent' | 'oldestSeq' | 'headSeq'>, newest: readonly JournalEntry[]): void {
    this.ring.clear();
    this.#keep(newest);
    this.#epoch = at.epoch;
    this.#parent = at.parent;
    this.#oldestSeq = at.oldestSeq;
    this.#headSeq = at.headSeq;
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
