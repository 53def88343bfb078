import type { Attributes } from '@/lib/core/event.ts';
import { ANGLE_CLOSE, ANGLE_OPEN, BRACKET_OPEN, countDigits, digitsValue, isDigit, SPACE } from './characters.ts';
import { FACILITIES, levelOfSeverity, SEVERITIES } from './level-words.ts';
import type { ReadLine, Recogniser } from './line-format.ts';
import { scanTime, type TimeContext } from './scan-time.ts';
import { readStructuredData } from './structured-data.ts';
import { unwrap } from './wrapped-line.ts';

const PRIORITY_MAX = 191;

/** A line with the priority of syslog, `<34>`, and lines of RFC 5424 without one. */
export const readSyslogLine: Recogniser = (text, context, inner) => {
  const end = priorityEnd(text);
  const isModern = text.charCodeAt(end) === 0x31 && text.charCodeAt(end + 1) === SPACE && isStamp(text, end + 2);
  if (end === 0 && !isModern) return undefined;
  const outer = end > 0 ? fromPriority(digitsValue(text, 1, end - 2)) : { message: '', format: 'syslog' as const };
  const rest = isModern ? readModern(text, end + 2, context, inner) : undefined;
  const read = rest ?? inner(text.slice(end).trimStart());
  const line = { ...unwrap(outer, read) };
  return {
    ...line,
    message: line.message === '' ? text : line.message,
    format: isPlain(read) ? 'syslog' : read.format,
  };
};

function isPlain({ format }: ReadLine): boolean {
  return format === 'text' || format === 'timed' || format === 'levelled';
}

/** Where `<0>` to `<191>` at the beginning ends; 0 when there is none. */
function priorityEnd(text: string): number {
  if (text.charCodeAt(0) !== ANGLE_OPEN) return 0;
  const count = countDigits(text, 1, 4);
  const isPriority = count > 0 && count < 4 && text.charCodeAt(1 + count) === ANGLE_CLOSE;
  return isPriority && digitsValue(text, 1, count) <= PRIORITY_MAX ? count + 2 : 0;
}

function fromPriority(priority: number): ReadLine {
  const severity = priority % 8;
  const level = levelOfSeverity(severity);
  const attributes = { facility: FACILITIES[priority >> 3] ?? '', severity: SEVERITIES[severity] ?? '' };
  return { ...(level && { level }), message: '', attributes, format: 'syslog' };
}

/** The beginning of a time of RFC 3339, or the dash for none. */
function isStamp(text: string, at: number): boolean {
  if (text.charCodeAt(at) === 0x2d) return text.charCodeAt(at + 1) === SPACE;
  return isDigit(text.charCodeAt(at)) && text.charCodeAt(at + 4) === 0x2d && text.charCodeAt(at + 10) === 0x54;
}

/** RFC 5424, 6: `TIMESTAMP HOSTNAME APP-NAME PROCID MSGID STRUCTURED-DATA MSG`, a dash for what is not there. */
function readModern(
  text: string,
  from: number,
  context: TimeContext,
  inner: (text: string) => ReadLine,
): ReadLine | undefined {
  const fields: string[] = [];
  let at = from;
  for (let count = 0; count < 5; count += 1) {
    const end = text.indexOf(' ', at);
    if (end < 0 || end - at > 256) return undefined;
    fields.push(text.slice(at, end));
    at = end + 1;
  }
  const [stamp, host, app, pid, messageId] = fields.map((field) => (field === '-' ? undefined : field));
  const time = stamp === undefined ? undefined : scanTime(stamp, 0, context);
  if (stamp !== undefined && time?.end !== stamp.length) return undefined;
  const data = text.charCodeAt(at) === BRACKET_OPEN ? readStructuredData(text, at) : undefined;
  if (!data && text.charCodeAt(at) !== 0x2d) return undefined;
  const end = data?.end ?? at + 1;
  const next = text.charCodeAt(end);
  if (next !== SPACE && !Number.isNaN(next)) return undefined;
  const message = text.slice(end + 1).replace(/^\ufeff/, '');
  const attributes: Attributes = {
    ...(host !== undefined && { host }),
    ...(pid !== undefined && { pid }),
    ...(messageId !== undefined && { messageId }),
    ...data?.attributes,
  };
  const outer: ReadLine = {
    ...(time && { timeMs: time.timeMs }),
    ...(app !== undefined && { service: app }),
    message,
    attributes,
    format: 'syslog',
  };
  return message.trim() === '' ? { ...outer, message: text } : unwrap(outer, inner(message));
}
