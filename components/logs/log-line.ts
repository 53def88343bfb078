import { plain } from '@/components/ui/plain-text.ts';
import type { Attributes, JsonValue } from '@/lib/core/event.ts';
import { stripAnsi } from '@/lib/core/strip-ansi.ts';
import { ansiRuns, type Run } from './ansi-runs.ts';

/** A row is one line of a screen: what no screen can show must not cost layout (a 256 KiB line is legal). */
const LINE_CHARS_MAX = 500;
const PREVIEW_CHARS_MAX = 240;
const VALUE_CHARS_MAX = 60;

export type LogLine = { readonly runs: readonly Run[]; readonly moreLines: number };

/** The first line that says something, in its colours, and how many lines follow it. */
export function firstLine(message: string): LogLine {
  const runs = ansiRuns(message.slice(0, LINE_CHARS_MAX * 4));
  const text = runs.map((run) => run.text).join('');
  // Blank lines go, indentation stays: it is what makes a stack trace sent line by line readable.
  const start = /^(?:[ \t]*\r?\n)+/.exec(text)?.[0].length ?? 0;
  const length = text.slice(start).search(/\r?\n/);
  const end = Math.min(length === -1 ? text.length : start + length, start + LINE_CHARS_MAX);
  return { runs: cutRuns(runs, start, end), moreLines: countLines(message) };
}

/** All of a message, in its colours. */
export function plainRuns(message: string): Run[] {
  return ansiRuns(message).map(({ text, className }) => ({ text: plain(text), className }));
}

function cutRuns(runs: readonly Run[], from: number, to: number): Run[] {
  let place = 0;
  return runs.flatMap(({ text, className }) => {
    const start = place;
    place += text.length;
    const part = text.slice(Math.max(0, from - start), Math.max(0, to - start));
    return part === '' ? [] : { text: plain(part.replaceAll('\t', '  ')), className };
  });
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
    preview += `${preview && '  '}${plain(key)}=${text.length > VALUE_CHARS_MAX ? `${text.slice(0, VALUE_CHARS_MAX)}…` : text}`;
    if (preview.length >= PREVIEW_CHARS_MAX) return `${preview.slice(0, PREVIEW_CHARS_MAX)}…`;
  }
  return preview.replace(/\s*[\r\n]+\s*/g, ' ');
}

export function attributeText(value: JsonValue): string {
  return plain(typeof value === 'string' ? stripAnsi(value) : JSON.stringify(value));
}
