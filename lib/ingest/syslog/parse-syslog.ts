import { priorityOf } from './priority.ts';
import { readStructuredData } from './structured-data.ts';
import type { SyslogMessage } from './syslog-message.ts';
import { readTime, zonedTimeMs } from './syslog-time.ts';

const PRI = /<(\d{1,3})>/y;
const VERSION = /\d{1,2} (?=-|\d{4}-)/y;
/** TIMESTAMP, HOSTNAME, APP-NAME, PROCID and MSGID; one that is too long is taken as well. */
const HEADER = /(\S+) (\S+) (\S+) (\S+) (\S+)(?: |$)/y;
/** Cisco counts its messages, may name itself, and marks a clock that is not set with a star. */
const CISCO = /(?:(\d{1,10}): )?(?:([\w.:-]{1,255}?): )?[*.]?(?=[A-Z][a-z]{2} {1,2}\d{1,2} |\d{4}-\d{2}-\d{2}[T ]\d)/y;
const SEQUENCE = /(\d{1,10}): (?=%)/y;
const WORD = /(\S+) /y;
/** A program with or without the number of its process; the colon may be missing after a number. */
const TAG = /([^\s:[\]]{1,128})(?:\[([^\]\s]{1,128})\]:?|:)(?: |$)/y;
/** Without a time before it only a tag with a number is one: "error: disk full" is text. */
const SURE_TAG = /([^\s:[\]]{1,128})\[([^\]\s]{1,128})\]: /y;

/**
 * Reads RFC 5424, RFC 3164 and what is sent under their names. Never fails: what is not understood is left in the text, and
 * a line that is nothing of the kind is text as a whole.
 * @param nowMs when it came: times without a year are of the newest year that does not lie ahead of it
 */
export function parseSyslog(line: string, nowMs: number): SyslogMessage {
  PRI.lastIndex = 0;
  const pri = PRI.exec(line);
  const priority = pri ? priorityOf(Number(pri[1])) : undefined;
  const start = pri && priority ? pri[0].length : 0;
  if (priority) {
    VERSION.lastIndex = start;
    const version = VERSION.exec(line);
    const read = version && parse5424(line, start + version[0].length);
    if (read) return { priority, ...read };
  }
  return { priority, ...parse3164(line, start, nowMs, priority !== undefined) };
}

function parse5424(line: string, at: number): SyslogMessage | undefined {
  HEADER.lastIndex = at;
  const header = HEADER.exec(line);
  if (!header) return undefined;
  const [all, time = '', host, app, pid, msgId] = header;
  const timeMs = time === '-' ? undefined : zonedTimeMs(time);
  const dataAt = at + all.length;
  const data = readStructuredData(line, dataAt);
  const textAt = data ? data.end + 1 : dataAt;
  return {
    timeMs,
    unreadTime: timeMs === undefined && time !== '-' ? time : undefined,
    host: present(host),
    app: present(app),
    pid: present(pid),
    msgId: present(msgId),
    params: data?.params ?? [],
    // A relay of rsyslog that was given RFC 3164 keeps the space that followed the tag.
    text: withoutMark(line.slice(textAt).replace(/^ (?=\S)/, '')),
  };
}

/** NILVALUE is a dash. */
function present(field: string | undefined): string | undefined {
  return field === '-' ? undefined : field;
}

/** MSG in UTF-8 begins with a byte order mark (RFC 5424 §6.4). */
function withoutMark(text: string): string {
  return text.startsWith('\ufeff') ? text.slice(1) : text;
}

function parse3164(line: string, at: number, nowMs: number, hasPriority: boolean): SyslogMessage {
  CISCO.lastIndex = at;
  const cisco = CISCO.exec(line);
  const time = cisco && readTime(line, CISCO.lastIndex, nowMs);
  if (!cisco || !time) return hasPriority ? parseTimeless(line, at) : { text: line };
  const [, sequence, ciscoHost] = cisco;
  const { timeMs, end } = time;
  const unreadTime = timeMs === undefined ? line.slice(CISCO.lastIndex, end) : undefined;
  const named = { timeMs, unreadTime, sequence, host: ciscoHost };
  if (line[end] === ':') return { ...named, text: line.slice(end + 1).trimStart() };
  return { ...named, ...parseSender(line, end + 1, ciscoHost) };
}

/** HOSTNAME and TAG (RFC 3164 §4.1.2 and §4.1.3); the first is left out by what a program writes to its own machine. */
function parseSender(line: string, at: number, knownHost: string | undefined): SyslogMessage {
  const local = tagAt(TAG, line, at);
  if (local) return { ...local, host: knownHost };
  WORD.lastIndex = at;
  const host = WORD.exec(line)?.[1];
  if (host === undefined) return { host: knownHost, text: line.slice(at) };
  const rest = at + host.length + 1;
  return { host, ...(tagAt(TAG, line, rest) ?? { text: line.slice(rest).replace(/^: /, '') }) };
}

function parseTimeless(line: string, at: number): SyslogMessage {
  SEQUENCE.lastIndex = at;
  const counted = SEQUENCE.exec(line);
  if (counted) return { sequence: counted[1], text: line.slice(at + counted[0].length) };
  return tagAt(SURE_TAG, line, at) ?? { text: line.slice(at) };
}

function tagAt(pattern: RegExp, line: string, at: number): { app: string; pid?: string; text: string } | undefined {
  pattern.lastIndex = at;
  const tag = pattern.exec(line);
  if (!tag) return undefined;
  const [all, app = '', pid] = tag;
  return { app, ...(pid !== undefined && { pid }), text: withoutMark(line.slice(at + all.length)) };
}
