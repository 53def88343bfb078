export type Herd = {
  /** When the burst began, ms since 1970. */
  readonly atMs: number;
  readonly connections: number;
  readonly seconds: number;
  /** Busiest second over the mean one: 1 when they came in a perfectly even row. */
  readonly factor: number;
};

/** A burst begins when so many arrive in one second. */
const BURST_MIN = 20;
/** It ends after so many seconds with less than a tenth of the busiest one. */
const QUIET_SECONDS = 3;
const SECONDS_MAX = 120;

/** Watches how evenly a crowd comes back: fed with the arrivals of each second, it measures the last burst. */
export class HerdWatch {
  #seconds: number[] = [];
  #atMs = 0;
  #quiet = 0;
  last: Herd | undefined;

  /** @param arrivals in the second that ends now */
  second(arrivals: number, nowMs: number): void {
    if (this.#seconds.length === 0 && arrivals < BURST_MIN) return;
    if (this.#seconds.length === 0) this.#atMs = nowMs - 1000;
    this.#seconds.push(arrivals);
    this.#quiet = arrivals * 10 < Math.max(...this.#seconds) ? this.#quiet + 1 : 0;
    this.last = measure(this.#seconds.slice(0, this.#seconds.length - this.#quiet), this.#atMs);
    if (this.#quiet >= QUIET_SECONDS || this.#seconds.length >= SECONDS_MAX) {
      this.#seconds = [];
      this.#quiet = 0;
    }
  }
}

function measure(seconds: readonly number[], atMs: number): Herd {
  const connections = seconds.reduce((sum, count) => sum + count, 0);
  return { atMs, connections, seconds: seconds.length, factor: Math.max(...seconds) / (connections / seconds.length) };
}
