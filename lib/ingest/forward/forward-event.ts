import type { JsonValue } from '@/lib/core/event.ts';
import { formatTime, parseTimeMs } from '@/lib/core/event-time.ts';
import { parseLevel } from '@/lib/core/level.ts';
import { asAttributes, asName, isId } from '../field-kinds.ts';
import { Refused } from '../http-protocol.ts';
import type { LogSourceEvent } from '../log-source-event.ts';
import { levelOfSeverity } from '../syslog/priority.ts';
import { enrich, type Understand } from '../understand.ts';
import { EventTime, isMap, jsonOf } from './msgpack-values.ts';

type Fields = Readonly<Record<string, JsonValue>>;

const MESSAGE_KEYS = ['message', 'log', 'msg', 'MESSAGE'];
const LEVEL_KEYS = ['level', 'severity', 'loglevel', 'log_level', 'lvl'];
/** Of journald: a severity of syslog. */
const PRIORITY_KEY = 'PRIORITY';
const SERVICE_KEYS = ['service', 'service_name', 'service.name', 'container_name'];
const TRACE_KEYS = ['trace_id', 'traceId'];
const SPAN_KEYS = ['span_id', 'spanId'];

/**
 * One entry of a forward message as an event.
 * @param time seconds, EventTime, or both with metadata in an array, as Fluent Bit sends it
 */
export function forwardEvent(
  tag: string,
  time: unknown,
  record: unknown,
  understand: Understand,
): LogSourceEvent | Refused {
  if (!isMap(record)) return new Refused('expected a record of the Fluent forward protocol to be a map');
  const fields = jsonOf(record) as Fields;
  const taken = new Set<string>();
  const message = takeMessage(fields, taken);
  const timeMs = timeOf(Array.isArray(time) ? time[0] : time);
  const named = serviceOf(fields, taken);
  const traceId = takeId(fields, TRACE_KEYS, taken);
  const spanId = takeId(fields, SPAN_KEYS, taken);
  const level = takeLevel(fields, taken);
  const rest = Object.entries(fields).filter(([key]) => !taken.has(key));
  const attributes = asAttributes([
    ...rest,
    ['tag', named === undefined ? undefined : tag],
    ['metadata', metadataOf(time)],
  ]);
  const event: LogSourceEvent = {
    kind: 'log',
    // A record without a text is shown as a whole; its keys are attributes all the same, to be filtered by.
    message: message ?? JSON.stringify(fields),
    time: timeMs === undefined ? undefined : formatTime(timeMs),
    service: named ?? asName(tag),
    ...{ level, traceId, spanId, attributes },
  };
  return enrich(event, understand);
}

function timeOf(time: unknown): number | undefined {
  if (time instanceof EventTime) return time.timeMs;
  const seconds = typeof time === 'bigint' ? Number(time) : time;
  return typeof seconds === 'number' ? parseTimeMs(seconds) : undefined;
}

function takeMessage(fields: Fields, taken: Set<string>): string | undefined {
  for (const key of MESSAGE_KEYS) {
    const value = fields[key];
    if (typeof value !== 'string') continue;
    taken.add(key);
    // What follows a file writes the line's end along.
    return value.replace(/\r?\n$/, '');
  }
  return undefined;
}

function takeLevel(fields: Fields, taken: Set<string>): string | undefined {
  for (const key of LEVEL_KEYS) {
    const value = fields[key];
    const level = typeof value === 'string' || typeof value === 'number' ? parseLevel(value) : undefined;
    if (level === undefined) continue;
    taken.add(key);
    return level;
  }
  const priority = fields[PRIORITY_KEY];
  return priority === undefined || priority === '' ? undefined : levelOfSeverity(Number(priority));
}

function serviceOf(fields: Fields, taken: Set<string>): string | undefined {
  for (const key of SERVICE_KEYS) {
    const service = asService(fields[key]);
    if (service === undefined) continue;
    if (service === fields[key]) taken.add(key);
    return service;
  }
  const kubernetes = fields['kubernetes'];
  return isMap(kubernetes) ? asService((kubernetes as Fields)['container_name']) : undefined;
}

/** Docker writes names of containers as paths. */
function asService(value: JsonValue | undefined): string | undefined {
  return typeof value === 'string' ? asName(value.replace(/^\//, '')) : undefined;
}

function takeId(fields: Fields, keys: readonly string[], taken: Set<string>): string | undefined {
  for (const key of keys) {
    const value = fields[key];
    if (!isId(value)) continue;
    taken.add(key);
    return value;
  }
  return undefined;
}

function metadataOf(time: unknown): JsonValue | undefined {
  const metadata: unknown = Array.isArray(time) ? time[1] : undefined;
  return isMap(metadata) && Object.keys(metadata).length > 0 ? jsonOf(metadata) : undefined;
}
