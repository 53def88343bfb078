import { z } from 'zod';
import type { Attributes } from '@/lib/core/event.ts';
import type { Level } from '@/lib/core/level.ts';
import { eventLines } from '../agent/event-lines.ts';

/** A field that occurs more than once is an array of its values; what is no UTF-8 is an array of its bytes. */
const fieldSchema = z.union([
  z.string(),
  z.null(),
  z.array(z.union([z.number(), z.string(), z.null(), z.array(z.number())])),
]);

/** Journal JSON (systemd.io/JOURNAL_EXPORT_FORMATS): of all fields those that say when, who and what. */
const entrySchema = z.object({
  __CURSOR: z.string(),
  __REALTIME_TIMESTAMP: z.string().optional(),
  MESSAGE: fieldSchema.optional(),
  PRIORITY: fieldSchema.optional(),
  SYSLOG_IDENTIFIER: fieldSchema.optional(),
  _SYSTEMD_UNIT: fieldSchema.optional(),
  _SYSTEMD_USER_UNIT: fieldSchema.optional(),
  _COMM: fieldSchema.optional(),
  _PID: fieldSchema.optional(),
  _HOSTNAME: fieldSchema.optional(),
});

export type JournalEntry = z.infer<typeof entrySchema>;

/** Severities of syslog (RFC 5424 §6.2.1): 0 to 7. */
const LEVEL_OF_PRIORITY: readonly Level[] = ['fatal', 'fatal', 'fatal', 'error', 'warn', 'info', 'info', 'debug'];

/** Undefined for what is no entry. */
export function parseEntry(line: string): JournalEntry | undefined {
  try {
    const parsed = entrySchema.safeParse(JSON.parse(line));
    return parsed.success ? parsed.data : undefined;
  } catch {
    return undefined;
  }
}

/** The entry as lines of NDJSON, mostly one; none where it has no message. */
export function entryEvents(entry: JournalEntry, service: string | undefined, nowMs: number): string[] {
  const text = textOf(entry.MESSAGE);
  if (text.trim() === '') return [];
  const unit = textOf(entry._SYSTEMD_USER_UNIT) || textOf(entry._SYSTEMD_UNIT);
  const attributes: Attributes = {};
  for (const [name, value] of [
    ['unit', unit],
    ['pid', textOf(entry._PID)],
    ['host', textOf(entry._HOSTNAME)],
  ] as const) {
    if (value) attributes[name] = value;
  }
  const named = textOf(entry.SYSLOG_IDENTIFIER) || unit.replace(/\.service$/, '') || textOf(entry._COMM) || 'journal';
  const level = LEVEL_OF_PRIORITY[Number(textOf(entry.PRIORITY) || Number.NaN)];
  const timeMs = Math.floor(Number(entry.__REALTIME_TIMESTAMP) / 1000);
  const group = { text, start: 0, end: 0, ...(level && { level }), ...(!Number.isNaN(timeMs) && { timeMs }) };
  const origin = { service: service ?? named.slice(0, 256), serviceElse: named, attributes };
  return eventLines(group, { ...origin, trustsWrapping: true, namesStream: false }, nowMs);
}

function textOf(field: z.infer<typeof fieldSchema> | undefined): string {
  if (field === undefined || field === null) return '';
  if (typeof field === 'string') return field;
  const bytes = field.filter((value) => typeof value === 'number');
  if (bytes.length === field.length) return Buffer.from(bytes).toString('utf8');
  return field.map((value) => (typeof value === 'number' ? String(value) : textOf(value))).join('\n');
}
