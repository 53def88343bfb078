import type { ProtoReader } from '../proto-reader.ts';
import { readMany, type Shape } from '../protobuf-shape.ts';
import { isStaleMarker } from './stale-marker.ts';

/** Consecutive buckets: how far from the end of the span before, and how many. */
type Span = { readonly offset: number; readonly length: number };
type Bucket = { readonly lower: number; readonly upper: number; readonly count: number };

/** A histogram whose buckets grow by powers of two, or lie where its sender says (custom values). */
export type NativeHistogram = {
  readonly timeMs: number;
  readonly count: number;
  readonly sum: number;
  /** The series ends here; the other numbers mean nothing. */
  readonly isStale: boolean;
  /** It goes up and down, and does not count from a beginning. */
  readonly isGauge: boolean;
  /** Buckets that hold something, in ascending order. */
  readonly buckets: readonly Bucket[];
};

const SPAN: Shape = { 1: 'varint', 2: 'varint' };
/** The numbers of the fields are the same in remote write 1 and 2. */
export const HISTOGRAM: Shape = {
  1: 'varint',
  2: 'fixed64',
  3: 'fixed64',
  4: 'varint',
  5: 'fixed64',
  6: 'varint',
  7: 'fixed64',
  8: SPAN,
  9: 'many-varints',
  10: 'many-fixed64',
  11: SPAN,
  12: 'many-varints',
  13: 'many-fixed64',
  14: 'varint',
  15: 'varint',
  16: 'many-fixed64',
};
const CUSTOM_SCHEMA = -53;
const RESET_HINT_GAUGE = 3;

class Draft {
  timeMs = 0;
  count = 0;
  sum = 0;
  isStale = false;
  isGauge = false;
  schema = 0;
  zeroThreshold = 0;
  zeroCount = 0;
  readonly negative = { spans: [] as Span[], deltas: [] as number[], counts: [] as number[] };
  readonly positive = { spans: [] as Span[], deltas: [] as number[], counts: [] as number[] };
  readonly custom: number[] = [];
}

/** Reads the histogram that ends there; its shape has been checked. */
export function readNativeHistogram(reader: ProtoReader, end: number): NativeHistogram {
  const draft = new Draft();
  for (let tag = reader.field(end); tag !== 0; tag = reader.field(end)) readField(reader, tag, end, draft);
  const { timeMs, count, sum, isStale, isGauge } = draft;
  return { timeMs, count, sum, isStale, isGauge, buckets: isStale ? [] : bucketsOf(draft) };
}

function readField(reader: ProtoReader, tag: number, end: number, draft: Draft): void {
  const field = tag >>> 3;
  if (field === 1) draft.count = reader.uint64();
  else if (field === 2) draft.count = reader.double();
  else if (field === 3) {
    draft.sum = reader.double();
    draft.isStale = isStaleMarker(reader, draft.sum);
  } else if (field === 4) draft.schema = reader.sint32();
  else if (field === 5) draft.zeroThreshold = reader.double();
  else if (field === 6) draft.zeroCount = reader.uint64();
  else if (field === 7) draft.zeroCount = reader.double();
  else if (field === 14) draft.isGauge = reader.int32() === RESET_HINT_GAUGE;
  else if (field === 15) draft.timeMs = Number(reader.int64());
  else if (field === 16) readMany(reader, tag, end, draft.custom, () => reader.double());
  else readSide(reader, tag, end, draft);
}

function readSide(reader: ProtoReader, tag: number, end: number, draft: Draft): void {
  const field = tag >>> 3;
  if (field < 8 || field > 13) {
    reader.skip(tag, end);
    return;
  }
  const side = field < 11 ? draft.negative : draft.positive;
  const part = (field - 8) % 3;
  if (part === 0) side.spans.push(readSpan(reader, reader.end(end)));
  else if (part === 1) readMany(reader, tag, end, side.deltas, () => reader.sint64());
  else readMany(reader, tag, end, side.counts, () => reader.double());
}

function readSpan(reader: ProtoReader, end: number): Span {
  let offset = 0;
  let length = 0;
  for (let tag = reader.field(end); tag !== 0; tag = reader.field(end)) {
    if (tag >>> 3 === 1) offset = reader.sint32();
    else if (tag >>> 3 === 2) length = reader.uint32();
    else reader.skip(tag, end);
  }
  return { offset, length };
}

function bucketsOf(draft: Draft): Bucket[] {
  const { schema, custom, zeroThreshold, zeroCount } = draft;
  if (schema === CUSTOM_SCHEMA) {
    return placed(draft.positive).map(({ index, count }) => ({
      lower: custom[index - 1] ?? Number.NEGATIVE_INFINITY,
      upper: custom[index] ?? Number.POSITIVE_INFINITY,
      count,
    }));
  }
  const bound = (index: number): number => 2 ** (index * 2 ** -schema);
  const upwards = placed(draft.positive).map(({ index, count }) => ({
    lower: bound(index - 1),
    upper: bound(index),
    count,
  }));
  const downwards = placed(draft.negative).map(({ index, count }) => ({
    lower: -bound(index),
    upper: -bound(index - 1),
    count,
  }));
  const zero = zeroCount > 0 ? [{ lower: -zeroThreshold, upper: zeroThreshold, count: zeroCount }] : [];
  return [...downwards.reverse(), ...zero, ...upwards];
}

/** Counts with the index of their bucket. What spans promise beyond the counts that came is not made up. */
function placed({ spans, deltas, counts }: Draft['positive']): { index: number; count: number }[] {
  const absolute = counts.length > 0 ? counts : summedUp(deltas);
  const found: { index: number; count: number }[] = [];
  let index = 0;
  let at = 0;
  for (const { offset, length } of spans) {
    index += offset;
    const until = Math.min(at + length, absolute.length);
    for (; at < until; at += 1, index += 1) {
      const count = absolute[at] ?? 0;
      if (count > 0) found.push({ index, count });
    }
  }
  return found;
}

function summedUp(deltas: readonly number[]): number[] {
  let sum = 0;
  return deltas.map((delta) => {
    sum += delta;
    return sum;
  });
}

/** Value below which a share of the observations lies, as far as the buckets tell; undefined when there are none. */
export function quantileOf({ buckets }: NativeHistogram, share: number): number | undefined {
  const total = buckets.reduce((sum, { count }) => sum + count, 0);
  let left = share * total;
  for (const bucket of buckets) {
    if (left <= bucket.count) return within(bucket, left / bucket.count);
    left -= bucket.count;
  }
  return undefined;
}

/** Observations are taken to be spread as the bounds are: by powers where both have one sign, evenly otherwise. */
function within({ lower, upper }: Bucket, share: number): number {
  if (!Number.isFinite(upper)) return lower;
  if (!Number.isFinite(lower)) return upper;
  if (lower > 0) return lower * (upper / lower) ** share;
  if (upper < 0) return upper * (lower / upper) ** (1 - share);
  return lower + (upper - lower) * share;
}
