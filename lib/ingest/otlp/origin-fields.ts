import { type Attributes, type JsonValue, NAME_CHARS_MAX } from '@/lib/core/event.ts';
import { formatTime } from '@/lib/core/event-time.ts';
import { type Origin, put } from './otlp-model.ts';

/** So much of what describes a sender goes with each of its lines; the rest is counted. */
const RESOURCE_ATTRIBUTES_MAX = 32;
const RESOURCE_VALUE_CHARS_MAX = 1024;
/** All of it together: it is written again with each record, of which a body may hold millions. */
const RESOURCE_CHARS_MAX = 4096;
/** Of interest to who maintains the SDK. */
const SDK_PREFIX = 'telemetry.sdk.';

/** The first of these that there is names the instance; without one the machine and the process do. */
const INSTANCE = 'service.instance.id';
const INSTANCE_ELSE = ['k8s.pod.name', 'host.name', 'process.pid'];

export type OriginFields = {
  readonly service: string | undefined;
  /** For each line: what runs where, and which library speaks. */
  readonly attributes: Attributes;
  /** For each metric: only what tells one series from another of the same name, since all of it names a series. */
  readonly labels: Attributes;
};

const known = new WeakMap<Origin, OriginFields>();

/** What everything in one list has in common, found out once. */
export function fieldsOfOrigin(origin: Origin): OriginFields {
  const before = known.get(origin);
  if (before) return before;
  const given = origin.resource.attributes;
  const name = given['service.name'];
  const service = typeof name === 'string' ? name.slice(0, NAME_CHARS_MAX) : undefined;
  const fields = { service: service || undefined, attributes: attributesOf(origin), labels: labelsOf(given) };
  known.set(origin, fields);
  return fields;
}

function attributesOf({ resource, scope }: Origin): Attributes {
  const attributes: Attributes = {};
  // The names that OpenTelemetry gives them in formats that have no place of their own for a scope.
  if (scope.name) attributes['otel.scope.name'] = scope.name;
  if (scope.version) attributes['otel.scope.version'] = scope.version;
  let [kept, keptChars, dropped] = [0, 0, 0];
  for (const [key, value] of [...Object.entries(scope.attributes), ...Object.entries(resource.attributes)]) {
    if (key === 'service.name' || key.startsWith(SDK_PREFIX)) continue;
    const chars = key.length + charsOf(value);
    const isLong = chars > RESOURCE_VALUE_CHARS_MAX || keptChars + chars > RESOURCE_CHARS_MAX;
    if (isLong || kept >= RESOURCE_ATTRIBUTES_MAX) {
      dropped += 1;
      continue;
    }
    put(attributes, key, value);
    kept += 1;
    keptChars += chars;
  }
  if (dropped > 0) attributes['otel.resource.dropped_attributes_count'] = dropped;
  return attributes;
}

function labelsOf(given: Attributes): Attributes {
  const keys = given[INSTANCE] === undefined ? INSTANCE_ELSE : [INSTANCE];
  const labels: Attributes = {};
  for (const key of ['service.namespace', ...keys]) {
    const value = given[key];
    if (value !== undefined && charsOf(value) <= RESOURCE_VALUE_CHARS_MAX) labels[key] = value;
  }
  return labels;
}

function charsOf(value: JsonValue): number {
  return typeof value === 'string' ? value.length : JSON.stringify(value).length;
}

/** Adds what is common where the record itself has not said it. */
export function addAbsent(attributes: Attributes, common: Attributes): void {
  for (const key in common) if (!Object.hasOwn(attributes, key)) put(attributes, key, common[key] ?? null);
}

/** Below this a number would be taken for µs or less: it is written out. */
const NANOS_BY_SIZE_MIN = 1e17;

/** A time as an event may have it; undefined: not known. */
export function timeOf(nanos: number): number | string | undefined {
  if (!(nanos > 0)) return undefined;
  return nanos >= NANOS_BY_SIZE_MIN ? nanos : formatTime(Math.round(nanos / 1e6));
}
