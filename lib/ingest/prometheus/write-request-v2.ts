import protobuf from 'protobufjs/minimal.js';
import type { Family, FamilyType } from '@/lib/core/prometheus-names.ts';
import { checkShape, messageEnd, readMany, type Shape } from '../protobuf-shape.ts';
import { HISTOGRAM } from './native-histogram.ts';
import { familyTypeOf, LABELS_MAX, type PointFields, SAMPLE, type Series, scanSeries } from './series.ts';

const EXEMPLAR: Shape = { 1: 'many-varints', 2: 'fixed64', 3: 'varint' };
const METADATA: Shape = { 1: 'varint', 3: 'varint', 4: 'varint' };
const TIME_SERIES: Shape = { 1: 'many-varints', 2: SAMPLE, 3: HISTOGRAM, 4: EXEMPLAR, 5: METADATA };
const REQUEST: Shape = { 4: 'bytes', 5: TIME_SERIES };
const FIELDS: PointFields = { samples: 2, histograms: 3, exemplars: 4 };

/**
 * Series of an `io.prometheus.write.v2.Request`, whose texts stand in one table. Throws bad-request, before the first one,
 * when the body is none. When a counter began (created or start timestamps) is not kept: an event has one time.
 */
export function* readWriteRequestV2(body: Buffer): Iterable<Series> {
  checkShape(body, REQUEST, 'io.prometheus.write.v2.Request');
  const symbols = readSymbols(body);
  const reader = protobuf.Reader.create(body);
  while (reader.pos < reader.len) {
    const tag = reader.uint32();
    if (tag >>> 3 === 5) yield* readSeries(reader, symbols);
    else reader.skipType(tag & 7);
  }
}

function readSymbols(body: Buffer): readonly string[] {
  const symbols: string[] = [];
  const reader = protobuf.Reader.create(body);
  while (reader.pos < reader.len) {
    const tag = reader.uint32();
    if (tag >>> 3 === 4) symbols.push(reader.string());
    else reader.skipType(tag & 7);
  }
  return symbols;
}

function* readSeries(reader: protobuf.Reader, symbols: readonly string[]): Iterable<Series> {
  const references: number[] = [];
  let family: Family | undefined;
  const { end, counts, points } = scanSeries(reader, FIELDS, (tag) => {
    if (tag >>> 3 === 1) readMany(reader, tag, references, () => reader.uint32());
    else if (tag >>> 3 === 5) family = readFamily(reader, symbols);
    else reader.skipType(tag & 7);
  });
  yield { ...labelsOf(references, symbols), family, counts, points };
  reader.pos = end;
}

function readFamily(reader: protobuf.Reader, symbols: readonly string[]): Family {
  const end = messageEnd(reader);
  let type: FamilyType = 'unknown';
  let unit = '';
  while (reader.pos < end) {
    const tag = reader.uint32();
    if (tag >>> 3 === 1) type = familyTypeOf(reader.int32());
    else if (tag >>> 3 === 4) unit = symbols[reader.uint32()] ?? '';
    else reader.skipType(tag & 7);
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
