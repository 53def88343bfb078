import { ATTRIBUTE_VALUE_BYTES_MAX, ATTRIBUTES_MAX, MESSAGE_BYTES_MAX } from '@/lib/core/event.ts';
import { cutBytes, exceedsBytes } from '@/lib/core/text.ts';

/** What `cutLong` may add to an event's attributes. */
type Notes = { truncatedFromChars?: number; truncatedAttributes?: string[]; attributesLeftOut?: number };
const NOTES_MAX = 3;
const NAMES_NOTED_MAX = 10;

/**
 * The same event with its text, its attributes and their number cut at what an event may hold, and notes about it among
 * the attributes; undefined where nothing was too long.
 */
export function cutLong(input: unknown): object | undefined {
  if (typeof input !== 'object' || input === null) return undefined;
  const { message, attributes } = input as { message?: unknown; attributes?: unknown };
  const notes: Notes = {};
  const isLong = typeof message === 'string' && exceedsBytes(message, MESSAGE_BYTES_MAX);
  if (isLong) notes.truncatedFromChars = message.length;
  const kept = isRecord(attributes) ? cutAttributes(attributes, notes) : [];
  if (Object.keys(notes).length === 0 && kept.length <= ATTRIBUTES_MAX) return undefined;
  // The notes are attributes too: one more than there may be would be the next thing to be refused.
  if (kept.length > ATTRIBUTES_MAX - NOTES_MAX) {
    notes.attributesLeftOut = kept.length - (ATTRIBUTES_MAX - NOTES_MAX);
    kept.length = ATTRIBUTES_MAX - NOTES_MAX;
  }
  return {
    ...input,
    ...(isLong && { message: cutBytes(message, MESSAGE_BYTES_MAX) }),
    attributes: Object.fromEntries([...kept, ...Object.entries(notes)]),
  };
}

function cutAttributes(attributes: object, notes: Notes): [string, unknown][] {
  return Object.entries(attributes).map(([key, value]) => {
    const text = typeof value === 'string' ? value : asJson(value);
    if (text === undefined || !exceedsBytes(text, ATTRIBUTE_VALUE_BYTES_MAX)) return [key, value];
    notes.truncatedAttributes ??= [];
    if (notes.truncatedAttributes.length < NAMES_NOTED_MAX) notes.truncatedAttributes.push(key);
    return [key, cutBytes(text, ATTRIBUTE_VALUE_BYTES_MAX)];
  });
}

/** Writing JSON recurses: what is nested too deeply has no text, and is refused for its depth. */
function asJson(value: unknown): string | undefined {
  try {
    return JSON.stringify(value);
  } catch {
    return undefined;
  }
}

function isRecord(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
