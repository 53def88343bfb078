import { type Attributes, type JsonValue, NAME_CHARS_MAX } from '@/lib/core/event.ts';

/** What a field of somebody else's format must be to become one of an event's own; anything else stays an attribute. */

const WORD_CHARS_MAX = 64;

export function isRecord(value: unknown): value is Record<string, JsonValue> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export function isText(value: unknown): value is string {
  return typeof value === 'string';
}

/** A time as text or number. */
export function isTime(value: unknown): value is string | number {
  return typeof value === 'number' || (typeof value === 'string' && value !== '' && value.length <= WORD_CHARS_MAX);
}

/** A level's name or number; one that nobody knows is kept as an attribute later. */
export const isLevel = isTime;

export function isName(value: unknown): value is string {
  return typeof value === 'string' && value !== '' && value.length <= NAME_CHARS_MAX;
}

/** Of a trace or a span. */
export function isId(value: unknown): value is string {
  return typeof value === 'string' && value !== '' && value.length <= WORD_CHARS_MAX;
}

/** A value as text, an object as its JSON. Never throws, as writing what is nested a thousand times does. */
export function asText(value: JsonValue): string {
  try {
    return typeof value === 'string' ? value : JSON.stringify(value);
  } catch {
    return '(nested too deeply to be shown)';
  }
}

/** A service's name within its limit; undefined for what names nothing. */
export function asName(name: string | undefined): string | undefined {
  const trimmed = name?.trim().slice(0, NAME_CHARS_MAX);
  return trimmed === '' ? undefined : trimmed;
}

/** Those that are there, however long: what is too much is cut and counted later, see `EventIntake`. */
export function asAttributes(entries: Iterable<readonly [string, JsonValue | undefined]>): Attributes | undefined {
  const there: [string, JsonValue][] = [];
  for (const [key, value] of entries) if (value !== undefined) there.push([key, value]);
  // fromEntries defines own properties, so a key "__proto__" stays data.
  return there.length > 0 ? Object.fromEntries(there) : undefined;
}
