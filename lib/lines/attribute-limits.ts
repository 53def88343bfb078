import {
  ATTRIBUTE_KEY_CHARS_MAX,
  ATTRIBUTE_VALUE_BYTES_MAX,
  ATTRIBUTES_MAX,
  type Attributes,
  DEPTH_MAX,
  type JsonValue,
} from '@/lib/core/event.ts';
import { cleanName, cleanText, exceedsBytes } from '@/lib/core/text.ts';

/** An event and its attributes are two levels themselves. */
const VALUE_DEPTH_MAX = DEPTH_MAX - 2;
/** A character takes at most six bytes as JSON. */
const BYTES_PER_CHAR_MAX = 6;

/** Whether an event may have these attributes, which came out of a text of so many characters. */
export function fitsLimits(attributes: Attributes, textChars: number): boolean {
  const entries = Object.entries(attributes);
  if (entries.length > ATTRIBUTES_MAX) return false;
  for (const [key, value] of entries) {
    if (key.length > ATTRIBUTE_KEY_CHARS_MAX || !fitsDepth(value, VALUE_DEPTH_MAX)) return false;
    if (textChars * BYTES_PER_CHAR_MAX <= ATTRIBUTE_VALUE_BYTES_MAX) continue;
    const written = typeof value === 'string' ? cleanText(value) : cleanName(JSON.stringify(value));
    // Control characters grow to three bytes when they become pictures: half of the limit leaves room within objects.
    const bytesMax = typeof value === 'string' ? ATTRIBUTE_VALUE_BYTES_MAX : ATTRIBUTE_VALUE_BYTES_MAX / 2;
    if (exceedsBytes(written, bytesMax)) return false;
  }
  return true;
}

function fitsDepth(value: JsonValue, depthMax: number): boolean {
  if (typeof value !== 'object' || value === null) return true;
  return depthMax > 0 && Object.values(value).every((inner) => fitsDepth(inner, depthMax - 1));
}
