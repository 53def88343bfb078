import { Ring } from '@/lib/core/ring.ts';
import type { SlowCall } from '@/lib/wire/system-pages.ts';

const DURATIONS_KEPT = 512;
const SLOW_CALLS_KEPT = 50;

export type Quantiles = { readonly p50Ms: number; readonly p95Ms: number; readonly p99Ms: number };

/** How long the newest calls took, and the newest slow ones, in memory that is taken once. */
export class CallTimes {
  readonly #durationsMs = new Float64Array(DURATIONS_KEPT);
  readonly #slow = new Ring<SlowCall>(SLOW_CALLS_KEPT);
  #count = 0;

  add(tookMs: number): void {
    this.#durationsMs[this.#count % DURATIONS_KEPT] = tookMs;
    this.#count += 1;
  }

  addSlow(call: SlowCall): void {
    this.#slow.push(call);
  }

  /** Newest first. */
  slowCalls(): SlowCall[] {
    return this.#slow.toArray().reverse();
  }

  /** Of the newest 512 calls; undefined before the first. Sorts a copy, so ask once a second. */
  quantiles(): Quantiles | undefined {
    const size = Math.min(this.#count, DURATIONS_KEPT);
    if (size === 0) return undefined;
    const sorted = this.#durationsMs.slice(0, size).sort();
    const at = (share: number): number => sorted[Math.min(size - 1, Math.floor(size * share))] ?? 0;
    return { p50Ms: at(0.5), p95Ms: at(0.95), p99Ms: at(0.99) };
  }
}
