/**
 * Remembers something of each series, as much as there is room for: those that have been silent the longest are forgotten.
 * A series that comes again after that begins anew.
 */
export class SeriesMemory<Entry> {
  readonly #weightMax: number;
  readonly #weigh: (entry: Entry) => number;
  readonly #entries = new Map<string, Entry>();
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
    for (const oldest of this.#entries.keys()) {
      if (this.#weight <= this.#weightMax || oldest === key) return;
      this.#remove(oldest);
    }
  }

  #remove(key: string): void {
    const entry = this.#entries.get(key);
    if (entry === undefined) return;
    this.#entries.delete(key);
    this.#weight -= this.#weigh(entry);
  }
}
