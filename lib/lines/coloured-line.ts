import { hasAnsi, splitAnsi, stripAnsi } from '@/lib/core/strip-ansi.ts';
import type { ReadLine } from './line-format.ts';

/**
 * Reads a line as it is seen, and gives its message the colours back: those in it, and those that began before it. A
 * message that is not the end of the line (a field of a coloured logfmt) stays without.
 */
export function readColoured(text: string, read: (text: string) => ReadLine): ReadLine {
  if (!hasAnsi(text)) return read(text);
  const plain = stripAnsi(text);
  const line = read(plain);
  if (line.format === 'text') return { ...line, message: text };
  return plain.endsWith(line.message) ? { ...line, message: colouredTail(text, line.message.length) } : line;
}

/** The end of a text with so many characters that are seen. */
function colouredTail(text: string, length: number): string {
  const parts = splitAnsi(text);
  let seen = 0;
  let index = parts.length - 1;
  // Texts stand at even places, what is not seen at odd ones.
  for (; index > 0; index -= 1) {
    if (index % 2 === 1) continue;
    const part = parts[index] ?? '';
    if (seen + part.length >= length) break;
    seen += part.length;
  }
  const first = parts[index] ?? '';
  const tail = first.slice(first.length - (length - seen)) + parts.slice(index + 1).join('');
  return openColours(parts.slice(0, index)) + tail;
}

/** The colours that are still on at the end of these parts. */
function openColours(parts: readonly string[]): string {
  let open: string[] = [];
  for (const part of parts) {
    if (!part.startsWith('\u001b[') || !part.endsWith('m')) continue;
    const isReset = part === '\u001b[0m' || part === '\u001b[m' || part === '\u001b[39m';
    open = isReset ? [] : [...open.slice(-7), part];
  }
  return open.join('');
}
