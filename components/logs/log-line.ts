import type { Attributes, JsonValue } from '@/lib/core/event.ts';
import { stripAnsi } from '@/lib/core/strip-ansi.ts';

/** A row is one line of a screen: what no screen can show must not cost layout (a 256 KiB line is legal). */
const LINE_CHARS_MAX = 500;
const PREVIEW_CHARS_MAX = 240;
const VALUE_CHARS_MAX = 60;

export type LogLine = { readonly text: string; readonly moreLines: number };

/** The first line that says something, and how many lines follow it. */
export function firstLine(message: string): LogLine {
  // Blank lines go, indentation stays: it is what makes a stack trace sent line by line readable.
  const text = stripAnsi(message.slice(0, LINE_CHARS_MAX * 4)).replace(/^(?:[ \t]*\r?\n)+/, '');
  const end = text.search(/\r?\n/);
  const line = (end === -1 ? text : text.slice(0, end)).slice(0, LINE_CHARS_MAX).replaceAll('\t', '  ');
  return { text: line, moreLines: countLines(message) };
}

function countLines(message: string): number {
  const trimmed = message.trim();
  let lines = 0;
  for (let at = trimmed.indexOf('\n'); at !== -1; at = trimmed.indexOf('\n', at + 1)) lines += 1;
  return lines;
}

/** `key=value` pairs for the end of a row, as many as a wide screen could show. */
export function attributePreview(attributes: Attributes | undefined): string {
  if (!attributes) return '';
  let preview = '';
  for (const [key, value] of Object.entries(attributes)) {
    const text = attributeText(value);
    preview += `${preview && '  '}${key}=${text.length > VALUE_CHARS_MAX ? `${text.slice(0, VALUE_CHARS_MAX)}…` : text}`;
    if (preview.length >= PREVIEW_CHARS_MAX) return `${preview.slice(0, PREVIEW_CHARS_MAX)}…`;
  }
  return preview.replace(/\s*[\r\n]+\s*/g, ' ');
}

export function attributeText(value: JsonValue): string {
  return typeof value === 'string' ? stripAnsi(value) : JSON.stringify(value);
}
