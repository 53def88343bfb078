import type { Attributes } from '@/lib/core/event.ts';
import { EQUALS, isGap, isWord, LINE_FEED, QUOTE, skipBlanks } from './characters.ts';

const PAIRS_MAX = 128;
const KEY_CHARS_MAX = 128;

/**
 * Reads `key=value key="a value"`; undefined when the line is not made of such pairs. A word without a key goes on with
 * the value before it, which its writer forgot to quote.
 * @returns the pairs, and where the first line ends
 */
export function readLogfmt(text: string): { fields: Attributes; end: number; strays: number } | undefined {
  const values = new Map<string, string[]>();
  let last: string[] | undefined;
  let strays = 0;
  let at = skipBlanks(text, 0);
  while (at < text.length && text.charCodeAt(at) !== LINE_FEED) {
    const keyEnd = readKey(text, at);
    if (keyEnd < 0) {
      const end = gapAfter(text, at);
      if (!last) return undefined;
      last.push(`${last.pop()} ${text.slice(at, end)}`);
      strays += 1;
      at = skipBreaks(text, end);
      continue;
    }
    const value = readValue(text, keyEnd + 1);
    if (!value) return undefined;
    const key = text.slice(at, keyEnd);
    last = values.get(key) ?? [];
    last.push(value.value);
    values.set(key, last);
    if (values.size > PAIRS_MAX) return undefined;
    at = skipBreaks(text, value.end);
  }
  if (values.size === 0) return undefined;
  const entries = [...values].map(([key, all]): [string, string | string[]] => [
    key,
    all.length === 1 ? String(all[0]) : all,
  ]);
  return { fields: Object.fromEntries(entries), end: at, strays };
}

/** Where the key that begins here ends with an equals sign, or -1. */
export function readKey(text: string, at: number): number {
  let end = at;
  while (end - at <= KEY_CHARS_MAX && isKeyCharacter(text.charCodeAt(end))) end += 1;
  return end > at && text.charCodeAt(end) === EQUALS && text.charCodeAt(end + 1) !== EQUALS ? end : -1;
}

function isKeyCharacter(code: number): boolean {
  // Letters, digits, _ and the marks - . / @ :
  return isWord(code) || (code >= 0x2d && code <= 0x2f) || code === 0x40 || code === 0x3a;
}

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
