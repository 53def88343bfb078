import { TokenBucket } from './token-bucket.ts';

/**
 * A bucket for each key (an address, a token), made when first asked for. Bounded: full buckets are forgotten first, as
 * they are as good as new, then the one that has not been asked for the longest.
 */
export class KeyedBuckets {
  readonly #perSecond: number;
  readonly #tokensMax: number;
  readonly #keysMax: number;
  /** In the order of their last use. */
  readonly #buckets = new Map<string, TokenBucket>();

  constructor(perSecond: number, tokensMax: number, keysMax: number) {
    this.#perSecond = perSecond;
    this.#tokensMax = tokensMax;
    this.#keysMax = keysMax;
  }

  get size(): number {
    return this.#buckets.size;
  }

  of(key: string, nowMs: number): TokenBucket {
    const known = this.#buckets.get(key);
    if (known) {
      this.#buckets.delete(key);
      this.#buckets.set(key, known);
      return known;
    }
    if (this.#buckets.size >= this.#keysMax) this.#makeRoom(nowMs);
    const bucket = new TokenBucket(this.#perSecond, this.#tokensMax, nowMs);
    this.#buckets.set(key, bucket);
    return bucket;
  }

  #makeRoom(nowMs: number): void {
    for (const [key, bucket] of this.#buckets) {
      if (bucket.isFull(nowMs)) this.#buckets.delete(key);
    }
    for (const key of this.#buckets.keys()) {
      if (this.#buckets.size < this.#keysMax) return;
      this.#buckets.delete(key);
    }
  }
}
