/**
 * Remembers something of each series, as much as there is room for: those that have been silent the longest are forgotten.
 * A series that comes again after that begins anew.
 */
export class SeriesMemory<Entry> {
  readonly #weightMax: number;
  readonly #weigh: (entry: Entry) => number;
  readonly #entries = new Map<string, Entry>();
  /** Goes on where it was: looked for from the start, the oldest lies behind all that has been removed before it. */
  #oldest = this.#entries.keys();
  #weight = 0;

  /** @param weigh numbers that an entry holds, about 8 bytes each; asked again after each `set` */
  constructor(weightMax: number, weigh: (entry: Entry) => number) {
    this.#weightMax = weightMax;
    this.#weigh = weigh;
  }

  get size(): number {
    return this.#entries.size;
  }

  get(key: string): Entry | undefined {
    return this.#entries.get(key);
  }

  /** Entries are replaced, not changed: what they weigh is taken off as it was put on. */
  set(key: string, entry: Entry): void {
    this.#remove(key);
    this.#entries.set(key, entry);
    this.#weight += this.#weigh(entry);
    while (this.#weight > this.#weightMax && this.#entries.size > 1) this.#remove(this.#nextOldest());
  }

  #nextOldest(): string {
    let next = this.#oldest.next();
    if (next.done) {
      this.#oldest = this.#entries.keys();
      next = this.#oldest.next();
    }
    return next.value ?? '';
  }

  #remove(key: string): void {
    const entry = this.#entries.get(key);
    if (entry === undefined) return;
    this.#entries.delete(key);
    this.#weight -= this.#weigh(entry);
  }
}
