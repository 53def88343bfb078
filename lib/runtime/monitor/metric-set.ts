import { Counter, Gauge, type Registry } from 'prom-client';

/** One value for each set of labels. */
export type Labelled = Iterable<readonly [labels: Readonly<Record<string, string>>, value: number]>;

/** Metrics that are read when asked for, so that counting costs the hot paths nothing. Names get `tailrace_` in front. */
export class MetricSet {
  readonly registry: Registry;

  constructor(registry: Registry) {
    this.registry = registry;
  }

  gauge(name: string, help: string, read: () => number): void {
    this.gauges(name, help, [], () => [[{}, read()]]);
  }

  gauges(name: string, help: string, labelNames: readonly string[], read: () => Labelled): void {
    new Gauge({
      ...this.#described(name, help, labelNames),
      collect() {
        this.reset();
        for (const [labels, value] of read()) this.set({ ...labels }, value);
      },
    });
  }

  counter(name: string, help: string, read: () => number): void {
    this.counters(name, help, [], () => [[{}, read()]]);
  }

  counters(name: string, help: string, labelNames: readonly string[], read: () => Labelled): void {
    new Counter({
      ...this.#described(name, help, labelNames),
      collect() {
        this.reset();
        for (const [labels, value] of read()) this.inc({ ...labels }, value);
      },
    });
  }

  #described(name: string, help: string, labelNames: readonly string[]) {
    return { name: `tailrace_${name}`, help, labelNames: [...labelNames], registers: [this.registry] };
  }
}
