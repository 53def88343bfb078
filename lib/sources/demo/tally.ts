/** How many of the newest requests of a service its latency and error rate are computed from. */
const REQUESTS_KEPT = 64;

/** What the metrics of one service need to know of its requests. */
export class Tally {
  requests = 0;
  #durationsMs = new Float64Array(REQUESTS_KEPT);
  #failed = new Uint8Array(REQUESTS_KEPT);

  add(durationMs: number, failed: boolean): void {
    const slot = this.requests % REQUESTS_KEPT;
    this.#durationsMs[slot] = durationMs;
    this.#failed[slot] = failed ? 1 : 0;
    this.requests += 1;
  }

  /** Undefined before the first request. */
  summary(): { p50Ms: number; p99Ms: number; errorPercent: number } | undefined {
    const size = Math.min(this.requests, REQUESTS_KEPT);
    if (size === 0) return undefined;
    const sorted = this.#durationsMs.slice(0, size).sort();
    const failed = this.#failed.subarray(0, size).reduce((sum, value) => sum + value, 0);
    return {
      p50Ms: sorted[Math.floor((size - 1) * 0.5)] ?? 0,
      p99Ms: sorted[Math.floor((size - 1) * 0.99)] ?? 0,
      errorPercent: (failed / size) * 100,
    };
  }
}
