import { ATTRIBUTES_MAX } from '@/lib/core/event.ts';
import type { Family, FamilyType } from '@/lib/core/prometheus-names.ts';
import type { ProtoReader } from '../proto-reader.ts';
import type { Shape } from '../protobuf-shape.ts';
import { type NativeHistogram, readNativeHistogram } from './native-histogram.ts';
import { isStaleMarker } from './stale-marker.ts';

export type Sample = { readonly timeMs: number; readonly value: number; readonly isStale: boolean };

/** One time series of a request, the same for both versions of the protocol. Good until the next one is asked for. */
export type Series = {
  readonly labels: readonly (readonly [name: string, value: string])[];
  readonly family: Family | undefined;
  /** Why the labels cannot be told, where they cannot. */
  readonly broken?: string;
  readonly counts: SeriesCounts;
  /** One by one: a body has room for millions. */
  points(): Iterable<Sample | NativeHistogram>;
};

export type SeriesCounts = { readonly samples: number; readonly histograms: number; readonly exemplars: number };

/** More than an event may have attributes: a byte would otherwise become a pair of texts, as often as a body has room. */
export const LABELS_MAX = 2 * ATTRIBUTES_MAX;

export const SAMPLE: Shape = { 1: 'fixed64', 2: 'varint' };

/** Where a version keeps what a series holds, by the numbers of its fields. */
export type PointFields = { readonly samples: number; readonly histograms: number; readonly exemplars: number };

/**
 * Reads the series that ends there, all but its points, which are counted. Its shape has been checked.
 * @param readOther told of each other field by its tag; has to read or skip it
 */
export function scanSeries(
  reader: ProtoReader,
  end: number,
  fields: PointFields,
  readOther: (tag: number) => void,
): Pick<Series, 'counts' | 'points'> {
  const start = reader.at;
  const counts = { samples: 0, histograms: 0, exemplars: 0 };
  for (let tag = reader.field(end); tag !== 0; tag = reader.field(end)) {
    const field = tag >>> 3;
    if (field === fields.samples) counts.samples += 1;
    else if (field === fields.histograms) counts.histograms += 1;
    else if (field === fields.exemplars) counts.exemplars += 1;
    else {
      readOther(tag);
      continue;
    }
    reader.skip(tag, end);
  }
  return { counts, points: () => readPoints(reader, fields, start, end) };
}

function* readPoints(
  reader: ProtoReader,
  fields: PointFields,
  start: number,
  end: number,
): Iterable<Sample | NativeHistogram> {
  reader.at = start;
  for (let tag = reader.field(end); tag !== 0; tag = reader.field(end)) {
    const field = tag >>> 3;
    if (field === fields.samples) yield readSample(reader, reader.end(end));
    else if (field === fields.histograms) yield readNativeHistogram(reader, reader.end(end));
    else reader.skip(tag, end);
  }
}

function readSample(reader: ProtoReader, end: number): Sample {
  let value = 0;
  let timeMs = 0;
  let isStale = false;
  for (let tag = reader.field(end); tag !== 0; tag = reader.field(end)) {
    if (tag >>> 3 === 1) {
      value = reader.double();
      isStale = isStaleMarker(reader, value);
    } else if (tag >>> 3 === 2) timeMs = Number(reader.int64());
    else reader.skip(tag, end);
  }
  return { timeMs, value, isStale };
}

/** By their numbers in both versions. */
const TYPES: readonly FamilyType[] = [
  'unknown',
  'counter',
  'gauge',
  'histogram',
  'gaugehistogram',
  'summary',
  'info',
  'stateset',
];

export function familyTypeOf(number: number): FamilyType {
  return TYPES[number] ?? 'unknown';
}
