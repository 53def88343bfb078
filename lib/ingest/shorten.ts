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

/**
 * An event in which what is too long has been cut, and says so: a message, the values of attributes (a stack trace), and how
 * many there are. Undefined where nothing is too long.
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
  const entries = Object.entries(given).filter(([key]) => key.length <= ATTRIBUTE_KEY_CHARS_MAX);
  const kept = entries.slice(0, entries.length > ATTRIBUTES_MAX - NOTES_MAX ? ATTRIBUTES_MAX - NOTES_MAX : undefined);
  const left = Object.keys(given).length - kept.length;
  if (left > 0) notes['droppedAttributes'] = left;
  const cut: string[] = [];
  const shorter = kept.map(([key, value]): [string, unknown] => {
    const text = typeof value === 'string' ? value : JSON.stringify(value);
    if (!exceedsBytes(text, ATTRIBUTE_VALUE_BYTES_MAX)) return [key, value];
    cut.push(key);
    return [key, cutBytes(text, ATTRIBUTE_VALUE_BYTES_MAX)];
  });
  if (cut.length > 0) notes['truncatedAttributes'] = cut.slice(0, 10);
  return Object.fromEntries(shorter);
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
