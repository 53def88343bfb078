import {
  ATTRIBUTE_KEY_CHARS_MAX,
  ATTRIBUTE_VALUE_BYTES_MAX,
  ATTRIBUTES_MAX,
  type Attributes,
  type JsonValue,
  NAME_CHARS_MAX,
} from '@/lib/core/event.ts';
import { cutBytes, exceedsBytes } from '@/lib/core/text.ts';

/** Says how many attributes were left out; it takes the place of one. */
const LEFT_OUT = 'attributesLeftOut';

/**
 * Attributes within the limits on events: a long value is cut, a large object becomes text that is cut, what is beyond the
 * greatest number is left out and counted. For senders that could do nothing about a refusal.
 */
export function fitAttributes(entries: Iterable<readonly [string, JsonValue | undefined]>): Attributes | undefined {
  const fitted: [string, JsonValue][] = [];
  let leftOut = 0;
  for (const [key, value] of entries) {
    if (value === undefined) continue;
    if (fitted.length < ATTRIBUTES_MAX - 1) fitted.push([key.slice(0, ATTRIBUTE_KEY_CHARS_MAX), fitValue(value)]);
    else leftOut += 1;
  }
  if (leftOut > 0) fitted.push([LEFT_OUT, leftOut]);
  // fromEntries defines own properties, so a key "__proto__" stays data.
  return fitted.length > 0 ? Object.fromEntries(fitted) : undefined;
}

/** A service's name within its limit; undefined for what names nothing. */
export function fitName(name: string | undefined): string | undefined {
  const trimmed = name?.trim().slice(0, NAME_CHARS_MAX);
  return trimmed === '' ? undefined : trimmed;
}

function fitValue(value: JsonValue): JsonValue {
  if (typeof value === 'number' || typeof value === 'boolean' || value === null) return value;
  const text = typeof value === 'string' ? value : jsonText(value);
  return exceedsBytes(text, ATTRIBUTE_VALUE_BYTES_MAX) ? cutBytes(text, ATTRIBUTE_VALUE_BYTES_MAX) : value;
}

/** As JSON; never throws, as writing what is nested a thousand times does. */
export function jsonText(value: JsonValue | Readonly<Record<string, JsonValue>>): string {
  try {
    return JSON.stringify(value);
  } catch {
    return '(nested too deeply to be shown)';
  }
}
