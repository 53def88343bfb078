import type { Attributes, JsonValue } from '@/lib/core/event.ts';
import type { SourceEvent } from '@/lib/core/source.ts';
import { asText, isId, isLevel, isName, isRecord, isText, isTime } from './field-kinds.ts';
import type { Refused } from './http-protocol.ts';
import { HecRefused } from './splunk-refused.ts';

type Fields = Record<string, JsonValue>;

/** Known about an event besides itself, in the event or for all of them in the query. */
const METADATA = { host: 'host.name', source: 'source', sourcetype: 'sourcetype', index: 'index' } as const;
/** The text of an event that is an object, as the loggers in use name it; `line` is Docker's. */
const MESSAGE_KEYS = ['message', 'msg', 'line', 'log'] as const;
const LEVEL_KEYS = ['severity', 'level', 'log.level', 'severity_text'] as const;
const SERVICE_KEYS = ['service.name', 'service'] as const;
const TRACE_KEYS = ['trace_id', 'traceId'] as const;
const SPAN_KEYS = ['span_id', 'spanId'] as const;
const METRIC_PREFIX = 'metric_name:';

/** What one object of a HEC body holds: a log, or as many metrics as it names. */
export function* hecEvents(input: unknown, query: URLSearchParams): Generator<SourceEvent | Refused> {
  if (!isRecord(input)) {
    yield new HecRefused(6, 'expected JSON objects such as {"event":"hello"}');
    return;
  }
  const { event, time } = input;
  const fields: Fields = { ...(isRecord(input['fields']) ? input['fields'] : {}) };
  const common = { metadata: metadataOf(input, query), time: isTime(time) ? time : undefined };
  if (time !== undefined && time !== null && time !== '' && !isTime(time)) {
    yield new HecRefused(6, 'time: expected a number of seconds, or one as text');
  } else if (event === 'metric' && hasMetrics(fields)) yield* metricEvents(fields, common);
  else if (event === undefined || event === null) yield new HecRefused(12, 'expected a field "event"');
  else if (event === '') yield new HecRefused(13, 'event: expected some text');
  else yield logEvent(event, fields, common);
}

type Common = { readonly metadata: Attributes; readonly time: string | number | undefined };

function logEvent(event: JsonValue, fields: Fields, { metadata, time }: Common): SourceEvent {
  const own: Fields = isRecord(event) ? { ...event } : {};
  const message = take(own, MESSAGE_KEYS, isText) ?? asText(event);
  const from = <T>(keys: readonly string[], is: (value: unknown) => value is T): T | undefined =>
    take(own, keys, is) ?? take(fields, keys, is);
  const level = from(LEVEL_KEYS, isLevel);
  const service = from(SERVICE_KEYS, isName);
  const traceId = from(TRACE_KEYS, isId);
  const spanId = from(SPAN_KEYS, isId);
  return {
    kind: 'log',
    ...{ message, time, level, service, traceId, spanId },
    attributes: { ...metadata, ...fields, ...own },
  };
}

/** One metric as `metric_name` and `_value`, or each as `metric_name:<name>`; all other fields are its dimensions. */
function* metricEvents(fields: Fields, { metadata, time }: Common): Generator<SourceEvent | Refused> {
  const metrics: [string, JsonValue][] = [];
  const dimensions: Fields = {};
  for (const [key, value] of Object.entries(fields)) {
    if (key.startsWith(METRIC_PREFIX)) metrics.push([key.slice(METRIC_PREFIX.length), value]);
    else if (key !== 'metric_name' && key !== '_value') define(dimensions, key, value);
  }
  const { metric_name: name } = fields;
  if (typeof name === 'string') metrics.push([name, fields['_value'] ?? null]);
  const service = take(dimensions, SERVICE_KEYS, isName);
  for (const [metric, given] of metrics) {
    const value = typeof given === 'string' && given.trim() !== '' ? Number(given) : given;
    if (typeof value !== 'number' || !Number.isFinite(value)) {
      yield new HecRefused(15, `fields.${metric.slice(0, 64)}: expected a number as the value of a metric`);
      continue;
    }
    yield {
      kind: 'metric',
      name: metric,
      value,
      ...(time !== undefined && { time }),
      ...(service !== undefined && { service }),
      attributes: { ...metadata, ...dimensions },
    };
  }
}

function hasMetrics(fields: Fields): boolean {
  return Object.keys(fields).some((key) => key === 'metric_name' || key.startsWith(METRIC_PREFIX));
}

function metadataOf(input: Fields, query: URLSearchParams): Attributes {
  const found: Attributes = {};
  for (const [key, name] of Object.entries(METADATA)) {
    const value = input[key] ?? query.get(key);
    if (value !== null && value !== undefined && value !== '') found[name] = value;
  }
  return found;
}

function take<T>(holder: Fields, keys: readonly string[], is: (value: unknown) => value is T): T | undefined {
  for (const key of keys) {
    const value: unknown = Object.hasOwn(holder, key) ? holder[key] : undefined;
    if (!is(value)) continue;
    delete holder[key];
    return value;
  }
  return undefined;
}

/** Assigning to `__proto__` would lose it. */
function define(holder: Fields, key: string, value: JsonValue): void {
  Object.defineProperty(holder, key, { value, enumerable: true, configurable: true, writable: true });
}
