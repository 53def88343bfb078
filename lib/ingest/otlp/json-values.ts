import type { Attributes, JsonValue } from '@/lib/core/event.ts';
import { put, type Resource, type Scope, tooDeep, Unusable, VALUE_DEPTH_MAX } from './otlp-model.ts';
import { idOf, jsonNumber } from './proto-values.ts';

export type JsonObject = Readonly<Record<string, unknown>>;

/** An object of the mapping of protobuf to JSON, in which null stands for absent. Throws Unusable for anything else. */
export function asObject(value: unknown, what: string): JsonObject {
  if (value === undefined || value === null) return {};
  if (typeof value === 'object' && !Array.isArray(value)) return value as JsonObject;
  throw new Unusable(`${what}: expected an object, got ${show(value)}`);
}

export function asList(value: unknown, what: string): readonly unknown[] {
  if (value === undefined || value === null) return [];
  if (Array.isArray(value)) return value;
  throw new Unusable(`${what}: expected an array, got ${show(value)}`);
}

export function asText(value: unknown, what: string): string {
  if (value === undefined || value === null) return '';
  if (typeof value === 'string') return value;
  throw new Unusable(`${what}: expected a string, got ${show(value)}`);
}

/** 64-bit numbers are written as text by most senders, as numbers by some. */
export function asNumber(value: unknown, what: string): number {
  if (value === undefined || value === null) return 0;
  if (typeof value === 'number') return value;
  if (typeof value === 'string' && NUMBER.test(value)) return Number(value);
  throw new Unusable(`${what}: expected a number, got ${show(value)}`);
}

const NUMBER = /^(?:-?\d{1,20}(?:\.\d{1,20})?(?:[eE][+-]?\d{1,3})?|NaN|-?Infinity)$/;

export function asOptionalNumber(value: unknown, what: string): number | undefined {
  return value === undefined || value === null ? undefined : asNumber(value, what);
}

/** Hexadecimal, unlike other bytes; empty: none. */
export function asId(value: unknown, what: string): string {
  const text = asText(value, what);
  if (/^[0-9a-fA-F]{0,64}$/.test(text)) return idOf(text.toLowerCase());
  throw new Unusable(`${what}: expected hexadecimal digits, got ${show(text)}`);
}

/** An AnyValue; undefined: it is empty. */
export function toValue(given: unknown, depth = 0): JsonValue | undefined {
  if (depth > VALUE_DEPTH_MAX) throw tooDeep();
  const { stringValue, intValue, boolValue, doubleValue, arrayValue, kvlistValue, bytesValue } = asObject(
    given,
    'a value',
  );
  if (isGiven(stringValue)) return asText(stringValue, 'stringValue');
  if (isGiven(intValue)) return toInteger(intValue);
  if (isGiven(boolValue)) return toBoolean(boolValue);
  if (isGiven(doubleValue)) return jsonNumber(asNumber(doubleValue, 'doubleValue'));
  if (isGiven(arrayValue)) {
    const values = asList(asObject(arrayValue, 'arrayValue')['values'], 'arrayValue.values');
    return values.map((value) => toValue(value, depth + 1) ?? null);
  }
  if (isGiven(kvlistValue)) return toAttributes(asObject(kvlistValue, 'kvlistValue')['values'], depth + 1);
  if (isGiven(bytesValue)) return asText(bytesValue, 'bytesValue');
  return undefined;
}

function isGiven(value: unknown): boolean {
  return value !== undefined && value !== null;
}

/** As text it may be larger than a number can tell exactly, and then stays text. */
function toInteger(given: unknown): JsonValue {
  const number = asNumber(given, 'intValue');
  return typeof given === 'string' && !Number.isSafeInteger(number) ? given : jsonNumber(number);
}

function toBoolean(given: unknown): boolean {
  if (typeof given === 'boolean') return given;
  throw new Unusable(`boolValue: expected true or false, got ${show(given)}`);
}

/** A list of KeyValue. */
export function toAttributes(given: unknown, depth = 0): Attributes {
  const attributes: Attributes = {};
  for (const each of asList(given, 'attributes')) {
    const { key, value } = asObject(each, 'an attribute');
    put(attributes, asText(key, 'an attribute’s key'), toValue(value, depth) ?? null);
  }
  return attributes;
}

export function toResource(given: unknown): Resource {
  return { attributes: toAttributes(asObject(given, 'resource')['attributes']) };
}

export function toScope(given: unknown): Scope {
  const { name, version, attributes } = asObject(given, 'scope');
  return {
    name: asText(name, 'scope.name'),
    version: asText(version, 'scope.version'),
    attributes: toAttributes(attributes),
  };
}

function show(value: unknown): string {
  return Array.isArray(value)
    ? 'an array'
    : typeof value === 'object'
      ? 'an object'
      : JSON.stringify(value).slice(0, 60);
}
