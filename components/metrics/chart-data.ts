import type { MetricPoint } from '@/lib/wire/pages.ts';

/** One moment of a line: what is drawn, and the least and most that the bucket held. */
export type LinePoint = { readonly timeMs: number; readonly value: number; readonly min: number; readonly max: number };
export type LineData = { readonly points: readonly LinePoint[]; readonly cadenceMs: number };

/** A row as Recharts takes it: `t`, and for line 0 `v0`, for its band `b0`. */
export type ChartRow = { t: number; [column: string]: number | [number, number] | null };

export type LineSummary = { readonly last: number; readonly min: number; readonly max: number };

/** A bucket may be missing between two samples before the line breaks: samples do not fall exactly on buckets. */
const GAP_STEPS = 2;

/** The points of a gauge as they are; of a counter as the rate since the point before, in units a second. */
export function toLine(points: readonly MetricPoint[], counter: boolean, stepMs: number): LineData {
  const cadenceMs = cadenceOf(points, stepMs);
  if (!counter) {
    return { cadenceMs, points: points.map(([timeMs, value, min, max]) => ({ timeMs, value, min, max })) };
  }
  const rates: LinePoint[] = [];
  for (let index = 1; index < points.length; index += 1) {
    const [beforeMs, , , , before] = points[index - 1] as MetricPoint;
    const [timeMs, , , , now] = points[index] as MetricPoint;
    // A counter that runs backwards was restarted: what it counted in between nobody knows.
    if (now < before || timeMs <= beforeMs || timeMs - beforeMs > GAP_STEPS * cadenceMs) continue;
    const value = ((now - before) * 1000) / (timeMs - beforeMs);
    rates.push({ timeMs, value, min: value, max: value });
  }
  return { cadenceMs, points: rates };
}

/** How often the series is sampled: a source of one sample in 10 s has no gap in each of ten buckets of a second. */
function cadenceOf(points: readonly MetricPoint[], stepMs: number): number {
  const stepsMs: number[] = [];
  for (let index = Math.max(1, points.length - 30); index < points.length; index += 1) {
    stepsMs.push((points[index] as MetricPoint)[0] - (points[index - 1] as MetricPoint)[0]);
  }
  stepsMs.sort((a, b) => a - b);
  return Math.max(stepMs, stepsMs[(stepsMs.length - 1) >> 1] ?? stepMs);
}

/**
 * Joins lines into rows by time. Where another line has a bucket and this one has none, the line goes straight on to its
 * next point; where it misses more than two of its steps, a null breaks it, since a bridge would claim what nobody measured.
 */
export function toRows(lines: readonly LineData[]): ChartRow[] {
  const rows = new Map<number, ChartRow>();
  const rowAt = (timeMs: number): ChartRow => {
    const row = rows.get(timeMs) ?? { t: timeMs };
    rows.set(timeMs, row);
    return row;
  };
  for (const [column, { points, cadenceMs }] of lines.entries()) {
    let beforeMs: number | undefined;
    for (const { timeMs, value, min, max } of points) {
      if (beforeMs !== undefined && timeMs - beforeMs > GAP_STEPS * cadenceMs) rowAt(beforeMs + 1)[`v${column}`] = null;
      const row = rowAt(timeMs);
      row[`v${column}`] = value;
      if (max > min) row[`b${column}`] = [min, max];
      beforeMs = timeMs;
    }
  }
  const sorted = [...rows.values()].sort((a, b) => a.t - b.t);
  for (const column of lines.keys()) bridge(sorted, column);
  return sorted;
}

/** Fills a column's holes between two of its own points, up to the null that marks a gap. */
function bridge(rows: ChartRow[], column: number): void {
  const name = `v${column}`;
  let left = -1;
  for (let index = 0; index < rows.length; index += 1) {
    const value = rows[index]?.[name];
    if (value === undefined) continue;
    if (typeof value === 'number' && left !== -1) fill(rows, name, left, index);
    left = typeof value === 'number' ? index : -1;
  }
}

function fill(rows: ChartRow[], name: string, left: number, right: number): void {
  const from = rows[left] as ChartRow;
  const to = rows[right] as ChartRow;
  const slope = ((to[name] as number) - (from[name] as number)) / (to.t - from.t);
  for (let index = left + 1; index < right; index += 1) {
    const row = rows[index] as ChartRow;
    row[name] = (from[name] as number) + slope * (row.t - from.t);
  }
}

export function summarize(line: LineData): LineSummary | undefined {
  const last = line.points.at(-1);
  if (!last) return undefined;
  let { min, max } = last;
  for (const point of line.points) {
    if (point.min < min) min = point.min;
    if (point.max > max) max = point.max;
  }
  return { last: last.value, min, max };
}

/** The line's own point nearest to a moment, if it has one within its step. */
export function valueAt(line: LineData, timeMs: number): number | undefined {
  let low = 0;
  let high = line.points.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((line.points[middle] as LinePoint).timeMs < timeMs) low = middle + 1;
    else high = middle;
  }
  const near = [line.points[low - 1], line.points[low]].filter((point) => point !== undefined);
  near.sort((a, b) => Math.abs(a.timeMs - timeMs) - Math.abs(b.timeMs - timeMs));
  const [point] = near;
  return point && Math.abs(point.timeMs - timeMs) <= line.cadenceMs ? point.value : undefined;
}
