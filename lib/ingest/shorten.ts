import {
  ATTRIBUTE_KEY_CHARS_MAX,
  ATTRIBUTE_VALUE_BYTES_MAX,
  ATTRIBUTES_MAX,
  type JsonValue,
  MESSAGE_BYTES_MAX,
} from '@/lib/core/event.ts';
import { cutBytes, exceedsBytes } from '@/lib/core/text.ts';

/** Attributes that say what was cut. */
const NOTES_MAX = 3;
const NAMED_MAX = 10;

/**
 * An event in which what is too long has been cut, and says so: a message, the values of attributes (a stack trace), their
 * names, and how many there are. Undefined where nothing is too long.
 */
export function shorten(input: unknown): Record<string, unknown> | undefined {
  if (!isObject(input)) return undefined;
  const { message, attributes: given } = input;
  const notes: Record<string, JsonValue> = {};
  const shorter = { ...input };
  if (typeof message === 'string' && exceedsBytes(message, MESSAGE_BYTES_MAX)) {
    shorter['message'] = cutBytes(message, MESSAGE_BYTES_MAX);
    notes['truncatedFromChars'] = message.length;
  }
  const attributes = isObject(given) ? shortenAttributes(given, notes) : {};
  if (Object.keys(notes).length === 0) return undefined;
  return { ...shorter, attributes: { ...attributes, ...notes } };
}

function shortenAttributes(given: Record<string, unknown>, notes: Record<string, JsonValue>): Record<string, unknown> {
  const entries = Object.entries(given);
  const room = entries.length > ATTRIBUTES_MAX - NOTES_MAX ? ATTRIBUTES_MAX - NOTES_MAX : entries.length;
  const kept = new Map<string, unknown>();
  const cut: string[] = [];
  for (const [key, value] of entries) {
    const name = key.slice(0, ATTRIBUTE_KEY_CHARS_MAX);
    // Two long names may be one when they have been cut.
    if (kept.size >= room || kept.has(name)) continue;
    const shorter = shortenValue(value);
    kept.set(name, shorter);
    if (name !== key || !Object.is(shorter, value)) cut.push(name);
  }
  if (kept.size < entries.length) notes['droppedAttributes'] = entries.length - kept.size;
  if (cut.length > 0) notes['truncatedAttributes'] = cut.slice(0, NAMED_MAX);
  // fromEntries defines own properties, so a key "__proto__" stays data.
  return Object.fromEntries(kept);
}

/** A large object becomes text that is cut. */
function shortenValue(value: unknown): unknown {
  const text = typeof value === 'string' ? value : asJson(value);
  return text !== undefined && exceedsBytes(text, ATTRIBUTE_VALUE_BYTES_MAX)
    ? cutBytes(text, ATTRIBUTE_VALUE_BYTES_MAX)
    : value;
}

/** Writing JSON recurses: what is nested too deeply has no text here, and is refused for its depth. */
function asJson(value: unknown): string | undefined {
  try {
    return JSON.stringify(value);
  } catch {
    return undefined;
  }
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
