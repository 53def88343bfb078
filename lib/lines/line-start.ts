import { LocalZone } from './calendar.ts';
import { BRACKET_OPEN, isDigit, skipBlanks } from './characters.ts';
import { scanLevel } from './head-level.ts';
import { readKlogLine } from './klog-line.ts';
import { LineHead } from './line-head.ts';
import { readKey } from './logfmt.ts';
import { scanTime } from './scan-time.ts';

/** How a line begins, as far as it tells whether it goes on with the one before. */
export type LineStart = 'timed' | 'levelled' | 'structured' | 'plain';

/** When a time is does not matter here, only that it is one. */
const CONTEXT = { nowMs: Date.UTC(2026, 0, 1), zone: new LocalZone(0) };
const HEAD_CHARS_MAX = 512;
const LOGGER_KEYS = ['level', 'lvl', 'msg', 'time', 'ts'];

export function startOf(line: string): LineStart {
  const at = skipBlanks(line, 0);
  const isTimed = scanTime(line, line.charCodeAt(at) === BRACKET_OPEN ? at + 1 : at, CONTEXT) !== undefined;
  if (isTimed) return 'timed';
  const keyEnd = readKey(line, at);
  if (keyEnd > 0 && LOGGER_KEYS.includes(line.slice(at, keyEnd))) return 'structured';
  const head = line.slice(0, HEAD_CHARS_MAX);
  if (startsAsSyslog(head) || readKlogLine(head, CONTEXT, plain)) return 'timed';
  const { time } = new LineHead(head, CONTEXT, at);
  if (time) return 'timed';
  return scanLevel(head, at) ? 'levelled' : 'plain';
}

/** `<34>` of syslog, or the number of its version and a time. */
function startsAsSyslog(head: string): boolean {
  if (head.charCodeAt(0) !== 0x3c || !isDigit(head.charCodeAt(1))) return false;
  const close = head.indexOf('>');
  return close > 1 && close < 5;
}

function plain(message: string): { message: string; format: 'text' } {
  return { message, format: 'text' };
}
