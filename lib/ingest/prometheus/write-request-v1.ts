import protobuf from 'protobufjs/minimal.js';
import { type Family, type FamilyType, familyName } from '@/lib/core/prometheus-names.ts';
import { checkShape, messageEnd, type Shape } from '../protobuf-shape.ts';
import { HISTOGRAM } from './native-histogram.ts';
import { familyTypeOf, LABELS_MAX, type PointFields, SAMPLE, type Series, scanSeries } from './series.ts';

const LABEL: Shape = { 1: 'bytes', 2: 'bytes' };
const EXEMPLAR: Shape = { 1: LABEL, 2: 'fixed64', 3: 'varint' };
const TIME_SERIES: Shape = { 1: LABEL, 2: SAMPLE, 3: EXEMPLAR, 4: HISTOGRAM };
const METADATA: Shape = { 1: 'varint', 2: 'bytes', 4: 'bytes', 5: 'bytes' };
const WRITE_REQUEST: Shape = { 1: TIME_SERIES, 3: METADATA };
const FIELDS: PointFields = { samples: 2, exemplars: 3, histograms: 4 };

/** Series of a `prometheus.WriteRequest`. Throws bad-request, before the first one, when the body is none. */
export function* readWriteRequestV1(body: Buffer): Iterable<Series> {
  checkShape(body, WRITE_REQUEST, 'prometheus.WriteRequest');
  const families = readFamilies(body);
  const reader = protobuf.Reader.create(body);
  while (reader.pos < reader.len) {
    const tag = reader.uint32();
    if (tag >>> 3 === 1) yield* readSeries(reader, families);
    else reader.skipType(tag & 7);
  }
}

/**
 * What the request tells about families. Prometheus sends that in requests of their own, which say nothing about the
 * series of others: the protocol has no memory, and neither has this.
 */
function readFamilies(body: Buffer): ReadonlyMap<string, Family> {
  const families = new Map<string, Family>();
  const reader = protobuf.Reader.create(body);
  while (reader.pos < reader.len) {
    const tag = reader.uint32();
    if (tag >>> 3 === 3) readFamily(reader, families);
    else reader.skipType(tag & 7);
  }
  return families;
}

function readFamily(reader: protobuf.Reader, families: Map<string, Family>): void {
  const end = messageEnd(reader);
  let type: FamilyType = 'unknown';
  let name = '';
  let unit = '';
  while (reader.pos < end) {
    const tag = reader.uint32();
    if (tag >>> 3 === 1) type = familyTypeOf(reader.int32());
    else if (tag >>> 3 === 2) name = reader.string();
    else if (tag >>> 3 === 5) unit = reader.string();
    else reader.skipType(tag & 7);
  }
  families.set(name, { type, unit });
}

function* readSeries(reader: protobuf.Reader, families: ReadonlyMap<string, Family>): Iterable<Series> {
  const labels: [string, string][] = [];
  const { end, counts, points } = scanSeries(reader, FIELDS, (tag) => {
    if (tag >>> 3 === 1 && labels.length < LABELS_MAX) labels.push(readLabel(reader));
    else reader.skipType(tag & 7);
  });
  yield { labels, family: familyOf(labels, families), counts, points };
  reader.pos = end;
}

function familyOf(
  labels: readonly (readonly [string, string])[],
  families: ReadonlyMap<string, Family>,
): Family | undefined {
  if (families.size === 0) return undefined;
  const name = labels.find(([label]) => label === '__name__')?.[1] ?? '';
  return families.get(name) ?? families.get(familyName(name));
}

function readLabel(reader: protobuf.Reader): [string, string] {
  const end = messageEnd(reader);
  let name = '';
  let value = '';
  while (reader.pos < end) {
    const tag = reader.uint32();
    if (tag >>> 3 === 1) name = reader.string();
    else if (tag >>> 3 === 2) value = reader.string();
    else reader.skipType(tag & 7);
  }
  return [name, value];
}
