import type { SystemSample } from '@/lib/wire/system-pages.ts';

/** The newest samples in one preallocated block of numbers: taking one allocates nothing. NaN means: not measured. */
export class SampleRing {
  readonly #rows: number;
  readonly #width: number;
  readonly #times: Float64Array;
  readonly #values: Float64Array;
  /** Samples ever taken; a reader's cursor, which unlike a time never goes back. */
  count = 0;

  constructor(rows: number, width: number) {
    this.#rows = rows;
    this.#width = width;
    this.#times = new Float64Array(rows);
    this.#values = new Float64Array(rows * width);
  }

  /** @param values as many as the ring is wide; kept to two decimals, which is what a page is sent */
  push(atMs: number, values: Float64Array): void {
    const row = this.count % this.#rows;
    this.#times[row] = atMs;
    for (let column = 0; column < this.#width; column += 1) {
      this.#values[row * this.#width + column] = Math.round((values[column] ?? Number.NaN) * 100) / 100;
    }
    this.count += 1;
  }

  /** What was taken after the first `seen` samples, oldest first, as far as it is kept. */
  since(seen: number): SystemSample[] {
    const samples: SystemSample[] = [];
    for (let index = Math.max(seen, this.count - this.#rows, 0); index < this.count; index += 1) {
      const row = index % this.#rows;
      const values = this.#values.subarray(row * this.#width, (row + 1) * this.#width);
      samples.push({
        atMs: this.#times[row] ?? 0,
        values: Array.from(values, (value) => (Number.isFinite(value) ? value : null)),
      });
    }
    return samples;
  }
}
