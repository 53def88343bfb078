import type { CircuitBreaker } from '@/lib/core/circuit-breaker.ts';
import type { ResourceOwner } from '@/lib/core/ledger.ts';
import type { Batch, HistoryStore } from '@/lib/history/history-port.ts';
import type { HoldMarker } from '@/lib/history/hold-marker.ts';
import { StoreError } from '@/lib/history/store-error.ts';
import type { Waiting } from './append-queue.ts';
import type { HotRing } from './hot-ring.ts';

export type HoldOptions = {
  /** Events held at most, and never more than the ring holds; 0: none. */
  readonly eventsMax: number;
  readonly breaker: CircuitBreaker;
  readonly marker: HoldMarker;
  /** Holds a `timer` while the next try is due. */
  readonly owner?: ResourceOwner;
  onError(error: unknown): void;
};

type Held = { readonly batch: Batch; readonly bytes: number; isInDoubt: boolean };

/** Between two tries that the breaker does not pace, such as one that was refused because another call is its probe. */
const RETRY_MS = 200;

/**
 * Events that have been shown but are not stored, since the history is away: built batches, in order, whose turn comes
 * when it is back (DESIGN invariant 1). They are kept in the ring as well, so every reader of them finds them there.
 */
export class Holding {
  readonly #options: HoldOptions;
  readonly #store: HistoryStore;
  readonly #ring: HotRing;
  readonly #onStored: () => void;
  #batches: Held[] = [];
  #events = 0;
  #bytes = 0;
  #canMark = false;
  #toldOfStranger = false;
  #storing: Promise<void> | undefined;
  #timer: NodeJS.Timeout | undefined;
  #closed = false;

  /** @param onStored called after each batch that has become durable */
  constructor(options: HoldOptions, store: HistoryStore, ring: HotRing, onStored: () => void) {
    this.#options = options;
    this.#store = store;
    this.#ring = ring;
    this.#onStored = onStored;
  }

  get events(): number {
    return this.#events;
  }
  get eventsMax(): number {
    return this.#canMark ? this.#options.eventsMax : 0;
  }
  /** Something is held: what comes now has to go behind it. */
  get isActive(): boolean {
    return this.#batches.length > 0;
  }
  /** What comes now is to be held, if it can be. */
  get isDue(): boolean {
    return this.isActive || this.#options.breaker.state !== 'closed';
  }
  /** The first seq that is not stored; undefined when all are. */
  get firstSeq(): number | undefined {
    return this.#batches[0]?.batch.firstSeq;
  }
  get retryAfterS(): number {
    return Math.max(1, Math.ceil(this.#options.breaker.waitMs / 1000));
  }

  /** The epoch of which positions were given away and perhaps not stored before the program ended. */
  async lostEpoch(): Promise<string | undefined> {
    return this.#options.marker.read();
  }

  /** Makes the marker ready; where it cannot be written nothing is ever held. */
  async prepare(): Promise<void> {
    try {
      await this.#options.marker.prepare();
      this.#canMark = true;
    } catch (error) {
      this.#options.onError(error);
    }
  }

  hasRoom(events: number, bytes: number): boolean {
    const { eventsMax, bytesMax } = this.#ring.limits;
    const most = Math.min(this.eventsMax, eventsMax);
    return this.#events + events <= most && this.#bytes + bytes <= bytesMax;
  }

  /** Those that there is room for; once one is too many, those behind it are too: a sender's chunks must not overtake. */
  fitting(group: readonly Waiting[]): Waiting[] {
    let [events, bytes] = [0, 0];
    const end = group.findIndex((waiting) => {
      events += waiting.events.length;
      bytes += waiting.bytes;
      return !this.hasRoom(events, bytes);
    });
    return group.slice(0, end < 0 ? group.length : end);
  }

  /** Before the first held event is shown: false when it must not be, since a crash could give its position to another. */
  async begin(epoch: string): Promise<boolean> {
    if (!this.#canMark || this.#closed) return false;
    try {
      await this.#options.marker.set(epoch);
      return true;
    } catch (error) {
      this.#options.onError(error);
      return false;
    }
  }

  /** @param isInDoubt the store was given it before and may have stored it */
  add(batch: Batch, bytes: number, isInDoubt: boolean): void {
    this.#batches.push({ batch, bytes, isInDoubt });
    this.#events += batch.count;
    this.#bytes += bytes;
    this.#schedule();
  }

  /**
   * Tries for so long to store the rest, without regard to the breaker's pace. Resolves to the number of events that are
   * not stored; the marker then stays set, so that the next start begins a new epoch.
   */
  async close(graceMs: number): Promise<number> {
    let isLate = false;
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<void>((resolve) => {
      timer = setTimeout(() => {
        isLate = true;
        resolve();
      }, graceMs);
    });
    this.#stopTimer();
    while (this.isActive && !isLate) {
      this.#options.breaker.hurry();
      await Promise.race([this.#try(), late]);
      this.#stopTimer();
      if (this.isActive) await Promise.race([pause(RETRY_MS), late]);
    }
    clearTimeout(timer);
    this.#closed = true;
    this.#stopTimer();
    await this.#options.marker.close();
    return this.#events;
  }

  #schedule(): void {
    if (this.#timer || this.#storing || this.#closed || !this.isActive) return;
    const pauseMs = Math.max(this.#options.breaker.waitMs, RETRY_MS);
    this.#timer = setTimeout(() => {
      this.#stopTimer();
      void this.#try();
    }, pauseMs);
    this.#timer.unref();
    this.#options.owner?.acquire('timer');
  }

  #stopTimer(): void {
    if (!this.#timer) return;
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#options.owner?.release('timer');
  }

  #try(): Promise<void> {
    this.#storing ??= this.#storeAll()
      // The breaker has been told and tells the log.
      .catch(() => undefined)
      .finally(() => {
        this.#storing = undefined;
        this.#schedule();
      });
    return this.#storing;
  }

  async #storeAll(): Promise<void> {
    for (let first = this.#batches[0]; first && !this.#closed; first = this.#batches[0]) {
      await this.#storeOne(first);
      this.#batches.shift();
      this.#events -= first.batch.count;
      this.#bytes -= first.bytes;
      // Asked for in the same turn: whoever begins to hold again sets it after this.
      if (!this.isActive) this.#options.marker.clear().catch(this.#options.onError);
      this.#onStored();
    }
  }

  async #storeOne(held: Held): Promise<void> {
    if (held.isInDoubt && (await this.#isStored(held.batch))) return;
    try {
      await this.#store.append(held.batch);
    } catch (error) {
      // A thread that died after COMMIT, a commit that came too late: asked about before it is tried again.
      held.isInDoubt ||= !(error instanceof StoreError && error.outcome === 'refused');
      throw error;
    }
  }

  async #isStored({ firstSeq, count }: Batch): Promise<boolean> {
    const { headSeq } = await this.#store.bounds();
    if (headSeq === firstSeq + count - 1) return true;
    if (headSeq === firstSeq - 1) return false;
    const message = `the history ends at ${headSeq}, the journal expected ${firstSeq - 1}: somebody else has changed the database. ${this.#events} events cannot be stored; restart Tailrace, which then begins a new epoch`;
    const error = new Error(message);
    if (!this.#toldOfStranger) this.#options.onError(error);
    this.#toldOfStranger = true;
    throw error;
  }
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
