import type { AppendChain } from '@/lib/core/append-chain.ts';
import { AppError } from '@/lib/core/errors.ts';
import type { PreparedEvent } from '@/lib/core/prepared-event.ts';
import { entryBytes } from './journal-entry.ts';

/** Where appended events stand: `firstSeq` to `lastSeq`. */
export type Placement = {
  readonly firstSeq: number;
  readonly lastSeq: number;
  /** false: delivered, but held in memory until the history is back. Absent: stored. */
  readonly durable?: false;
};

/** Names an append, so that a repeat of it is recognised: see `Receipt`. */
export type AppendName = { readonly key: string; readonly digest: string };

export type Waiting = {
  readonly events: readonly PreparedEvent[];
  readonly bytes: number;
  readonly name: AppendName | undefined;
  readonly chain: AppendChain | undefined;
  readonly resolve: (placement: Placement) => void;
  readonly reject: (error: unknown) => void;
  /** Gives its room in the queue back: called right before it is answered. */
  readonly release: () => void;
};

export type AppendQueueLimits = {
  /** Events and bytes that may wait for a commit. */
  readonly pendingEventsMax: number;
  readonly pendingBytesMax: number;
  /** Events in one commit at most. */
  readonly batchEventsMax: number;
};

export const RETRY_AFTER_S = 2;
/** A commit crosses to the thread of the history as one string; Prisma keeps the arguments of its last calls in memory. */
const BATCH_BYTES_MAX = 1024 * 1024;

/** Appends that wait for their commit, bounded by events and bytes. */
export class AppendQueue {
  readonly #limits: AppendQueueLimits;
  #waiting: Waiting[] = [];
  #events = 0;
  #bytes = 0;

  constructor(limits: AppendQueueLimits) {
    this.#limits = limits;
  }

  /** Events that wait, or are in the commit that is being made. */
  get events(): number {
    return this.#events;
  }
  get isEmpty(): boolean {
    return this.#waiting.length === 0;
  }

  /**
   * Rejects with storage-overloaded when there is no room, and as its chain has failed; one that is larger than the bound is
   * taken when nothing waits.
   */
  add(events: readonly PreparedEvent[], name?: AppendName, chain?: AppendChain): Promise<Placement> {
    if (chain?.failure) return Promise.reject(chain.failure);
    const { pendingEventsMax, pendingBytesMax } = this.#limits;
    let bytes = 0;
    for (const event of events) bytes += entryBytes(event);
    const tooMany = this.#events + events.length > pendingEventsMax || this.#bytes + bytes > pendingBytesMax;
    if (tooMany && this.#events > 0) {
      const message = `expected at most ${pendingEventsMax} events waiting to be stored, which is reached; send again later`;
      const overloaded = new AppError('storage-overloaded', message, { retryAfterS: RETRY_AFTER_S });
      if (chain) chain.failure = overloaded;
      return Promise.reject(overloaded);
    }
    this.#events += events.length;
    this.#bytes += bytes;
    const release = (): void => {
      this.#events -= events.length;
      this.#bytes -= bytes;
    };
    return new Promise<Placement>((resolve, reject) => {
      this.#waiting.push({ events, bytes, name, chain, resolve, reject, release });
    });
  }

  /** The appends of the next commit, in order; at least one. */
  take(): Waiting[] {
    let [count, bytes, taken] = [0, 0, 0];
    for (const waiting of this.#waiting) {
      count += waiting.events.length;
      bytes += waiting.bytes;
      if (taken > 0 && (count > this.#limits.batchEventsMax || bytes > BATCH_BYTES_MAX)) break;
      taken += 1;
    }
    return this.#waiting.splice(0, taken);
  }
}
