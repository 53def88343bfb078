import type { Attributes, JsonValue } from '@/lib/core/event.ts';
import { formatTime } from '@/lib/core/event-time.ts';
import { decodeText } from '../decode-text.ts';
import { asAttributes, asName } from '../field-kinds.ts';
import type { LogSourceEvent } from '../log-source-event.ts';
import { enrich, type Understand } from '../understand.ts';
import { parseSyslog } from './parse-syslog.ts';
import type { SyslogMessage } from './syslog-message.ts';

/** What came without the name of a program is of this service. */
const SERVICE_DEFAULT = 'syslog';
const DIGITS = /^\d{1,15}$/;

export type SyslogContext = {
  readonly nowMs: number;
  readonly understand: Understand;
};

/** Undefined for what holds nothing but line ends. */
export type SyslogEvent = { readonly event: LogSourceEvent; readonly isCut: boolean };

/**
 * One message as it came, a datagram or a frame, as an event.
 * @param length of the whole message where `bytes` is only its beginning
 */
export function syslogEvent(bytes: Buffer, length: number, context: SyslogContext): SyslogEvent | undefined {
  const end = endOf(bytes);
  if (end === 0) return undefined;
  const { text, isCut } = decodeText(bytes.subarray(0, end));
  const message = parseSyslog(text, context.nowMs);
  const isShortened = length > bytes.length;
  const event = toEvent(message, isShortened ? { truncatedFromBytes: length } : undefined);
  return { event: enrich(event, context.understand), isCut: isCut || isShortened };
}

/** Line ends and NUL at the end belong to the way it came, not to the message. */
function endOf(bytes: Buffer): number {
  let end = bytes.length;
  for (; end > 0; end -= 1) {
    const last = bytes[end - 1];
    if (last !== 0 && last !== 0x0a && last !== 0x0d) break;
  }
  return end;
}

function toEvent(message: SyslogMessage, cut: Attributes | undefined): LogSourceEvent {
  const { priority, timeMs, app, text } = message;
  const attributes = asAttributes(attributesOf(message, cut));
  return {
    kind: 'log',
    message: text,
    service: asName(app) ?? SERVICE_DEFAULT,
    ...(timeMs !== undefined && { time: formatTime(timeMs) }),
    ...(priority && { level: priority.level }),
    ...(attributes && { attributes }),
  };
}

function attributesOf(message: SyslogMessage, cut: Attributes | undefined): [string, JsonValue | undefined][] {
  const { priority, unreadTime, host, pid, msgId, sequence, params = [] } = message;
  const own: [string, JsonValue | undefined][] = [
    ['host', host],
    ['pid', pid !== undefined && DIGITS.test(pid) ? Number(pid) : pid],
    ['msgId', msgId],
    ['sequence', sequence === undefined ? undefined : Number(sequence)],
    ['facility', priority?.facility],
    ['severity', priority?.severity],
    ['timestamp', unreadTime],
    ...Object.entries(cut ?? {}),
  ];
  return [...own, ...gathered(params)];
}

/** A name may come more than once, as the addresses of a machine do (RFC 5424 §7.2.1): then it has a list. */
function gathered(params: readonly (readonly [string, string])[]): [string, JsonValue][] {
  const values = new Map<string, JsonValue>();
  for (const [name, value] of params) {
    const before = values.get(name);
    values.set(name, before === undefined ? value : [...(Array.isArray(before) ? before : [before]), value]);
  }
  return [...values];
}
