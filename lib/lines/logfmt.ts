import type { Attributes } from '@/lib/core/event.ts';
import { EQUALS, isGap, isWord, LINE_FEED, QUOTE, skipBlanks } from './characters.ts';
import { setOwn } from './own-attribute.ts';

const PAIRS_MAX = 128;
const KEY_CHARS_MAX = 128;

/**
 * Reads `key=value key="a value"`; undefined when the line is not made of such pairs. A word without a key goes on with
 * the value before it, which its writer forgot to quote.
 * @returns the pairs, and where the first line ends
 */
export function readLogfmt(text: string): { fields: Attributes; end: number; strays: number } | undefined {
  const fields: Attributes = {};
  let last: string | undefined;
  let pairs = 0;
  let strays = 0;
  let at = skipBlanks(text, 0);
  while (at < text.length && text.charCodeAt(at) !== LINE_FEED) {
    const keyEnd = readKey(text, at);
    if (keyEnd < 0) {
      const end = gapAfter(text, at);
      if (last === undefined) return undefined;
      goOn(fields, last, text.slice(at, end));
      strays += 1;
      at = skipBreaks(text, end);
      continue;
    }
    const value = readValue(text, keyEnd + 1);
    if (!value) return undefined;
    last = text.slice(at, keyEnd);
    if (!Object.hasOwn(fields, last)) pairs += 1;
    addValue(fields, last, value.value);
    if (pairs > PAIRS_MAX) return undefined;
    at = skipBreaks(text, value.end);
  }
  return pairs === 0 ? undefined : { fields, end: at, strays };
}

/** A key that comes again has all its values. */
function addValue(fields: Attributes, key: string, value: string): void {
  const before = Object.hasOwn(fields, key) ? fields[key] : undefined;
  if (before === undefined) setOwn(fields, key, value);
  else if (Array.isArray(before)) before.push(value);
  else setOwn(fields, key, [before, value]);
}

function goOn(fields: Attributes, key: string, word: string): void {
  const value = fields[key];
  if (Array.isArray(value)) value.push(`${String(value.pop())} ${word}`);
  else setOwn(fields, key, `${String(value)} ${word}`);
}

/** Where the key that begins here ends with an equals sign, or -1. */
export function readKey(text: string, at: number): number {
  let end = at;
  while (end - at <= KEY_CHARS_MAX && KEY_CHARACTERS[text.charCodeAt(end)] === 1) end += 1;
  return end > at && text.charCodeAt(end) === EQUALS && text.charCodeAt(end + 1) !== EQUALS ? end : -1;
}

/** Letters, digits, _ and the marks - . / @ : as a table, since each line is asked. */
const KEY_CHARACTERS = Uint8Array.from({ length: 0x80 }, (_, code) =>
  isWord(code) || '-./@:'.includes(String.fromCharCode(code)) ? 1 : 0,
);

function readValue(text: string, at: number): { value: string; end: number } | undefined {
  if (text.charCodeAt(at) !== QUOTE) {
    const end = gapAfter(text, at);
    return { value: text.slice(at, end), end };
  }
  let end = at + 1;
  let hasEscape = false;
  for (; end < text.length && text.charCodeAt(end) !== QUOTE; end += 1) {
    if (text.charCodeAt(end) !== 0x5c) continue;
    hasEscape = true;
    end += 1;
  }
  if (end >= text.length || !isGap(text.charCodeAt(end + 1))) return undefined;
  const inside = text.slice(at + 1, end);
  return { value: hasEscape ? readEscapes(inside) : inside, end: end + 1 };
}

/** Escapes are those of JSON; what is none stays as it is written. */
function readEscapes(inside: string): string {
  try {
    return String(JSON.parse(`"${inside.replaceAll('\n', '\\n')}"`));
  } catch {
    return inside;
  }
}

function gapAfter(text: string, at: number): number {
  let end = at;
  while (!isGap(text.charCodeAt(end))) end += 1;
  return end;
}

function skipBreaks(text: string, at: number): number {
  let end = skipBlanks(text, at);
  while (text.charCodeAt(end) === 0x0d) end = skipBlanks(text, end + 1);
  return end;
}
