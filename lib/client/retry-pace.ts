import { backoffMs } from '@/lib/core/backoff.ts';

export const RETRY = { minMs: 500, maxMs: 20_000 } as const;
/** A stream that lived shorter does not reset the back-off: a server that ends each stream at once is not well. */
const HEALTHY_MS = 5_000;

/** How long to wait before the next attempt. */
export class RetryPace {
  readonly #random: () => number;
  #minMs: number = RETRY.minMs;
  failures = 0;

  constructor(random: () => number) {
    this.#random = random;
  }

  /** The server's `retry:`, which it makes different for each connection: the least that the back-off begins with. */
  hint(retryMs: number): void {
    this.#minMs = Math.min(Math.max(retryMs, RETRY.minMs), RETRY.maxMs);
  }

  reset(): void {
    this.failures = 0;
  }

  /**
   * @param livedMs how long the stream that ended was open, if it was
   * @param askedMs what the server asked for; without it the back-off decides
   */
  next(livedMs: number | undefined, askedMs: number | undefined): number {
    if (livedMs !== undefined && livedMs >= HEALTHY_MS) this.failures = 0;
    const ownMs = () => backoffMs(this.failures, { minMs: this.#minMs, maxMs: RETRY.maxMs }, this.#random);
    const delayMs = askedMs === undefined ? ownMs() : askedMs + this.#random() * RETRY.minMs;
    this.failures += 1;
    return delayMs;
  }
}
