import type { LineData, LinePoint } from '@/components/metrics/chart-data.ts';
import { SYSTEM_METRIC_NAMES, type SystemMetric, type SystemSample } from '@/lib/wire/system-pages.ts';

const SECOND_MS = 1000;
/** The longest range that can be chosen, and a little for the bucket that is half out of it. */
const KEPT_MS = 16 * 60 * SECOND_MS;
/** More points than this a small chart cannot show. */
const POINTS_MAX = 300;

/**
 * Adds a frame's samples. The first frame after a reconnect brings the last quarter of an hour again: it replaces what
 * it covers, and what was seen before it stays, with the gap between them.
 */
export function joinSamples(kept: readonly SystemSample[], incoming: readonly SystemSample[]): readonly SystemSample[] {
  const [first] = incoming;
  const newest = incoming.at(-1);
  if (!first || !newest) return kept;
  const before = kept.filter(({ atMs }) => atMs < first.atMs && atMs > newest.atMs - KEPT_MS);
  return [...before, ...incoming];
}

/** What a sample says of a metric; null where nothing was measured. */
export function sampleValue(sample: SystemSample, metric: SystemMetric): number | null {
  return sample.values[SYSTEM_METRIC_NAMES.indexOf(metric)] ?? null;
}

/** How long one point of a chart stands for, in ms: whole seconds. */
export function stepOf(rangeMs: number): number {
  return Math.max(1, Math.ceil(rangeMs / SECOND_MS / POINTS_MAX)) * SECOND_MS;
}

/**
 * One metric as a line. Seconds are gathered into buckets that stay where they are as time goes on, so that a spike
 * does not change its shape while it moves to the left; `max` keeps its height.
 */
export function columnLine(
  samples: readonly SystemSample[],
  metric: SystemMetric,
  fromMs: number,
  stepMs: number,
): LineData {
  const points: LinePoint[] = [];
  let bucket: { atMs: number; sum: number; count: number; min: number; max: number } | undefined;
  const close = () => {
    if (bucket)
      points.push({ timeMs: bucket.atMs, value: bucket.sum / bucket.count, min: bucket.min, max: bucket.max });
  };
  for (const sample of samples) {
    const value = sampleValue(sample, metric);
    if (value === null || sample.atMs < fromMs) continue;
    const atMs = stepMs === SECOND_MS ? sample.atMs : Math.floor(sample.atMs / stepMs) * stepMs;
    if (bucket?.atMs !== atMs) {
      close();
      bucket = { atMs, sum: 0, count: 0, min: value, max: value };
    }
    bucket.sum += value;
    bucket.count += 1;
    bucket.min = Math.min(bucket.min, value);
    bucket.max = Math.max(bucket.max, value);
  }
  close();
  return { points, cadenceMs: stepMs };
}
