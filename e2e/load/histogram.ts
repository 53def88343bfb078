const STEPS_PER_OCTAVE = 16;
const MIN_MS = 0.05;
/** 25 octaves: from 0.05 ms to 28 minutes. */
const BUCKETS = 25 * STEPS_PER_OCTAVE;

/** Counts by bucket as `[index, count, index, count, …]`, and the greatest value: small enough to be sent every second. */
export type SparseHistogram = { readonly counts: readonly number[]; readonly maxMs: number };

/**
 * Durations in ms in buckets of a sixteenth of an octave, so that a quantile is right to 2.2 % and a run of any length
 * costs the same 3 KiB: a list of delays would be the largest thing in the client.
 */
export class Histogram {
  readonly #counts = new Float64Array(BUCKETS);
  #total = 0;
  #maxMs = 0;

  get total(): number {
    return this.#total;
  }
  get maxMs(): number {
    return this.#maxMs;
  }

  record(ms: number, times = 1): void {
    const index = ms <= MIN_MS ? 0 : Math.floor(Math.log2(ms / MIN_MS) * STEPS_PER_OCTAVE);
    this.#count(Math.min(index, BUCKETS - 1), times);
    if (ms > this.#maxMs) this.#maxMs = ms;
  }

  /** The value that a share of all values does not exceed, in ms; NaN when there is none. */
  quantile(share: number): number {
    if (this.#total === 0) return Number.NaN;
    let left = Math.max(1, Math.ceil(share * this.#total));
    for (let index = 0; index < BUCKETS; index += 1) {
      left -= this.#counts[index] ?? 0;
      if (left <= 0) return Math.min(MIN_MS * 2 ** ((index + 0.5) / STEPS_PER_OCTAVE), this.#maxMs);
    }
    return this.#maxMs;
  }

  add({ counts, maxMs }: SparseHistogram): void {
    for (let at = 0; at + 1 < counts.length; at += 2) this.#count(counts[at] ?? 0, counts[at + 1] ?? 0);
    this.#maxMs = Math.max(this.#maxMs, maxMs);
  }

  /** What has been counted since the last time, which is then forgotten here. */
  take(): SparseHistogram {
    const counts: number[] = [];
    for (let index = 0; index < BUCKETS; index += 1) {
      const count = this.#counts[index] ?? 0;
      if (count > 0) counts.push(index, count);
    }
    const taken = { counts, maxMs: this.#maxMs };
    this.#counts.fill(0);
    this.#total = 0;
    this.#maxMs = 0;
    return taken;
  }

  #count(index: number, times: number): void {
    this.#counts[index] = (this.#counts[index] ?? 0) + times;
    this.#total += times;
  }
}
