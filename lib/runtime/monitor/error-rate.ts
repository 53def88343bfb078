/** Long enough that one failure among three calls is not an alarm, short enough that an outage shows at once. */
const WINDOW_SAMPLES = 10;

/** What was tried and what of it failed, both counted since the start. */
export type Attempts = { readonly tried: number; readonly failed: number };

/** Percent of the attempts of the last ten samples that failed; 0 when nothing was tried. */
export class ErrorRate {
  readonly #tried = new Float64Array(WINDOW_SAMPLES);
  readonly #failed = new Float64Array(WINDOW_SAMPLES);
  #count = 0;

  /** Takes this sample's counters; the counters of ten samples ago are what they are compared with. */
  percent(tried: number, failed: number): number {
    const oldest = this.#count % WINDOW_SAMPLES;
    const triedNow = tried - (this.#tried[oldest] ?? 0);
    const failedNow = failed - (this.#failed[oldest] ?? 0);
    this.#tried[oldest] = tried;
    this.#failed[oldest] = failed;
    this.#count += 1;
    return triedNow > 0 ? (failedNow / triedNow) * 100 : 0;
  }
}
