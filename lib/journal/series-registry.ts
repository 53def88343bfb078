import type { Sample } from '@/lib/core/prepared-event.ts';
import type { SeriesRow } from '@/lib/history/history-port.ts';
import { type RefusedReport, RefusedSeries } from './refused-series.ts';

/**
 * Gives each metric series a small number, so that events and roll-ups need not repeat its name and labels. Bounded: an
 * attribute such as a request id would otherwise make a series of each event. Samples beyond the bound stay in the
 * journal as events, but are not charted; `uncharted` counts them.
 */
export class SeriesRegistry {
  readonly #seriesMax: number;
  readonly #ids = new Map<string, number>();
  #nextId = 1;
  readonly #refused = new RefusedSeries();

  constructor(seriesMax: number) {
    this.#seriesMax = seriesMax;
  }

  get size(): number {
    return this.#ids.size;
  }

  get refused(): number {
    return this.#refused.samples;
  }

  get uncharted(): RefusedReport {
    return this.#refused.report();
  }

  /** What the store knows; what is held and not stored yet keeps its numbers. */
  load(rows: readonly SeriesRow[]): void {
    for (const row of rows) {
      this.#ids.set(keyOf(row.service, row), row.id);
      this.#nextId = Math.max(this.#nextId, row.id + 1);
    }
  }

  /** The series' id, and its row when it is new and has to be stored; undefined when there is no room for it. */
  resolve(service: string, sample: Sample): { id: number; created?: SeriesRow } | undefined {
    const key = keyOf(service, sample);
    const known = this.#ids.get(key);
    if (known !== undefined) return { id: known };
    if (this.#ids.size >= this.#seriesMax) {
      this.#refused.add(service, sample.name, key);
      return undefined;
    }
    const id = this.#nextId++;
    this.#ids.set(key, id);
    const { name, labels, type, unit } = sample;
    return { id, created: { id, service, name, labels, type, unit } };
  }

  /** Takes back series whose batch could not be stored; the next sample creates them again. */
  forget(rows: readonly SeriesRow[]): void {
    for (const row of rows) this.#ids.delete(keyOf(row.service, row));
  }
}

function keyOf(service: string, series: { name: string; labels: string }): string {
  return `${service}\n${series.name}\n${series.labels}`;
}
