import protobuf from 'protobufjs/minimal.js';
import { ATTRIBUTES_MAX, type Attributes, type JsonValue } from '@/lib/core/event.ts';
import type { SourceEvent } from '@/lib/core/source.ts';
import { Refused } from '../http-protocol.ts';
import { checkShape, messageEnd, readInt64, type Shape } from '../protobuf-shape.ts';
import type { Understand } from '../understand.ts';
import { LokiStream } from './loki-stream.ts';
import { parseStreamLabels } from './stream-labels.ts';

const PAIR: Shape = { 1: 'bytes', 2: 'bytes' };
const TIMESTAMP: Shape = { 1: 'varint', 2: 'varint' };
const ENTRY: Shape = { 1: TIMESTAMP, 2: 'bytes', 3: PAIR };
const STREAM: Shape = { 1: 'bytes', 2: ENTRY };
const PUSH: Shape = { 1: STREAM };

type Pair = readonly [string, JsonValue];
const NONE: readonly Pair[] = [];
/** More than an event may have: two bytes would otherwise become two texts and a list, as often as a body has room. */
const PAIRS_MAX = 2 * ATTRIBUTES_MAX;

/** Lines of a `logproto.PushRequest`. Throws bad-request, before the first one, when the body is none. */
export function* readLokiProtobuf(
  body: Buffer,
  common: Attributes,
  understand?: Understand,
): Iterable<SourceEvent | Refused> {
  checkShape(body, PUSH, 'logproto.PushRequest');
  const reader = protobuf.Reader.create(body);
  while (reader.pos < reader.len) {
    const tag = reader.uint32();
    if (tag >>> 3 === 1) yield* readStream(reader, common, understand);
    else reader.skipType(tag & 7);
  }
}

function* readStream(
  reader: protobuf.Reader,
  common: Attributes,
  understand: Understand | undefined,
): Iterable<SourceEvent | Refused> {
  const end = messageEnd(reader);
  const start = reader.pos;
  const labels = parseStreamLabels(labelsOf(reader, end));
  if (typeof labels === 'string') {
    yield new Refused(labels, countEntries(reader, start, end));
    return;
  }
  const stream = new LokiStream(labels, common, understand);
  reader.pos = start;
  while (reader.pos < end) {
    const tag = reader.uint32();
    if (tag >>> 3 === 2) yield readEntry(reader, stream);
    else reader.skipType(tag & 7);
  }
}

/** Mostly the first field, but its place is not promised. */
function labelsOf(reader: protobuf.Reader, end: number): string {
  while (reader.pos < end) {
    const tag = reader.uint32();
    if (tag >>> 3 === 1) return reader.string();
    reader.skipType(tag & 7);
  }
  return '{}';
}

function countEntries(reader: protobuf.Reader, start: number, end: number): number {
  let count = 0;
  reader.pos = start;
  while (reader.pos < end) {
    const tag = reader.uint32();
    if (tag >>> 3 === 2) count += 1;
    reader.skipType(tag & 7);
  }
  return count;
}

function readEntry(reader: protobuf.Reader, stream: LokiStream): SourceEvent {
  const end = messageEnd(reader);
  let timeMs = 0;
  let line = '';
  let metadata: Pair[] | undefined;
  while (reader.pos < end) {
    const tag = reader.uint32();
    switch (tag >>> 3) {
      case 1:
        timeMs = readTimestampMs(reader);
        break;
      case 2:
        line = reader.string();
        break;
      case 3:
        metadata ??= [];
        if (metadata.length < PAIRS_MAX) metadata.push(readPair(reader));
        else reader.skipType(tag & 7);
        break;
      default:
        reader.skipType(tag & 7);
    }
  }
  return stream.event(timeMs, line, metadata ?? NONE);
}

function readTimestampMs(reader: protobuf.Reader): number {
  const end = messageEnd(reader);
  let seconds = 0;
  let nanoseconds = 0;
  while (reader.pos < end) {
    const tag = reader.uint32();
    if (tag >>> 3 === 1) seconds = readInt64(reader);
    else if (tag >>> 3 === 2) nanoseconds = reader.int32();
    else reader.skipType(tag & 7);
  }
  return seconds * 1000 + Math.floor(nanoseconds / 1e6);
}

function readPair(reader: protobuf.Reader): Pair {
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
