/** How much comes a second, with the past fading: two numbers instead of a window of samples. */
export class DecayingRate {
  readonly #fadeMs: number;
  #weight = 0;
  #atMs: number;

  /** @param fadeMs after so long a burst counts for a third */
  constructor(fadeMs: number, nowMs: number) {
    this.#fadeMs = fadeMs;
    this.#atMs = nowMs;
  }

  add(amount: number, nowMs: number): void {
    this.#fade(nowMs);
    this.#weight += amount;
  }

  perSecond(nowMs: number): number {
    this.#fade(nowMs);
    return (this.#weight / this.#fadeMs) * 1000;
  }

  #fade(nowMs: number): void {
    const elapsedMs = Math.max(0, nowMs - this.#atMs);
    this.#weight *= Math.exp(-elapsedMs / this.#fadeMs);
    this.#atMs = nowMs;
  }
}
