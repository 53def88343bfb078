import type { MetricInput } from '@/lib/core/event.ts';
import { Refused } from '../http-protocol.ts';
import { type Buckets, distributionOf, quantileOf } from './distribution.ts';
import { notFinite, type PointContext, running, sample } from './metric-samples.ts';
import { DELTA, type ExponentialPoint, type HistogramPoint, type SummaryPoint } from './otlp-model.ts';

/** What people look at. Its buckets would be a series each, and no chart of ours draws them. */
const QUANTILES = [0.5, 0.95, 0.99];
const SUMMARY_QUANTILES_MAX = 10;
const [SCALE_MIN, SCALE_MAX] = [-11, 30];

type Sampled = Generator<MetricInput | Refused>;

/**
 * A histogram as series that can be drawn: `.count` and `.sum` are counters, their slopes the rate and the load; `.p50`,
 * `.p95` and `.p99` are estimates from the buckets of the last interval, `.min` and `.max` what the sender says of it.
 */
export function* histogramEvents(point: HistogramPoint | ExponentialPoint, context: PointContext): Sampled {
  const { count, sum, min, max } = point;
  const extremes = Object.entries({ min, max }).filter(([, value]) => value !== undefined);
  const problem =
    notFinite(context, { count, ...(sum !== undefined && { sum }), ...Object.fromEntries(extremes) }) ??
    misshapen(point, context);
  if (problem) {
    yield problem;
    return;
  }
  const isFirst = yield* counts(context, count, sum);
  if (!isFirst) return;
  // Of a cumulative one they are of everything since its start, and say nothing about now.
  if (context.temporality === DELTA && count > 0) {
    for (const [name, value] of extremes)
      yield sample(context, { value: value ?? 0, type: 'gauge', suffix: `.${name}` });
  }
  const since = sinceLast(point, context);
  if (!since) return;
  const distribution = distributionOf(since, { min, max });
  for (const quantile of QUANTILES) {
    const value = quantileOf(distribution, quantile);
    if (value !== undefined && Number.isFinite(value)) {
      yield sample(context, { value, type: 'gauge', suffix: `.${nameOf(quantile)}` });
    }
  }
}

/** False when it was refused. */
function* counts(
  context: PointContext,
  count: number,
  sum: number | undefined,
): Generator<MetricInput | Refused, boolean> {
  for (const item of running(context, { value: count, type: 'counter', suffix: '.count', unit: '' })) {
    yield item;
    // The point is refused once, not once for each of its numbers.
    if (item instanceof Refused) return false;
  }
  if (sum !== undefined) yield* running(context, { value: sum, type: 'counter', suffix: '.sum' });
  return true;
}

function sinceLast(point: HistogramPoint | ExponentialPoint, context: PointContext): Buckets | undefined {
  const { startNanos, timeNanos, temporality, memory, service = '', name, labels } = context;
  if (!('scale' in point) && point.counts.length < 2) return undefined;
  const buckets = bucketsOf(point);
  if (temporality === DELTA) return buckets;
  return memory.intervals.since(JSON.stringify([service, name, labels]), { startNanos, timeNanos, buckets });
}

function bucketsOf(point: HistogramPoint | ExponentialPoint): Buckets {
  if (!('scale' in point)) return { bounds: point.bounds, counts: point.counts };
  const { scale, zeroCount, zeroThreshold, positive, negative } = point;
  return { scale, zeroCount, zeroThreshold, positive, negative };
}

function misshapen(point: HistogramPoint | ExponentialPoint, { name }: PointContext): Refused | undefined {
  if ('scale' in point) {
    if (point.scale >= SCALE_MIN && point.scale <= SCALE_MAX) return undefined;
    return new Refused(`${name}: scale: expected ${SCALE_MIN} to ${SCALE_MAX}, got ${point.scale}`);
  }
  const { bounds, counts } = point;
  if (counts.length === 0 && bounds.length === 0) return undefined;
  if (counts.length !== bounds.length + 1) {
    const says = `expected one bucket more than bounds, got ${counts.length} and ${bounds.length}`;
    return new Refused(`${name}: ${says}`);
  }
  const isAscending = bounds.every((bound, index) => index === 0 || bound > (bounds[index - 1] ?? bound));
  return isAscending ? undefined : new Refused(`${name}: explicitBounds: expected them in ascending order`);
}

/** A summary's quantiles are its sender's own. One that is NaN says that nothing was measured. */
export function* summaryEvents({ count, sum, quantiles }: SummaryPoint, context: PointContext): Sampled {
  const problem = notFinite(context, { count, sum });
  if (problem) {
    yield problem;
    return;
  }
  yield* counts(context, count, sum);
  for (const { quantile, value } of quantiles.slice(0, SUMMARY_QUANTILES_MAX)) {
    if (!Number.isFinite(value) || !(quantile >= 0 && quantile <= 1)) continue;
    yield sample(context, { value, type: 'gauge', suffix: `.${nameOf(quantile)}` });
  }
}

/** `p99`; `p99_9`, since a dot would begin another family of charts. */
function nameOf(quantile: number): string {
  if (quantile === 0) return 'min';
  if (quantile === 1) return 'max';
  return `p${String(Number((quantile * 100).toFixed(6))).replace('.', '_')}`;
}
