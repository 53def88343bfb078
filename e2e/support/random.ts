/** Seeded random numbers (mulberry32), so that a failure can be repeated: give its seed as TAILRACE_TEST_SEED. */
export class Random {
  readonly seed: number;
  #state: number;

  constructor(seed: number) {
    this.seed = seed;
    this.#state = seed >>> 0;
  }

  /** In [0, 1). */
  next(): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    let mixed = this.#state;
    mixed = Math.imul(mixed ^ (mixed >>> 15), mixed | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  }

  /** A whole number from `min` to `max`, both included. */
  integer(min: number, max: number): number {
    return min + Math.floor(this.next() * (max - min + 1));
  }

  pick<T>(items: readonly T[]): T {
    return items[this.integer(0, items.length - 1)] as T;
  }
}

/** A new seed each run unless one is given; runs `test` and names the seed when it fails. */
export async function withSeed(test: (random: Random) => Promise<void>): Promise<void> {
  const seed = Number(process.env['TAILRACE_TEST_SEED'] ?? Math.floor(Math.random() * 2 ** 31));
  try {
    await test(new Random(seed));
  } catch (error) {
    throw new Error(`failed with TAILRACE_TEST_SEED=${seed}: ${(error as Error).message}`, { cause: error });
  }
}
