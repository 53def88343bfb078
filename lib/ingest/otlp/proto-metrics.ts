import { DELIMITED, FIXED64, field, fieldsOf, type ProtoReader, VARINT } from '../proto-reader.ts';
import {
  BUCKETS_MAX,
  type ExponentialBuckets,
  type ExponentialPoint,
  emptyExponentialPoint,
  emptyHistogramPoint,
  emptyNumberPoint,
  emptySummaryPoint,
  type HistogramPoint,
  type Metric,
  type NumberPoint,
  orRefused,
  type Points,
  type SummaryPoint,
  tooManyBuckets,
} from './otlp-model.ts';
import { readPair } from './proto-values.ts';
import { checkSize } from './proto-walk.ts';

const [NAME, UNIT, GAUGE, SUM] = [field(1, DELIMITED), field(3, DELIMITED), field(5, DELIMITED), field(7, DELIMITED)];
const [HISTOGRAM, EXPONENTIAL, SUMMARY] = [field(9, DELIMITED), field(10, DELIMITED), field(11, DELIMITED)];
const [POINTS, TEMPORALITY, MONOTONIC] = [field(1, DELIMITED), field(2, VARINT), field(3, VARINT)];

/**
 * A metric whose points are read when they are asked for, once, and before the reader goes on: what it says of them may
 * stand behind them, and a metric may be as large as a body.
 */
export function readMetric(reader: ProtoReader, end: number): Metric {
  let metric: Metric = { name: '', unit: '', shape: 'none' };
  for (let tag = reader.field(end); tag !== 0; tag = reader.field(end)) {
    if (tag === NAME) metric.name = reader.text(end);
    else if (tag === UNIT) metric.unit = reader.text(end);
    else if (tag === GAUGE || tag === SUM || tag === HISTOGRAM || tag === EXPONENTIAL || tag === SUMMARY) {
      metric = Object.assign(readShape(reader, reader.end(end), tag), named(metric));
    } else reader.skip(tag, end);
  }
  return metric;
}

function named({ name, unit }: Metric): { name: string; unit: string } {
  return { name, unit };
}

function readShape(reader: ProtoReader, end: number, tag: number) {
  const start = reader.at;
  const all = <Point>(read: (reader: ProtoReader, end: number) => Point): Points<Point> => ({
    *[Symbol.iterator]() {
      reader.at = start;
      for (const pointEnd of fieldsOf(reader, POINTS, end)) {
        yield orRefused(() => {
          checkSize(reader, pointEnd);
          return read(reader, pointEnd);
        });
      }
    },
  });
  const { temporality, isMonotonic } = readAggregation(reader, end);
  if (tag === GAUGE) return { shape: 'gauge' as const, points: all(readNumberPoint) };
  if (tag === SUM) return { shape: 'sum' as const, points: all(readNumberPoint), temporality, isMonotonic };
  if (tag === HISTOGRAM) return { shape: 'histogram' as const, points: all(readHistogramPoint), temporality };
  if (tag === EXPONENTIAL) return { shape: 'exponential' as const, points: all(readExponentialPoint), temporality };
  return { shape: 'summary' as const, points: all(readSummaryPoint) };
}

function readAggregation(reader: ProtoReader, end: number): { temporality: number; isMonotonic: boolean } {
  let temporality = 0;
  let isMonotonic = false;
  for (let tag = reader.field(end); tag !== 0; tag = reader.field(end)) {
    if (tag === TEMPORALITY) temporality = reader.uint32();
    else if (tag === MONOTONIC) isMonotonic = reader.uint32() !== 0;
    else reader.skip(tag, end);
  }
  return { temporality, isMonotonic };
}

/** The same numbers in all points but for attributes and flags. */
const [START, TIME, COUNT, TOTAL] = [field(2, FIXED64), field(3, FIXED64), field(4, FIXED64), field(5, FIXED64)];
const [AS_DOUBLE, AS_INT] = [field(4, FIXED64), field(6, FIXED64)];
const [NUMBER_ATTRIBUTES, NUMBER_FLAGS] = [field(7, DELIMITED), field(8, VARINT)];

function readNumberPoint(reader: ProtoReader, end: number): NumberPoint {
  const point = emptyNumberPoint();
  for (let tag = reader.field(end); tag !== 0; tag = reader.field(end)) {
    if (tag === NUMBER_ATTRIBUTES) readPair(reader, reader.end(end), point.attributes);
    else if (tag === START) point.startNanos = reader.fixed64();
    else if (tag === TIME) point.timeNanos = reader.fixed64();
    else if (tag === AS_DOUBLE) point.value = reader.double();
    else if (tag === AS_INT) point.value = reader.sfixed64();
    else if (tag === NUMBER_FLAGS) point.flags = reader.uint32();
    else reader.skip(tag, end);
  }
  return point;
}

const [COUNTS, COUNT_ONE, BOUNDS, BOUND_ONE] = [
  field(6, DELIMITED),
  field(6, FIXED64),
  field(7, DELIMITED),
  field(7, FIXED64),
];
const [HISTOGRAM_ATTRIBUTES, HISTOGRAM_FLAGS] = [field(9, DELIMITED), field(10, VARINT)];
const [HISTOGRAM_MIN, HISTOGRAM_MAX] = [field(11, FIXED64), field(12, FIXED64)];

