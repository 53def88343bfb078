import type { Attributes, JsonValue } from '@/lib/core/event.ts';
import { parseLevel } from '@/lib/core/level.ts';
import type { SourceEvent } from '@/lib/core/source.ts';
import { timeInput } from '@/lib/core/time-input.ts';
import type { Understand } from '../understand.ts';

/** Loki's own order of what names a service, where a stream has no `service_name`. */
const SERVICE_LABELS = [
  'service_name',
  'service',
  'app',
  'application',
  'app_name',
  'name',
  'app_kubernetes_io_name',
  'container',
  'container_name',
  'k8s_container_name',
  'component',
  'workload',
  'job',
  'k8s_job_name',
];
const LEVEL_LABELS = [
  'level',
  'LEVEL',
  'Level',
  'detected_level',
  'severity',
  'Severity',
  'SEVERITY',
  'severity_text',
  'lvl',
  'LVL',
  'Lvl',
];
const TRACE_LABELS = ['trace_id', 'traceId', 'traceID', 'traceid', 'TraceId', 'TraceID'];
const SPAN_LABELS = ['span_id', 'spanId', 'spanID', 'spanid', 'SpanId', 'SpanID'];
const NAME_CHARS_MAX = 256;
const ID_CHARS_MAX = 64;

type Pair = readonly [name: string, value: JsonValue];
/** What is said of a line in words that events have. */
type Known = { service?: string; level?: string; traceId?: string; spanId?: string };

const NAMES: Readonly<Record<keyof Known, readonly string[]>> = {
  service: SERVICE_LABELS,
  level: LEVEL_LABELS,
  traceId: TRACE_LABELS,
  spanId: SPAN_LABELS,
};
/** In the metadata of a line only this names its service: an `app` or a `name` there may be anything. */
const ROLES: ReadonlyMap<string, keyof Known> = new Map([
  ['service_name', 'service'],
  ...LEVEL_LABELS.map((name) => [name, 'level'] as const),
  ...TRACE_LABELS.map((name) => [name, 'traceId'] as const),
  ...SPAN_LABELS.map((name) => [name, 'spanId'] as const),
]);

/** One stream of a push: its labels, read once, and its lines as events. */
export class LokiStream {
  readonly #labels: Readonly<Known>;
  readonly #attributes: Attributes;
  readonly #understand: Understand | undefined;

  /** @param common attributes of every line of the request */
  constructor(labels: readonly Pair[], common: Attributes, understand?: Understand) {
    const rest = new Map(labels);
    const known: Known = {};
    for (const role of ['service', 'level', 'traceId', 'spanId'] as const) {
      const name = NAMES[role].find((label) => plays(role, rest.get(label)));
      if (name === undefined) continue;
      known[role] = String(rest.get(name));
      rest.delete(name);
    }
    this.#labels = known;
    // fromEntries defines own properties, so a label "__proto__" stays data.
    this.#attributes = { ...common, ...Object.fromEntries(rest) };
    this.#understand = understand;
  }

  event(timeMs: number, line: string, metadata: readonly Pair[]): SourceEvent {
    const own: Known = {};
    let attributes = metadata.length > 0 ? this.#withMetadata(metadata, own) : this.#attributes;
    const level = own.level ?? this.#labels.level;
    // A line of JSON tells more than its labels do; any other that has a level is left as it was written.
    const read = level === undefined || line.startsWith('{') ? this.#understand?.(line) : undefined;
    if (read?.attributes) attributes = { ...read.attributes, ...attributes };
    return {
      kind: 'log',
      time: timeInput(timeMs),
      service: this.#labels.service ?? own.service ?? read?.service,
      level: level ?? read?.level,
      message: read?.message ?? line,
      traceId: own.traceId ?? this.#labels.traceId ?? read?.traceId,
      spanId: own.spanId ?? this.#labels.spanId ?? read?.spanId,
      attributes,
    };
  }

  /** The way of every line that has metadata, and therefore without lists and maps in between. */
  #withMetadata(metadata: readonly Pair[], own: Known): Attributes {
    const attributes = { ...this.#attributes };
    for (const [name, value] of metadata) {
      const role = ROLES.get(name);
      if (role !== undefined && own[role] === undefined && plays(role, value)) own[role] = String(value);
      else if (name !== '__proto__') attributes[name] = value;
      else Object.defineProperty(attributes, name, { value, enumerable: true, configurable: true, writable: true });
    }
    return attributes;
  }
}

/** What cannot be a service, a level or an id stays an attribute. */
function plays(role: keyof Known, value: JsonValue | undefined): boolean {
  if (typeof value !== 'string' || value === '') return false;
  if (role === 'level') return parseLevel(value) !== undefined;
  return value.length <= (role === 'service' ? NAME_CHARS_MAX : ID_CHARS_MAX);
}
