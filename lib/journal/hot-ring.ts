import { Ring } from '@/lib/core/ring.ts';
import { entryBytes, type JournalEntry } from './journal-entry.ts';

export type HotRingLimits = { readonly eventsMax: number; readonly bytesMax: number };

/** The newest entries in memory, without a hole, bounded by count and by bytes; older ones are in the history. */
export class HotRing {
  readonly #fullLimits: HotRingLimits;
  readonly #entries: Ring<JournalEntry>;
  #limits: HotRingLimits;
  #bytes = 0;

  constructor(limits: HotRingLimits) {
    this.#fullLimits = limits;
    this.#limits = limits;
    this.#entries = new Ring(limits.eventsMax);
  }

  get size(): number {
    return this.#entries.size;
  }
  get bytes(): number {
    return this.#bytes;
  }
  /** What it may hold at present. */
  get limits(): HotRingLimits {
    return this.#limits;
  }

  /** The oldest seq held; undefined when empty. */
  get oldestSeq(): number | undefined {
    return this.#entries.at(0)?.seq;
  }

  push(entry: JournalEntry): void {
    const evicted = this.#entries.push(entry);
    this.#bytes += entryBytes(entry) - (evicted ? entryBytes(evicted) : 0);
    while (this.#isOver() && this.#entries.size > 1) this.#shift();
  }

  /** Halves what it may hold, and gives the rest back at once, but for entries beyond `keptAfterSeq`; or takes it back. */
  shorten(on: boolean, keptAfterSeq: number): void {
    const { eventsMax, bytesMax } = this.#fullLimits;
    this.#limits = on ? { eventsMax: Math.ceil(eventsMax / 2), bytesMax: Math.ceil(bytesMax / 2) } : this.#fullLimits;
    while (this.#isOver() && (this.oldestSeq ?? keptAfterSeq + 1) <= keptAfterSeq) this.#shift();
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

  #isOver(): boolean {
    return this.#entries.size > this.#limits.eventsMax || this.#bytes > this.#limits.bytesMax;
  }

  #shift(): void {
    const oldest = this.#entries.shift();
    if (oldest) this.#bytes -= entryBytes(oldest);
  }
}