function readHistogramPoint(reader: ProtoReader, end: number): HistogramPoint {
  const point = emptyHistogramPoint();
  for (let tag = reader.field(end); tag !== 0; tag = reader.field(end)) {
    if (tag === HISTOGRAM_ATTRIBUTES) readPair(reader, reader.end(end), point.attributes);
    else if (tag === START) point.startNanos = reader.fixed64();
    else if (tag === TIME) point.timeNanos = reader.fixed64();
    else if (tag === COUNT) point.count = reader.fixed64();
    else if (tag === TOTAL) point.sum = reader.double();
    else if (tag === COUNTS) readPacked(reader, reader.end(end), point.counts, () => reader.fixed64());
    else if (tag === COUNT_ONE) addBounded(point.counts, reader.fixed64());
    else if (tag === BOUNDS) readPacked(reader, reader.end(end), point.bounds, () => reader.double());
    else if (tag === BOUND_ONE) addBounded(point.bounds, reader.double());
    else if (tag === HISTOGRAM_FLAGS) point.flags = reader.uint32();
    else if (tag === HISTOGRAM_MIN) point.min = reader.double();
    else if (tag === HISTOGRAM_MAX) point.max = reader.double();
    else reader.skip(tag, end);
  }
  return point;
}

const [EXPONENTIAL_ATTRIBUTES, SCALE, ZERO_COUNT] = [field(1, DELIMITED), field(6, VARINT), field(7, FIXED64)];
const [POSITIVE, NEGATIVE, EXPONENTIAL_FLAGS] = [field(8, DELIMITED), field(9, DELIMITED), field(10, VARINT)];
const [EXPONENTIAL_MIN, EXPONENTIAL_MAX, ZERO_THRESHOLD] = [field(12, FIXED64), field(13, FIXED64), field(14, FIXED64)];

function readExponentialPoint(reader: ProtoReader, end: number): ExponentialPoint {
  const point = emptyExponentialPoint();
  for (let tag = reader.field(end); tag !== 0; tag = reader.field(end)) {
    if (tag === EXPONENTIAL_ATTRIBUTES) readPair(reader, reader.end(end), point.attributes);
    else if (tag === START) point.startNanos = reader.fixed64();
    else if (tag === TIME) point.timeNanos = reader.fixed64();
    else if (tag === COUNT) point.count = reader.fixed64();
    else if (tag === TOTAL) point.sum = reader.double();
    else if (tag === SCALE) point.scale = reader.sint32();
    else if (tag === ZERO_COUNT) point.zeroCount = reader.fixed64();
    else if (tag === POSITIVE) readBuckets(reader, reader.end(end), point.positive);
    else if (tag === NEGATIVE) readBuckets(reader, reader.end(end), point.negative);
    else if (tag === EXPONENTIAL_FLAGS) point.flags = reader.uint32();
    else if (tag === EXPONENTIAL_MIN) point.min = reader.double();
    else if (tag === EXPONENTIAL_MAX) point.max = reader.double();
    else if (tag === ZERO_THRESHOLD) point.zeroThreshold = reader.double();
    else reader.skip(tag, end);
  }
  return point;
}

const [OFFSET, BUCKET_COUNTS, BUCKET_COUNT_ONE] = [field(1, VARINT), field(2, DELIMITED), field(2, VARINT)];

function readBuckets(reader: ProtoReader, end: number, buckets: ExponentialBuckets): void {
  for (let tag = reader.field(end); tag !== 0; tag = reader.field(end)) {
    if (tag === OFFSET) buckets.offset = reader.sint32();
    else if (tag === BUCKET_COUNTS) readPacked(reader, reader.end(end), buckets.counts, () => Number(reader.int64()));
    else if (tag === BUCKET_COUNT_ONE) addBounded(buckets.counts, Number(reader.int64()));
    else reader.skip(tag, end);
  }
}

const [SUMMARY_QUANTILES, SUMMARY_ATTRIBUTES, SUMMARY_FLAGS] = [
  field(6, DELIMITED),
  field(7, DELIMITED),
  field(8, VARINT),
];
const [QUANTILE, QUANTILE_VALUE] = [field(1, FIXED64), field(2, FIXED64)];

function readSummaryPoint(reader: ProtoReader, end: number): SummaryPoint {
  const point = emptySummaryPoint();
  for (let tag = reader.field(end); tag !== 0; tag = reader.field(end)) {
    if (tag === SUMMARY_ATTRIBUTES) readPair(reader, reader.end(end), point.attributes);
    else if (tag === START) point.startNanos = reader.fixed64();
    else if (tag === TIME) point.timeNanos = reader.fixed64();
    else if (tag === COUNT) point.count = reader.fixed64();
    else if (tag === TOTAL) point.sum = reader.double();
    else if (tag === SUMMARY_QUANTILES) addBounded(point.quantiles, readQuantile(reader, reader.end(end)));
    else if (tag === SUMMARY_FLAGS) point.flags = reader.uint32();
    else reader.skip(tag, end);
  }
  return point;
}

function readQuantile(reader: ProtoReader, end: number): { quantile: number; value: number } {
  const read = { quantile: 0, value: 0 };
  for (let tag = reader.field(end); tag !== 0; tag = reader.field(end)) {
    if (tag === QUANTILE) read.quantile = reader.double();
    else if (tag === QUANTILE_VALUE) read.value = reader.double();
    else reader.skip(tag, end);
  }
  return read;
}

/** Numbers one after the other, without a tag each. */
function readPacked(reader: ProtoReader, end: number, into: number[], read: () => number): void {
  while (reader.at < end) addBounded(into, read());
  reader.expectEnd(end);
}

function addBounded<Item>(list: Item[], item: Item): void {
  if (list.length >= BUCKETS_MAX) throw tooManyBuckets();
  list.push(item);
}
