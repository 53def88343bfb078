const ENTRIES_MAX = 8192;
/** Commits closer than this share an entry; a time is wrong by no more. */
const RESOLUTION_MS = 20;

/** When the newest events became durable, so that a lag in events can be told in time. Preallocated: it never grows. */
export class CommitTimes {
  readonly #seqs = new Float64Array(ENTRIES_MAX);
  readonly #times = new Float64Array(ENTRIES_MAX);
  #count = 0;

  /** Events up to `seq` are there now. */
  note(seq: number, nowMs: number): void {
    const last = (this.#count - 1) % ENTRIES_MAX;
    if (this.#count > 0 && nowMs - (this.#times[last] ?? 0) < RESOLUTION_MS) {
      this.#seqs[last] = seq;
      return;
    }
    const index = this.#count % ENTRIES_MAX;
    this.#seqs[index] = seq;
    this.#times[index] = nowMs;
    this.#count += 1;
  }

  /** How long the event after `seq` has been there, in ms; 0 when there is none. Beyond what is kept: at least so long. */
  ageAfterMs(seq: number, nowMs: number): number {
    let low = Math.max(0, this.#count - ENTRIES_MAX);
    let high = this.#count;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#seqs[middle % ENTRIES_MAX] ?? 0) <= seq) low = middle + 1;
      else high = middle;
    }
    return low === this.#count ? 0 : Math.max(0, nowMs - (this.#times[low % ENTRIES_MAX] ?? nowMs));
  }
}
