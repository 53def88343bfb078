import { type JsonValue, NAME_CHARS_MAX } from '@/lib/core/event.ts';

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

/** A value as text. Writing JSON recurses: what is nested too deeply for it is refused for that later. */
export function asText(value: JsonValue): string {
  try {
    return typeof value === 'string' ? value : JSON.stringify(value);
  } catch {
    return '';
  }
}
