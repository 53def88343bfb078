import {
  BRACKET_CLOSE,
  BRACKET_OPEN,
  COLON,
  DOT,
  isBlank,
  isGap,
  isWord,
  LINE_FEED,
  PAREN_OPEN,
  PIPE,
  skipBlanks,
} from './characters.ts';
import type { HeadAttributes } from './head-attributes.ts';
import { type HeadToken, isLoggerName, scanGroup, scanToken, skipDashes } from './head-token.ts';

const PARTS_MAX = 6;
const NAME_CHARS_MAX = 64;

type Found = { readonly level: unknown; readonly attributes: HeadAttributes };

/**
 * Reads the thread, the logger and the like that stand between the level and the message, and returns where the message
 * begins. Only what its shape or a separator tells from the message is taken.
 */
export function readSource(text: string, from: number, { level, attributes }: Found): number {
  let at = skipMarks(text, readDivided(text, from, attributes));
  for (let part = 0; part < PARTS_MAX; part += 1) {
    const wasGroup = part > 0;
    const code = text.charCodeAt(at);
    const token =
      level !== undefined && (code === BRACKET_OPEN || (code === PAREN_OPEN && wasGroup))
        ? scanGroup(text, at)
        : scanToken(text, at, false);
    if (!token || !isSource(text, token, from, level !== undefined)) break;
    if (token.mark === 'end' && !isContinued(text, token.end)) break;
    attributes.putToken(token);
    const isLast = token.kind !== 'group' && token.kind !== 'number' && token.mark !== 'pipe' && token.mark !== 'space';
    at = skipMarks(text, token.end);
    if (isLast) break;
  }
  return at;
}

/** Python's `INFO:root:message`, logrus's `INFO[0000] message`: what follows a level without a gap. */
function readDivided(text: string, from: number, attributes: HeadAttributes): number {
  const code = text.charCodeAt(from);
  if (code === BRACKET_OPEN) {
    const group = scanGroup(text, from);
    if (group && !Number.isNaN(Number(group.text))) attributes.put('context', group.text);
    return group && !Number.isNaN(Number(group.text)) ? group.end : from;
  }
  if (code !== COLON || isGap(text.charCodeAt(from + 1))) return from;
  let end = from + 1;
  while (end - from < NAME_CHARS_MAX && (isWord(text.charCodeAt(end)) || text.charCodeAt(end) === DOT)) end += 1;
  if (text.charCodeAt(end) !== COLON || end === from + 1) return from + 1;
  attributes.putName(text.slice(from + 1, end));
  return end + 1;
}

function isSource(text: string, token: HeadToken, from: number, hasLevel: boolean): boolean {
  const { kind, mark } = token;
  // Three digits may be the status of a request.
  if (mark === 'pipe') return kind !== 'group' && (hasLevel || kind !== 'number' || token.text.length !== 3);
  if (!hasLevel) return false;
  if (kind === 'group') return true;
  // Spring: "1234 --- [main]".
  if (kind === 'number') return mark === 'dash' && text.startsWith('---', skipBlanks(text, token.end));
  // Ruby: "-- name: …"; a colon that stands apart ends a column.
  const isColumn = mark === 'colon' && (text.charCodeAt(token.end - 1) !== COLON || isDashed(text, from, token.start));
  return (isColumn || (kind === 'name' && isSetApart(text, token))) && isLoggerName(token.text);
}

function isSetApart(text: string, token: HeadToken): boolean {
  const { mark, end } = token;
  if (mark === 'colon' || mark === 'dash' || mark === 'tab') return true;
  if (mark === 'end') return isContinued(text, end);
  // "nova.osapi.server [req-1 …]": a path of names before a group.
  return text.charCodeAt(skipBlanks(text, end)) === BRACKET_OPEN && token.text.includes('.');
}

function isDashed(text: string, from: number, to: number): boolean {
  return text.slice(from, to).includes('--');
}

/** .NET: the message begins on the next line, indented. */
function isContinued(text: string, end: number): boolean {
  return text.charCodeAt(end) === LINE_FEED && isBlank(text.charCodeAt(end + 1));
}

function skipMarks(text: string, from: number): number {
  let at = skipBlanks(text, from);
  for (let count = 0; count < 6; count += 1) {
    const code = text.charCodeAt(at);
    const isMark = code === PIPE || (code === COLON && isGap(text.charCodeAt(at + 1)));
    const isClose = code === BRACKET_CLOSE && at === from;
    const end = isMark || isClose ? at + 1 : skipDashes(text, at);
    if (end === at) return at;
    at = skipBlanks(text, end);
  }
  return at;
}
