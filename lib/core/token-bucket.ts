/**
 * Tokens come in at a steady rate up to a greatest number; what is done costs tokens. Time is given in, in ms, so that a
 * million buckets need no timer. The number may go below zero (`spend`): whoever is in debt waits until it is paid, so
 * the sustained rate holds even where the cost of a thing is known only afterwards.
 */
export class TokenBucket {
  readonly #perMs: number;
  readonly #tokensMax: number;
  #tokens: number;
  #atMs: number;

  constructor(perSecond: number, tokensMax: number, nowMs: number) {
    this.#perMs = perSecond / 1000;
    this.#tokensMax = tokensMax;
    this.#tokens = tokensMax;
    this.#atMs = nowMs;
  }

  /** Takes so many tokens when they are there. */
  take(count: number, nowMs: number): boolean {
    this.#fill(nowMs);
    if (this.#tokens < count) return false;
    this.#tokens -= count;
    return true;
  }

  /** Takes so many tokens whether they are there or not. */
  spend(count: number, nowMs: number): void {
    this.#fill(nowMs);
    this.#tokens -= count;
  }

  /** How long until so many tokens are there; 0 when they are. */
  waitMs(count: number, nowMs: number): number {
    this.#fill(nowMs);
    return Math.max(0, (count - this.#tokens) / this.#perMs);
  }

  /** As good as new: it may be forgotten. */
  isFull(nowMs: number): boolean {
    this.#fill(nowMs);
    return this.#tokens >= this.#tokensMax;
  }

  #fill(nowMs: number): void {
    // A clock that is set back brings nothing and takes nothing.
    const passedMs = Math.max(0, nowMs - this.#atMs);
    this.#tokens = Math.min(this.#tokensMax, this.#tokens + passedMs * this.#perMs);
    this.#atMs = nowMs;
  }
}
