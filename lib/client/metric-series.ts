import type { MetricEvent } from '@/lib/core/event.ts';
import type { MetricPage, MetricPoint, MetricSeries } from '@/lib/wire/pages.ts';
import type { ChartSeries } from './state.ts';

export const SERIES_MAX = 500;
/** Series beyond SERIES_MAX are counted by their keys; beyond this many keys the count stands still. */
const OMITTED_MAX = 10_000;

type Working = { readonly meta: Omit<ChartSeries, 'points'>; points: MetricPoint[]; drawn: ChartSeries | undefined };

function keyOf(series: Pick<MetricSeries, 'service' | 'name' | 'labels'>): string {
  return JSON.stringify([series.service, series.name, series.labels]);
}

/** The attributes as the server names a series by them: JSON with sorted keys, '' when there are none. */
export function labelsOf(event: MetricEvent): string {
  const entries = Object.entries(event.attributes ?? {});
  if (entries.length === 0) return '';
  return JSON.stringify(Object.fromEntries(entries.sort(([a], [b]) => (a < b ? -1 : 1))));
}

/**
 * History and live samples in the same buckets: the page has everything up to its position, the stream everything
 * after it, so a bucket that the page ends in is simply gone on with.
 */
export class SeriesSet {
  readonly #stepMs: number;
  readonly #phaseMs: number;
  #series = new Map<string, Working>();
  #omitted = new Set<string>();
  readonly #omittedByPage: number;

  constructor(page: MetricPage) {
    this.#stepMs = Math.max(1, page.stepMs);
    const aligned = page.series.find((series) => series.points.length > 0)?.points[0]?.[0] ?? 0;
    this.#phaseMs = aligned % this.#stepMs;
    this.#omittedByPage = page.omitted;
    for (const { points, ...meta } of page.series.slice(0, SERIES_MAX)) {
      const key = keyOf(meta);
      this.#series.set(key, { meta: { ...meta, key }, points: points.map((point) => [...point]), drawn: undefined });
    }
  }

  get omitted(): number {
    return this.#omittedByPage + this.#omitted.size;
  }

  add(event: MetricEvent, fromMs: number): void {
    const timeMs = Date.parse(event.time);
    if (Number.isNaN(timeMs) || timeMs < fromMs) return;
    const { service, name, type, unit = '' } = event;
    const labels = labelsOf(event);
    const key = keyOf({ service, name, labels });
    let working = this.#series.get(key);
    if (!working) {
      if (this.#series.size >= SERIES_MAX) {
        if (this.#omitted.size < OMITTED_MAX) this.#omitted.add(key);
        return;
      }
      working = { meta: { key, service, name, type, unit, labels }, points: [], drawn: undefined };
      this.#series.set(key, working);
    }
    const bucketMs = Math.floor((timeMs - this.#phaseMs) / this.#stepMs) * this.#stepMs + this.#phaseMs;
    fold(working.points, bucketMs, event.value);
    working.drawn = undefined;
  }

  /** What the charts draw; a series that did not change is the same object as last time. */
  draw(fromMs: number): readonly ChartSeries[] {
    const drawn: ChartSeries[] = [];
    for (const [key, working] of this.#series) {
      const start = working.points.findIndex((point) => point[0] + this.#stepMs > fromMs);
      if (start < 0) {
        this.#series.delete(key);
        continue;
      }
      if (start > 0) {
        working.points.splice(0, start);
        working.drawn = undefined;
      }
      working.drawn ??= { ...working.meta, points: working.points.map((point) => [...point] as MetricPoint) };
      drawn.push(working.drawn);
    }
    return drawn;
  }
}

/** Samples come almost in order, so the place is looked for from the end. */
function fold(points: MetricPoint[], bucketMs: number, value: number): void {
  let index = points.length - 1;
  while (index >= 0 && (points[index]?.[0] ?? 0) > bucketMs) index -= 1;
  const point = points[index];
  if (point?.[0] !== bucketMs) {
    points.splice(index + 1, 0, [bucketMs, value, value, value, value, 1]);
    return;
  }
  const [, mean, min, max, , count] = point;
  points[index] = [
    bucketMs,
    mean + (value - mean) / (count + 1),
    Math.min(min, value),
    Math.max(max, value),
    value,
    count + 1,
  ];
}
