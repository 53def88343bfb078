import { ATTRIBUTES_MAX, type Attributes, type JsonValue } from '@/lib/core/event.ts';
import type { SourceEvent } from '@/lib/core/source.ts';
import { Refused } from '../http-protocol.ts';
import { PAIR, readPair } from '../proto-pair.ts';
import { DELIMITED, field, fieldsOf, type ProtoReader } from '../proto-reader.ts';
import { readerOf, type Shape } from '../protobuf-shape.ts';
import type { Understand } from '../understand.ts';
import { LokiStream } from './loki-stream.ts';
import { parseStreamLabels } from './stream-labels.ts';

const TIMESTAMP: Shape = { 1: 'varint', 2: 'varint' };
const ENTRY: Shape = { 1: TIMESTAMP, 2: 'bytes', 3: PAIR };
const STREAM: Shape = { 1: 'bytes', 2: ENTRY };
const [STREAMS, ENTRIES] = [field(1, DELIMITED), field(2, DELIMITED)];
const PUSH: Shape = { 1: STREAM };

type Pair = readonly [string, JsonValue];
/** More than an event may have: two bytes would otherwise become two texts and a list, as often as a body has room. */
const PAIRS_MAX = 2 * ATTRIBUTES_MAX;

/** Lines of a `logproto.PushRequest`. Throws bad-request, before the first one, when the body is none. */
export function* readLokiProtobuf(
  body: Buffer,
  common: Attributes,
  understand?: Understand,
): Iterable<SourceEvent | Refused> {
  const reader = readerOf(body, PUSH, 'logproto.PushRequest');
  for (const end of fieldsOf(reader, STREAMS, body.length)) yield* readStream(reader, end, common, understand);
}

function* readStream(
  reader: ProtoReader,
  end: number,
  common: Attributes,
  understand: Understand | undefined,
): Iterable<SourceEvent | Refused> {
  const start = reader.at;
  const { labels: text, entries } = scanStream(reader, end);
  const labels = parseStreamLabels(text);
  if (typeof labels === 'string') {
    yield new Refused(labels, entries);
    return;
  }
  const stream = new LokiStream(labels, common, understand);
  reader.at = start;
  for (const entryEnd of fieldsOf(reader, ENTRIES, end)) yield readEntry(reader, entryEnd, stream);
}

/** Labels are mostly the first field, but their place is not promised. */
function scanStream(reader: ProtoReader, end: number): { labels: string; entries: number } {
  let labels = '{}';
  let entries = 0;
  for (let tag = reader.field(end); tag !== 0; tag = reader.field(end)) {
    if (tag >>> 3 === 1) {
      labels = reader.text(end);
      continue;
    }
    if (tag >>> 3 === 2) entries += 1;
    reader.skip(tag, end);
  }
  return { labels, entries };
}

function readEntry(reader: ProtoReader, end: number, stream: LokiStream): SourceEvent {
  let timeMs = 0;
  let line = '';
  const metadata: Pair[] = [];
  for (let tag = reader.field(end); tag !== 0; tag = reader.field(end)) {
    const field = tag >>> 3;
    if (field === 1) timeMs = readTimestampMs(reader, reader.end(end));
    else if (field === 2) line = reader.text(end);
    else if (field === 3 && metadata.length < PAIRS_MAX) metadata.push(readPair(reader, reader.end(end)));
    else reader.skip(tag, end);
  }
  return stream.event(timeMs, line, metadata);
}

function readTimestampMs(reader: ProtoReader, end: number): number {
  let seconds = 0;
  let nanoseconds = 0;
  for (let tag = reader.field(end); tag !== 0; tag = reader.field(end)) {
    if (tag >>> 3 === 1) seconds = Number(reader.int64());
    else if (tag >>> 3 === 2) nanoseconds = reader.int32();
    else reader.skip(tag, end);
  }
  return seconds * 1000 + Math.floor(nanoseconds / 1e6);
}
