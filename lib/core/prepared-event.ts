import type { z } from 'zod';
import {
  ATTRIBUTE_KEY_CHARS_MAX,
  ATTRIBUTE_VALUE_BYTES_MAX,
  ATTRIBUTES_MAX,
  type Attributes,
  DEPTH_MAX,
  EVENT_BYTES_MAX,
  type Flag,
  type JsonValue,
  type Kind,
  type LogEvent,
  type LogInput,
  logInputSchema,
  MESSAGE_BYTES_MAX,
  type MetricEvent,
  type MetricInput,
  metricInputSchema,
  type TailraceEvent,
} from './event.ts';
import { formatTime, parseTimeMs } from './event-time.ts';
import { parseLevel, RANK_NONE, rankOf } from './level.ts';
import { cleanName, cleanText, exceedsBytes } from './text.ts';

/** An event that passed the edge, in the form the journal stores and the streams send: `body` is its JSON. */
export type PreparedEvent = {
  readonly kind: Kind;
  readonly timeMs: number;
  /** Rank of a log's level, RANK_NONE for a metric. */
  readonly rank: number;
  readonly service: string;
  readonly body: string;
  /** Present on metrics: what the roll-ups need, so that nobody parses `body` again. */
  readonly sample?: Sample;
};

export type Sample = {
  readonly name: string;
  readonly value: number;
  readonly type: 'gauge' | 'counter';
  readonly unit: string;
  /** Attributes as JSON with sorted keys: with service and name it names the series. */
  readonly labels: string;
};

export type Prepared = { ok: true; event: PreparedEvent } | { ok: false; error: string };

const SERVICE_DEFAULT = 'unknown';
const FUTURE_SKEW_MS = 60 * 60 * 1000;
const FIRST_LEVEL_KEYS = new Set(['kind', 'time', 'level', 'service', 'message', 'attributes', 'traceId', 'spanId']);
const METRIC_KEYS = new Set(['kind', 'time', 'name', 'value', 'unit', 'type', 'service', 'attributes']);

/** Validates and normalises one event of a sender. Never throws; the error says what was expected and what came. */
export function prepareEvent(input: unknown, nowMs: number): Prepared {
  if (typeof input !== 'object' || input === null || Array.isArray(input)) {
    return refuse(`expected an object such as {"kind":"log","message":"hello"}, got ${show(input)}`);
  }
  if (exceedsDepth(input, DEPTH_MAX)) return refuse(`event: expected at most ${DEPTH_MAX} levels of nesting`);
  const kind = (input as { kind?: unknown }).kind;
  if (kind === 'metric') {
    const parsed = metricInputSchema.safeParse(input);
    return parsed.success ? prepareMetric(parsed.data, nowMs) : refuse(explain(parsed.error));
  }
  if (kind !== undefined && kind !== 'log') {
    return refuse(`kind: expected "log" or "metric", got ${show(kind)}`);
  }
  const parsed = logInputSchema.safeParse(input);
  return parsed.success ? prepareLog(parsed.data, nowMs) : refuse(explain(parsed.error));
}

function prepareLog(input: LogInput, nowMs: number): Prepared {
  if (exceedsBytes(input.message, MESSAGE_BYTES_MAX)) {
    return refuse(`message: expected at most ${MESSAGE_BYTES_MAX} bytes; send a long text as several events`);
  }
  const timeMs = timeOf(input.time, nowMs);
  if (timeMs === undefined) return refuse(timeError(input.time));
  const message = cleanText(input.message);
  const level = input.level === undefined ? 'info' : parseLevel(input.level);
  const extra = foldExtra(input, FIRST_LEVEL_KEYS);
  if (level === undefined) extra['level'] = input.level as string | number;
  const attributes = cleanAttributes(input.attributes, extra);
  if (typeof attributes === 'string') return refuse(attributes);
  const event: LogEvent = {
    kind: 'log',
    time: formatTime(timeMs),
    level: level ?? 'info',
    service: cleanName(input.service ?? SERVICE_DEFAULT),
    message,
    ...(attributes && { attributes }),
    ...(input.traceId && { traceId: cleanName(input.traceId) }),
    ...(input.spanId && { spanId: cleanName(input.spanId) }),
    ...flagsOf(timeMs, nowMs, message !== input.message),
  };
  return accept(event, timeMs, rankOf(event.level));
}

