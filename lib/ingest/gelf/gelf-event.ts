import type { JsonValue } from '@/lib/core/event.ts';
import { formatTime, parseTimeMs } from '@/lib/core/event-time.ts';
import { decodeText } from '../decode-text.ts';
import { asAttributes, asName, asText, isId } from '../field-kinds.ts';
import { Refused } from '../http-protocol.ts';
import type { LogSourceEvent } from '../log-source-event.ts';
import { levelOfSeverity } from '../syslog/priority.ts';
import { enrich, type Understand } from '../understand.ts';

type Fields = Readonly<Record<string, JsonValue>>;

/** Which field names the service, the surest first; the container's name is what Docker's driver sends. */
const SERVICE_FIELDS = [
  '_service',
  '_service_name',
  '_container_name',
  '_app',
  '_application_name',
  'facility',
  'host',
];
const TRACE_FIELDS = ['_trace_id', '_traceId'];
const SPAN_FIELDS = ['_span_id', '_spanId'];
/** Read into the event itself, or of no use. */
const TAKEN = new Set(['version', 'short_message', 'full_message', 'timestamp', 'level']);
const IDS = new Set([...TRACE_FIELDS, ...SPAN_FIELDS]);
const LEVEL_CHARS_MAX = 64;
const SHOWN_CHARS_MAX = 80;

/** One message of GELF 1.1 as its bytes of JSON, decompressed; or why it is none. */
export function gelfEvent(bytes: Buffer, understand: Understand): LogSourceEvent | Refused {
  const { text } = decodeText(bytes);
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch (error) {
    return new Refused(`expected a GELF message as JSON: ${(error as Error).message}`);
  }
  return readGelf(parsed, understand);
}

/** One message of GELF as JSON.parse gives it. */
export function readGelf(parsed: unknown, understand: Understand): LogSourceEvent | Refused {
  if (typeof parsed !== 'object' || parsed === null || Array.isArray(parsed)) {
    const shown = asText(parsed as JsonValue).slice(0, SHOWN_CHARS_MAX);
    return new Refused(`expected a GELF message such as {"version":"1.1","short_message":"hello"}, got ${shown}`);
  }
  const fields = parsed as Fields;
  const timeMs = timeOf(fields['timestamp']);
  const traceId = idAt(fields, TRACE_FIELDS);
  const spanId = idAt(fields, SPAN_FIELDS);
  const attributes = asAttributes(attributesOf(fields, timeMs));
  const event: LogSourceEvent = {
    kind: 'log',
    message: messageOf(fields),
    time: timeMs === undefined ? undefined : formatTime(timeMs),
    level: levelOf(fields['level']),
    service: serviceOf(fields),
    ...{ traceId, spanId, attributes },
  };
  return enrich(event, understand);
}

/** The full text where it holds the short one, else both: an event has one text, and nothing of it is to be lost. */
function messageOf(fields: Fields): string {
  const [short, full] = [textOf(fields['short_message'] ?? fields['message']), textOf(fields['full_message'])];
  if (short === undefined) return full ?? asText(fields as JsonValue);
  if (full === undefined || full.includes(short)) return full ?? short;
  return `${short}\n${full}`;
}

function textOf(value: JsonValue | undefined): string | undefined {
  if (value === undefined || value === null || value === '') return undefined;
  return asText(value);
}

/** Seconds with a fraction; ms and finer units, which some libraries send, are told by their size. */
function timeOf(value: JsonValue | undefined): number | undefined {
  return typeof value === 'number' || typeof value === 'string' ? parseTimeMs(value) : undefined;
}

/** A severity of syslog; above 7 it is a number of another logger, and a text is a name. */
function levelOf(value: JsonValue | undefined): string | number | undefined {
  const number = typeof value === 'string' && /^\d{1,3}$/.test(value) ? Number(value) : value;
  if (typeof number === 'number') return levelOfSeverity(number) ?? number;
  return typeof number === 'string' ? number.slice(0, LEVEL_CHARS_MAX) : undefined;
}

function serviceOf(fields: Fields): string | undefined {
  for (const name of SERVICE_FIELDS) {
    const value = fields[name];
    // Docker writes names of containers as paths.
    const service = typeof value === 'string' ? asName(value.replace(/^\//, '')) : undefined;
    if (service !== undefined) return service;
  }
  return undefined;
}

function idAt(fields: Fields, names: readonly string[]): string | undefined {
  for (const name of names) {
    const value = fields[name];
    if (isId(value)) return value;
  }
  return undefined;
}

/** An additional field loses its underscore, unless it then would take the name of another. */
function* attributesOf(fields: Fields, timeMs: number | undefined): Generator<[string, JsonValue]> {
  for (const [key, value] of Object.entries(fields)) {
    if (key === 'timestamp' && timeMs === undefined && value !== null) yield [key, value];
    if (TAKEN.has(key) || value === null || (IDS.has(key) && isId(value))) continue;
    const bare = key.startsWith('_') && key.length > 1 ? key.slice(1) : key;
    yield [bare !== key && bare in fields ? key : bare, value];
  }
}
