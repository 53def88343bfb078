import { type Family, type FamilyType, familyName } from '@/lib/core/prometheus-names.ts';
import { PAIR, readPair } from '../proto-pair.ts';
import { DELIMITED, field, fieldsOf, type ProtoReader } from '../proto-reader.ts';
import { readerOf, type Shape } from '../protobuf-shape.ts';
import { HISTOGRAM } from './native-histogram.ts';
import { familyTypeOf, LABELS_MAX, type PointFields, SAMPLE, type Series, scanSeries } from './series.ts';

const EXEMPLAR: Shape = { 1: PAIR, 2: 'fixed64', 3: 'varint' };
const TIME_SERIES: Shape = { 1: PAIR, 2: SAMPLE, 3: EXEMPLAR, 4: HISTOGRAM };
const METADATA: Shape = { 1: 'varint', 2: 'bytes', 4: 'bytes', 5: 'bytes' };
const WRITE_REQUEST: Shape = { 1: TIME_SERIES, 3: METADATA };
const [SERIES, FAMILY] = [field(1, DELIMITED), field(3, DELIMITED)];
const FIELDS: PointFields = { samples: 2, exemplars: 3, histograms: 4 };

/** Series of a `prometheus.WriteRequest`. Throws bad-request, before the first one, when the body is none. */
export function* readWriteRequestV1(body: Buffer): Iterable<Series> {
  const reader = readerOf(body, WRITE_REQUEST, 'prometheus.WriteRequest');
  const families = readFamilies(reader, body.length);
  reader.at = 0;
  for (const end of fieldsOf(reader, SERIES, body.length)) yield readSeries(reader, end, families);
}

/**
 * What the request tells about families. Prometheus sends that in requests of their own, which say nothing about the
 * series of others: the protocol has no memory, and neither has this.
 */
function readFamilies(reader: ProtoReader, end: number): ReadonlyMap<string, Family> {
  const families = new Map<string, Family>();
  for (const familyEnd of fieldsOf(reader, FAMILY, end)) readFamily(reader, familyEnd, families);
  return families;
}

function readFamily(reader: ProtoReader, end: number, families: Map<string, Family>): void {
  let type: FamilyType = 'unknown';
  let name = '';
  let unit = '';
  for (let tag = reader.field(end); tag !== 0; tag = reader.field(end)) {
    if (tag >>> 3 === 1) type = familyTypeOf(reader.int32());
    else if (tag >>> 3 === 2) name = reader.text(end);
    else if (tag >>> 3 === 5) unit = reader.text(end);
    else reader.skip(tag, end);
  }
  families.set(name, { type, unit });
}

function readSeries(reader: ProtoReader, end: number, families: ReadonlyMap<string, Family>): Series {
  const labels: [string, string][] = [];
  const scanned = scanSeries(reader, end, FIELDS, (tag) => {
    if (tag >>> 3 === 1 && labels.length < LABELS_MAX) labels.push(readPair(reader, reader.end(end)));
    else reader.skip(tag, end);
  });
  return { labels, family: familyOf(labels, families), ...scanned };
}

function familyOf(
  labels: readonly (readonly [string, string])[],
  families: ReadonlyMap<string, Family>,
): Family | undefined {
  if (families.size === 0) return undefined;
  const name = labels.find(([label]) => label === '__name__')?.[1] ?? '';
  return families.get(name) ?? families.get(familyName(name));
}
