import type { Reader } from 'protobufjs/minimal.js';
import { ATTRIBUTES_MAX } from '@/lib/core/event.ts';
import type { Family, FamilyType } from '@/lib/core/prometheus-names.ts';
import { messageEnd, readInt64, type Shape } from '../protobuf-shape.ts';
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
 * Reads the series that begins at the reader, all but its points, which are counted. Its shape has been checked.
 * @param readOther told of each other field by its tag; has to read or skip it
 */
export function scanSeries(
  reader: Reader,
  fields: PointFields,
  readOther: (tag: number) => void,
): { readonly end: number } & Pick<Series, 'counts' | 'points'> {
  const end = messageEnd(reader);
  const start = reader.pos;
  const counts = { samples: 0, histograms: 0, exemplars: 0 };
  while (reader.pos < end) {
    const tag = reader.uint32();
    const field = tag >>> 3;
    if (field === fields.samples) counts.samples += 1;
    else if (field === fields.histograms) counts.histograms += 1;
    else if (field === fields.exemplars) counts.exemplars += 1;
    else {
      readOther(tag);
      continue;
    }
    reader.skipType(tag & 7);
  }
  return { end, counts, points: () => readPoints(reader, fields, start, end) };
}

function* readPoints(
  reader: Reader,
  fields: PointFields,
  start: number,
  end: number,
): Iterable<Sample | NativeHistogram> {
  reader.pos = start;
  while (reader.pos < end) {
    const tag = reader.uint32();
    const field = tag >>> 3;
    if (field === fields.samples) yield readSample(reader);
    else if (field === fields.histograms) yield readNativeHistogram(reader);
    else reader.skipType(tag & 7);
  }
}

function readSample(reader: Reader): Sample {
  const end = messageEnd(reader);
  let value = 0;
  let timeMs = 0;
  let isStale = false;
  while (reader.pos < end) {
    const tag = reader.uint32();
    if (tag >>> 3 === 1) {
      isStale = isStaleMarker(reader);
      value = reader.double();
    } else if (tag >>> 3 === 2) timeMs = readInt64(reader);
    else reader.skipType(tag & 7);
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
