import protobuf, { type Writer } from 'protobufjs/minimal.js';

export type GivenSeries = {
  readonly labels: Readonly<Record<string, string>>;
  readonly samples?: readonly { readonly value: number; readonly timeMs: number }[];
  readonly histograms?: readonly GivenHistogram[];
  readonly exemplars?: number;
  /** Only in version 2: number of the type, and the unit. */
  readonly family?: { readonly type: number; readonly unit?: string };
};

export type GivenHistogram = {
  readonly timeMs: number;
  readonly count?: number;
  readonly sum?: number;
  readonly schema?: number;
  readonly zero?: { readonly threshold: number; readonly count: number };
  /** Spans of offset and length, and counts: deltas, or absolute ones of a histogram of floats. */
  readonly positive?: GivenBuckets;
  readonly negative?: GivenBuckets;
  readonly custom?: readonly number[];
  readonly resetHint?: number;
};
type GivenBuckets = {
  readonly spans: readonly (readonly [offset: number, length: number])[];
  readonly deltas?: readonly number[];
  readonly counts?: readonly number[];
};

const [VARINT, FIXED64, BYTES] = [0, 1, 2];
/** The NaN by which Prometheus ends a series; as a number it would be any NaN. */
export const STALE = Symbol('stale') as unknown as number;
const STALE_BYTES = [2, 0, 0, 0, 0, 0, 0xf0, 0x7f];

/** A `prometheus.WriteRequest`, not compressed. */
export function writeRequestV1(
  all: readonly GivenSeries[],
  families: readonly { name: string; type: number; unit?: string }[] = [],
): Buffer {
  const writer = protobuf.Writer.create();
  for (const { labels, samples = [], histograms = [], exemplars = 0 } of all) {
    open(writer, 1);
    for (const [name, value] of Object.entries(labels)) {
      text(text(open(writer, 1), 1, name), 2, value).ldelim();
    }
    for (const sample of samples) writeSample(writer, sample);
    for (let count = 0; count < exemplars; count += 1) double(open(writer, 3), 2, 1).ldelim();
    for (const histogram of histograms) writeHistogram(writer, 4, histogram);
    writer.ldelim();
  }
  for (const { name, type, unit = '' } of families) {
    text(text(varint(open(writer, 3), 1, type), 2, name), 5, unit).ldelim();
  }
  return Buffer.from(writer.finish());
}

/** An `io.prometheus.write.v2.Request`, not compressed. */
export function writeRequestV2(all: readonly GivenSeries[]): Buffer {
  const symbols: string[] = [''];
  const refer = (symbol: string): number => {
    if (!symbols.includes(symbol)) symbols.push(symbol);
    return symbols.indexOf(symbol);
  };
  const series = protobuf.Writer.create();
  for (const { labels, samples = [], histograms = [], exemplars = 0, family } of all) {
    open(series, 5);
    open(series, 1);
    for (const symbol of Object.entries(labels).flat()) series.uint32(refer(symbol));
    series.ldelim();
    for (const sample of samples) writeSample(series, sample);
    for (const histogram of histograms) writeHistogram(series, 3, histogram);
    for (let count = 0; count < exemplars; count += 1) double(open(series, 4), 2, 1).ldelim();
    if (family) varint(varint(open(series, 5), 1, family.type), 4, refer(family.unit ?? '')).ldelim();
    // When the counter began, as drafts of the specification had it.
    varint(series, 6, 1_767_225_600_000).ldelim();
  }
  const writer = protobuf.Writer.create();
  for (const symbol of symbols) text(writer, 4, symbol);
  return Buffer.concat([writer.finish(), series.finish()]);
}

function writeSample(writer: Writer, { value, timeMs }: { value: number; timeMs: number }): void {
  varint(double(open(writer, 2), 1, value), 2, timeMs).ldelim();
}

function writeHistogram(writer: Writer, field: number, given: GivenHistogram): void {
  const { count = 0, sum = 0, schema = 0, zero, positive, negative, custom = [], resetHint = 0 } = given;
  open(writer, field);
  varint(writer, 1, count);
  double(writer, 3, sum);
  writer.uint32(4 * 8 + VARINT).sint32(schema);
  if (zero) varint(double(writer, 5, zero.threshold), 6, zero.count);
  if (negative) writeBuckets(writer, 8, negative);
  if (positive) writeBuckets(writer, 11, positive);
  varint(varint(writer, 14, resetHint), 15, given.timeMs);
  for (const bound of custom) double(writer, 16, bound);
  writer.ldelim();
}

function writeBuckets(writer: Writer, first: number, { spans, deltas = [], counts = [] }: GivenBuckets): void {
  for (const [offset, length] of spans) {
    open(writer, first)
      .uint32(1 * 8 + VARINT)
      .sint32(offset);
    varint(writer, 2, length).ldelim();
  }
  if (deltas.length > 0) {
    open(writer, first + 1);
    for (const delta of deltas) writer.sint64(delta);
    writer.ldelim();
  }
  for (const count of counts) double(writer, first + 2, count);
}

function open(writer: Writer, field: number): Writer {
  return writer.uint32(field * 8 + BYTES).fork();
}

function text(writer: Writer, field: number, value: string): Writer {
  return writer.uint32(field * 8 + BYTES).string(value);
}

function varint(writer: Writer, field: number, value: number): Writer {
  return writer.uint32(field * 8 + VARINT).int64(value);
}

function double(writer: Writer, field: number, value: number): Writer {
  writer.uint32(field * 8 + FIXED64);
  if (value !== STALE) return writer.double(value);
  const bytes = Buffer.from(STALE_BYTES);
  return writer.fixed32(bytes.readUInt32LE(0)).fixed32(bytes.readUInt32LE(4));
}
