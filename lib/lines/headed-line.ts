import { addRequest } from './access-line.ts';
import { BRACE_OPEN, isBlankText, LINE_FEED, PIPE, skipBlanks } from './characters.ts';
import { scanLevel } from './head-level.ts';
import { scanToken } from './head-token.ts';
import { findColumnStatus, findRequest } from './http-request.ts';
import { levelOfStatus } from './level-words.ts';
import type { ReadLine, Recogniser } from './line-format.ts';
import { LineHead } from './line-head.ts';
import { readKey } from './logfmt.ts';
import { unwrap } from './wrapped-line.ts';

/** A line with a time or a level before its message, in whatever order and dress. */
export const readHeadedLine: Recogniser = (text, context, inner) => {
  const head = new LineHead(text, context);
  if (!head.isFound) return readPiped(text, inner);
  const { time, level, service } = head;
  const format = head.isSyslog ? 'syslog' : time ? 'timed' : 'levelled';
  const line: ReadLine = { message: text.slice(skipBreak(text, head.end)), format };
  if (time) line.timeMs = time.timeMs;
  if (time && time.certainty !== 'instant' && time.certainty !== 'epoch') {
    line.inferredFrom = text.slice(time.start, time.end);
  }
  if (level) line.level = level;
  if (service !== undefined) line.service = service;
  if (!head.attributes.isEmpty) line.attributes = head.attributes.values;
  if (isBlankText(line.message)) return { ...line, message: text };
  if (head.isSyslog) return keepSyslog(unwrap(line, inner(line.message.trimStart())));
  return readWrapped(line, inner) ?? (level ? line : withLevelFurtherOn(line));
};

function keepSyslog(line: ReadLine): ReadLine {
  return line.format === 'timed' || line.format === 'levelled' ? { ...line, format: 'syslog' } : line;
}

/** An object or pairs behind a time are what the program wrote. */
function readWrapped(line: ReadLine, inner: (text: string) => ReadLine): ReadLine | undefined {
  const first = line.message.charCodeAt(0);
  if (first !== BRACE_OPEN && readKey(line.message, 0) < 0) return undefined;
  const wrapped = inner(line.message);
  return wrapped.format === 'json' || wrapped.format === 'logfmt' ? unwrap(line, wrapped) : undefined;
}

/** A level that the status of a request tells, or that begins the second line, as java.util.logging has it. */
function withLevelFurtherOn(line: ReadLine): ReadLine {
  const request = findRequest(line.message);
  if (request) {
    line.attributes ??= {};
    addRequest(line.attributes, request);
    line.level = levelOfStatus(request.status);
    return line;
  }
  const status = findColumnStatus(line.message);
  if (status !== undefined)
    return { ...line, level: levelOfStatus(status), attributes: { ...line.attributes, status } };
  const second = line.message.indexOf('\n') + 1;
  const scanned = second > 0 ? scanLevel(line.message, second) : undefined;
  return scanned ? { ...line, level: scanned.level } : line;
}

/** `web-1  | …`: the name of a container before what it wrote. */
function readPiped(text: string, inner: (text: string) => ReadLine): ReadLine | undefined {
  const token = scanToken(text, 0, false);
  if (token?.mark !== 'pipe' || token.kind === 'number') return undefined;
  const pipe = skipBlanks(text, token.end);
  if (text.charCodeAt(pipe) !== PIPE) return undefined;
  const wrapped = inner(text.slice(skipBlanks(text, pipe + 1)));
  const outer: ReadLine = { message: text, attributes: { source: token.text }, format: 'text' };
  return wrapped.format === 'text' ? undefined : unwrap(outer, wrapped);
}

/** Where a head fills its line, the message begins on the next one. */
function skipBreak(text: string, at: number): number {
  const end = text.charCodeAt(at) === 0x0d ? at + 1 : at;
  return text.charCodeAt(end) === LINE_FEED ? skipBlanks(text, end + 1) : at;
}