function prepareMetric(input: MetricInput, nowMs: number): Prepared {
  const timeMs = timeOf(input.time, nowMs);
  if (timeMs === undefined) return refuse(timeError(input.time));
  const attributes = cleanAttributes(input.attributes, foldExtra(input, METRIC_KEYS));
  if (typeof attributes === 'string') return refuse(attributes);
  const event: MetricEvent = {
    kind: 'metric',
    time: formatTime(timeMs),
    service: cleanName(input.service ?? SERVICE_DEFAULT),
    name: cleanName(input.name),
    value: input.value,
    type: input.type ?? 'gauge',
    ...(input.unit && { unit: cleanName(input.unit) }),
    ...(attributes && { attributes }),
    ...flagsOf(timeMs, nowMs, false),
  };
  const sample: Sample = {
    name: event.name,
    value: event.value,
    type: event.type,
    unit: event.unit ?? '',
    labels: attributes ? labelsOf(attributes) : '',
  };
  return accept(event, timeMs, RANK_NONE, sample);
}

function accept(event: TailraceEvent, timeMs: number, rank: number, sample?: Sample): Prepared {
  const body = JSON.stringify(event);
  if (exceedsBytes(body, EVENT_BYTES_MAX)) return refuse(`event: expected at most ${EVENT_BYTES_MAX} bytes as JSON`);
  const prepared = { kind: event.kind, timeMs, rank, service: event.service, body };
  return { ok: true, event: sample ? { ...prepared, sample } : prepared };
}

function refuse(error: string): Prepared {
  return { ok: false, error };
}

function timeOf(input: string | number | undefined, nowMs: number): number | undefined {
  return input === undefined ? nowMs : parseTimeMs(input);
}

function timeError(input: unknown): string {
  return `time: expected ISO 8601 or a number of s, ms, µs or ns between the years 0 and 9999, got ${show(input)}`;
}

function flagsOf(timeMs: number, nowMs: number, controlCharacters: boolean): { flags?: Flag[] } {
  const flags: Flag[] = [];
  if (timeMs < 0) flags.push('time-before-1970');
  if (timeMs > nowMs + FUTURE_SKEW_MS) flags.push('time-in-future');
  if (controlCharacters) flags.push('control-characters');
  return flags.length > 0 ? { flags } : {};
}

/** Keys of other loggers' formats ("pid", "hostname") are worth keeping: they become attributes. */
function foldExtra(input: Record<string, unknown>, known: ReadonlySet<string>): Attributes {
  const extra: Attributes = {};
  for (const key in input) {
    if (!known.has(key) && input[key] !== undefined) extra[key] = input[key] as JsonValue;
  }
  return extra;
}

/** Returns the cleaned attributes, undefined when there are none, or the sentence that says what is wrong. */
function cleanAttributes(given: Attributes | undefined, extra: Attributes): Attributes | undefined | string {
  const all = given ? { ...extra, ...given } : extra;
  const entries = Object.entries(all);
  if (entries.length === 0) return undefined;
  if (entries.length > ATTRIBUTES_MAX) return `attributes: expected at most ${ATTRIBUTES_MAX}, got ${entries.length}`;
  const clean: [string, JsonValue][] = [];
  for (const [key, value] of entries) {
    if (key.length > ATTRIBUTE_KEY_CHARS_MAX) {
      return `attributes: expected keys of at most ${ATTRIBUTE_KEY_CHARS_MAX} characters, got one of ${key.length}`;
    }
    const cleaned = cleanValue(value);
    if (exceedsBytes(typeof cleaned === 'string' ? cleaned : JSON.stringify(cleaned), ATTRIBUTE_VALUE_BYTES_MAX)) {
      return `attributes.${cleanName(key.slice(0, 64))}: expected at most ${ATTRIBUTE_VALUE_BYTES_MAX} bytes`;
    }
    clean.push([cleanName(key), cleaned]);
  }
  // fromEntries defines own properties, so a key "__proto__" stays data.
  return Object.fromEntries(clean);
}

function cleanValue(value: JsonValue): JsonValue {
  if (typeof value === 'string') return cleanText(value);
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map(cleanValue);
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [cleanName(key), cleanValue(inner)]));
}

function exceedsDepth(value: unknown, depthMax: number): boolean {
  if (typeof value !== 'object' || value === null) return false;
  return depthMax === 0 || Object.values(value).some((inner) => exceedsDepth(inner, depthMax - 1));
}

function labelsOf(attributes: Attributes): string {
  const sorted = Object.entries(attributes).sort(([a], [b]) => (a < b ? -1 : 1));
  return JSON.stringify(Object.fromEntries(sorted));
}

function explain(error: z.ZodError): string {
  return error.issues
    .slice(0, 3)
    .map((issue) => `${issue.path.join('.') || 'event'}: ${issue.message}`)
    .join('; ');
}

function show(value: unknown): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'an array';
  if (typeof value === 'object') return 'an object';
  return JSON.stringify(value)?.slice(0, 60) ?? typeof value;
}
