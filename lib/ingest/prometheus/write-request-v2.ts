import type { Family, FamilyType } from '@/lib/core/prometheus-names.ts';
import { DELIMITED, field, fieldsOf, type ProtoReader } from '../proto-reader.ts';
import { readerOf, readMany, type Shape } from '../protobuf-shape.ts';
import { HISTOGRAM } from './native-histogram.ts';
import { familyTypeOf, LABELS_MAX, type PointFields, SAMPLE, type Series, scanSeries } from './series.ts';

const EXEMPLAR: Shape = { 1: 'many-varints', 2: 'fixed64', 3: 'varint' };
const METADATA: Shape = { 1: 'varint', 3: 'varint', 4: 'varint' };
const TIME_SERIES: Shape = { 1: 'many-varints', 2: SAMPLE, 3: HISTOGRAM, 4: EXEMPLAR, 5: METADATA };
const REQUEST: Shape = { 4: 'bytes', 5: TIME_SERIES };
const SERIES = field(5, DELIMITED);
const FIELDS: PointFields = { samples: 2, histograms: 3, exemplars: 4 };

/**
 * Series of an `io.prometheus.write.v2.Request`, whose texts stand in one table. Throws bad-request, before the first one,
 * when the body is none. When a counter began (created or start timestamps) is not kept: an event has one time.
 */
export function* readWriteRequestV2(body: Buffer): Iterable<Series> {
  const reader = readerOf(body, REQUEST, 'io.prometheus.write.v2.Request');
  const symbols = readSymbols(reader, body.length);
  reader.at = 0;
  for (const end of fieldsOf(reader, SERIES, body.length)) yield readSeries(reader, end, symbols);
}

function readSymbols(reader: ProtoReader, end: number): readonly string[] {
  const symbols: string[] = [];
  for (let tag = reader.field(end); tag !== 0; tag = reader.field(end)) {
    if (tag >>> 3 === 4) symbols.push(reader.text(end));
    else reader.skip(tag, end);
  }
  return symbols;
}

function readSeries(reader: ProtoReader, end: number, symbols: readonly string[]): Series {
  const references: number[] = [];
  let family: Family | undefined;
  const scanned = scanSeries(reader, end, FIELDS, (tag) => {
    if (tag >>> 3 === 1) readMany(reader, tag, end, references, () => reader.uint32());
    else if (tag >>> 3 === 5) family = readFamily(reader, reader.end(end), symbols);
    else reader.skip(tag, end);
  });
  return { ...labelsOf(references, symbols), family, ...scanned };
}

function readFamily(reader: ProtoReader, end: number, symbols: readonly string[]): Family {
  let type: FamilyType = 'unknown';
  let unit = '';
  for (let tag = reader.field(end); tag !== 0; tag = reader.field(end)) {
    if (tag >>> 3 === 1) type = familyTypeOf(reader.int32());
    else if (tag >>> 3 === 4) unit = symbols[reader.uint32()] ?? '';
    else reader.skip(tag, end);
  }
  return { type, unit };
}

function labelsOf(references: readonly number[], symbols: readonly string[]): Pick<Series, 'labels' | 'broken'> {
  const labels: [string, string][] = [];
  for (let at = 0; at < references.length && labels.length < LABELS_MAX; at += 2) {
    const [name, value] = [symbols[references[at] ?? -1], symbols[references[at + 1] ?? -1]];
    if (name === undefined || value === undefined) {
      const broken = `labels_refs: expected pairs of places in a table of ${symbols.length} symbols`;
      return { labels: [], broken };
    }
    labels.push([name, value]);
  }
  return { labels };
}
