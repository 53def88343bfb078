import { Ring } from '@/lib/core/ring.ts';
import { entryBytes, type JournalEntry } from './journal-entry.ts';

export type HotRingLimits = { readonly eventsMax: number; readonly bytesMax: number };

/** The newest entries in memory, without a hole, bounded by count and by bytes; older ones are in the history. */
export class HotRing {
  readonly #limits: HotRingLimits;
  readonly #entries: Ring<JournalEntry>;
  #bytes = 0;

  constructor(limits: HotRingLimits) {
    this.#limits = limits;
    this.#entries = new Ring(limits.eventsMax);
  }

  get size(): number {
    return this.#entries.size;
  }

  get bytes(): number {
    return this.#bytes;
  }

  /** The oldest seq held; undefined when empty. */
  get oldestSeq(): number | undefined {
    return this.#entries.at(0)?.seq;
  }

  push(entry: JournalEntry): void {
    const evicted = this.#entries.push(entry);
    this.#bytes += entryBytes(entry) - (evicted ? entryBytes(evicted) : 0);
    while (this.#bytes > this.#limits.bytesMax && this.#entries.size > 1) {
      const oldest = this.#entries.shift();
      if (oldest) this.#bytes -= entryBytes(oldest);
    }
  }

  /** True when every event after `seq` that has been committed is here. */
  covers(seq: number): boolean {
    const { oldestSeq } = this;
    return oldestSeq !== undefined && seq + 1 >= oldestSeq;
  }

  get(seq: number): JournalEntry | undefined {
    const { oldestSeq } = this;
    return oldestSeq === undefined ? undefined : this.#entries.at(seq - oldestSeq);
  }

  clear(): void {
    this.#entries.clear();
    this.#bytes = 0;
  }
}
