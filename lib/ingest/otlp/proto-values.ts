import type { Attributes, JsonValue } from '@/lib/core/event.ts';
import { DELIMITED, FIXED64, field, type ProtoReader, VARINT } from '../proto-reader.ts';
import { put, type Resource, type Scope, tooDeep, VALUE_DEPTH_MAX } from './otlp-model.ts';

const [KEY, VALUE] = [field(1, DELIMITED), field(2, DELIMITED)];
const [STRING, BOOL, INT, DOUBLE] = [field(1, DELIMITED), field(2, VARINT), field(3, VARINT), field(4, FIXED64)];
const [ARRAY, MAP, BYTES] = [field(5, DELIMITED), field(6, DELIMITED), field(7, DELIMITED)];
const ITEMS = field(1, DELIMITED);
const [SCOPE_NAME, SCOPE_VERSION, SCOPE_ATTRIBUTES] = [field(1, DELIMITED), field(2, DELIMITED), field(3, DELIMITED)];

/** An AnyValue; undefined: it is empty. */
export function readValue(reader: ProtoReader, end: number, depth = 0): JsonValue | undefined {
  if (depth > VALUE_DEPTH_MAX) throw tooDeep();
  let value: JsonValue | undefined;
  for (let tag = reader.field(end); tag !== 0; tag = reader.field(end)) {
    if (tag === STRING) value = reader.text(end);
    else if (tag === INT) value = jsonNumber(reader.int64());
    else if (tag === BOOL) value = reader.uint32() !== 0;
    else if (tag === DOUBLE) value = jsonNumber(reader.double());
    else if (tag === ARRAY) value = readArray(reader, reader.end(end), depth);
    else if (tag === MAP) value = readMap(reader, reader.end(end), depth);
    else if (tag === BYTES) value = reader.bytes(end).toString('base64');
    else reader.skip(tag, end);
  }
  return value;
}

/** JSON has no NaN, and no integer beyond 2^53 that stays what it is: those are kept as text. */
export function jsonNumber(value: number | bigint): JsonValue {
  return typeof value === 'number' && Number.isFinite(value) ? value : String(value);
}

function readArray(reader: ProtoReader, end: number, depth: number): JsonValue[] {
  const items: JsonValue[] = [];
  for (let tag = reader.field(end); tag !== 0; tag = reader.field(end)) {
    if (tag === ITEMS) items.push(readValue(reader, reader.end(end), depth + 1) ?? null);
    else reader.skip(tag, end);
  }
  return items;
}

function readMap(reader: ProtoReader, end: number, depth: number): Attributes {
  const map: Attributes = {};
  for (let tag = reader.field(end); tag !== 0; tag = reader.field(end)) {
    if (tag === ITEMS) readPair(reader, reader.end(end), map, depth + 1);
    else reader.skip(tag, end);
  }
  return map;
}

/** A KeyValue into the attributes that it belongs to. */
export function readPair(reader: ProtoReader, end: number, into: Attributes, depth = 0): void {
  let key = '';
  let value: JsonValue | undefined;
  for (let tag = reader.field(end); tag !== 0; tag = reader.field(end)) {
    if (tag === KEY) key = reader.key(end);
    else if (tag === VALUE) value = readValue(reader, reader.end(end), depth);
    else reader.skip(tag, end);
  }
  put(into, key, value ?? null);
}

export function readResource(reader: ProtoReader, end: number): Resource {
  const attributes: Attributes = {};
  for (let tag = reader.field(end); tag !== 0; tag = reader.field(end)) {
    if (tag === ITEMS) readPair(reader, reader.end(end), attributes);
    else reader.skip(tag, end);
  }
  return { attributes };
}

export function readScope(reader: ProtoReader, end: number): Scope {
  const scope = { name: '', version: '', attributes: {} };
  for (let tag = reader.field(end); tag !== 0; tag = reader.field(end)) {
    if (tag === SCOPE_NAME) scope.name = reader.text(end);
    else if (tag === SCOPE_VERSION) scope.version = reader.text(end);
    else if (tag === SCOPE_ATTRIBUTES) readPair(reader, reader.end(end), scope.attributes);
    else reader.skip(tag, end);
  }
  return scope;
}

/** Bytes as an id; all zeros is none. */
export function readId(reader: ProtoReader, within: number): string {
  return idOf(reader.bytes(within).toString('hex'));
}

export function idOf(hex: string): string {
  return ZEROS.test(hex) ? '' : hex;
}

const ZEROS = /^0*$/;
