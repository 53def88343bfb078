import { asList, asNumber, asObject, asOptionalNumber, asText, type JsonObject, toAttributes } from './json-values.ts';
import {
  BUCKETS_MAX,
  type ExponentialBuckets,
  type ExponentialPoint,
  type HistogramPoint,
  type Metric,
  type NumberPoint,
  orRefused,
  type Points,
  type SummaryPoint,
  tooManyBuckets,
} from './otlp-model.ts';

export const METRIC_LISTS = { resources: 'resourceMetrics', scopes: 'scopeMetrics', items: 'metrics' };

export function toMetric(given: JsonObject): Metric {
  const common = { name: asText(given['name'], 'name'), unit: asText(given['unit'], 'unit') };
  const { gauge, sum, histogram, exponentialHistogram, summary } = given;
  if (gauge) return { ...common, shape: 'gauge', points: pointsOf(asObject(gauge, 'gauge'), toNumberPoint) };
  if (sum) {
    const data = asObject(sum, 'sum');
    const isMonotonic = data['isMonotonic'] === true;
    return { ...common, shape: 'sum', points: pointsOf(data, toNumberPoint), ...temporalityOf(data), isMonotonic };
  }
  if (histogram) {
    const data = asObject(histogram, 'histogram');
    return { ...common, shape: 'histogram', points: pointsOf(data, toHistogramPoint), ...temporalityOf(data) };
  }
  if (exponentialHistogram) {
    const data = asObject(exponentialHistogram, 'exponentialHistogram');
    return { ...common, shape: 'exponential', points: pointsOf(data, toExponentialPoint), ...temporalityOf(data) };
  }
  if (summary) return { ...common, shape: 'summary', points: pointsOf(asObject(summary, 'summary'), toSummaryPoint) };
  return { ...common, shape: 'none' };
}

function temporalityOf(data: JsonObject): { temporality: number } {
  return { temporality: asNumber(data['aggregationTemporality'], 'aggregationTemporality') };
}

function pointsOf<Point>(data: JsonObject, toPoint: (given: JsonObject) => Point): Points<Point> {
  const list = asList(data['dataPoints'], 'dataPoints');
  return {
    *[Symbol.iterator]() {
      for (const given of list) yield orRefused(() => toPoint(asObject(given, 'dataPoints')));
    },
  };
}

function commonOf(given: JsonObject) {
  return {
    attributes: toAttributes(given['attributes']),
    startNanos: asNumber(given['startTimeUnixNano'], 'startTimeUnixNano'),
    timeNanos: asNumber(given['timeUnixNano'], 'timeUnixNano'),
    flags: asNumber(given['flags'], 'flags'),
  };
}

function toNumberPoint(given: JsonObject): NumberPoint {
  const value = asOptionalNumber(given['asInt'], 'asInt') ?? asOptionalNumber(given['asDouble'], 'asDouble');
  return { ...commonOf(given), value };
}

function distributionOf(given: JsonObject) {
  return {
    ...commonOf(given),
    count: asNumber(given['count'], 'count'),
    sum: asOptionalNumber(given['sum'], 'sum'),
    min: asOptionalNumber(given['min'], 'min'),
    max: asOptionalNumber(given['max'], 'max'),
  };
}

function toHistogramPoint(given: JsonObject): HistogramPoint {
  return {
    ...distributionOf(given),
    bounds: toNumbers(given['explicitBounds'], 'explicitBounds'),
    counts: toNumbers(given['bucketCounts'], 'bucketCounts'),
  };
}

function toExponentialPoint(given: JsonObject): ExponentialPoint {
  return {
    ...distributionOf(given),
    scale: asNumber(given['scale'], 'scale'),
    zeroCount: asNumber(given['zeroCount'], 'zeroCount'),
    zeroThreshold: asNumber(given['zeroThreshold'], 'zeroThreshold'),
    positive: toBuckets(given['positive'], 'positive'),
    negative: toBuckets(given['negative'], 'negative'),
  };
}

function toBuckets(given: unknown, what: string): ExponentialBuckets {
  const { offset, bucketCounts } = asObject(given, what);
  return { offset: asNumber(offset, `${what}.offset`), counts: toNumbers(bucketCounts, `${what}.bucketCounts`) };
}

function toSummaryPoint(given: JsonObject): SummaryPoint {
  const quantiles = bounded(asList(given['quantileValues'], 'quantileValues')).map((each) => {
    const { quantile, value } = asObject(each, 'quantileValues');
    return { quantile: asNumber(quantile, 'quantile'), value: asNumber(value, 'value') };
  });
  const { count, sum } = given;
  return { ...commonOf(given), count: asNumber(count, 'count'), sum: asNumber(sum, 'sum'), quantiles };
}

function toNumbers(given: unknown, what: string): number[] {
  return bounded(asList(given, what)).map((value) => asNumber(value, what));
}

function bounded<Item>(list: readonly Item[]): readonly Item[] {
  if (list.length > BUCKETS_MAX) throw tooManyBuckets();
  return list;
}
