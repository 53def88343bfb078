/** Series that are told apart; what comes beyond is counted as samples only. */
const SERIES_MAX = 10_000;
const METRICS_MAX = 200;

export type RefusedReport = {
  readonly samples: number;
  /** How many were told apart; there are more where `hasMoreSeries`. */
  readonly series: number;
  readonly hasMoreSeries: boolean;
  /** The first two hundred metrics that had such samples, the worst first. */
  readonly worst: readonly { readonly service: string; readonly name: string; readonly samples: number }[];
};

type Metric = { readonly service: string; readonly name: string; samples: number };

/** Samples that were not charted: how many, of how many series, and of which metrics the most. */
export class RefusedSeries {
  /** Hashes instead of keys, which are long: two series that share one are counted as one. */
  readonly #series = new Set<number>();
  readonly #metrics = new Map<string, Metric>();
  #hasMoreSeries = false;
  samples = 0;

  add(service: string, name: string, key: string): void {
    this.samples += 1;
    const series = hashOf(key);
    if (this.#series.size < SERIES_MAX) this.#series.add(series);
    else this.#hasMoreSeries ||= !this.#series.has(series);
    const metric = `${service}\n${name}`;
    const known = this.#metrics.get(metric);
    if (known) known.samples += 1;
    else if (this.#metrics.size < METRICS_MAX) this.#metrics.set(metric, { service, name, samples: 1 });
  }

  report(): RefusedReport {
    const worst = [...this.#metrics.values()].sort((a, b) => b.samples - a.samples);
    return { samples: this.samples, series: this.#series.size, hasMoreSeries: this.#hasMoreSeries, worst };
  }
}

/** Two times FNV-1a, 53 bits of it: among ten thousand series none is expected to share one. */
function hashOf(text: string): number {
  let [low, high] = [0x811c9dc5, 0x5bd1e995];
  for (let at = 0; at < text.length; at += 1) {
    const unit = text.charCodeAt(at);
    low = Math.imul(low ^ unit, 0x01000193);
    high = Math.imul(high ^ unit, 0x85ebca6b);
  }
  return (high >>> 11) * 2 ** 32 + (low >>> 0);
}
