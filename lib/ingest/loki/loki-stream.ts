import type { Attributes, JsonValue } from '@/lib/core/event.ts';
import { parseLevel } from '@/lib/core/level.ts';
import type { SourceEvent } from '@/lib/core/source.ts';
import { timeInput } from '@/lib/core/time-input.ts';

/** What can be read out of a line that nobody has labelled. */
export type UnderstoodLine = {
  readonly level?: string;
  readonly message: string;
  readonly attributes?: Attributes;
  readonly traceId?: string;
  readonly spanId?: string;
  readonly service?: string;
};
export type UnderstandLine = (text: string) => UnderstoodLine;

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

/** What labels, or the metadata of one line, say in words that events have; `rest` is what is left of them. */
type Known = {
  readonly service: string | undefined;
  readonly level: string | undefined;
  readonly traceId: string | undefined;
  readonly spanId: string | undefined;
  readonly rest: readonly (readonly [string, JsonValue])[];
};

/** One stream of a push: its labels, read once, and its lines as events. */
export class LokiStream {
  readonly #labels: Known;
  readonly #attributes: Attributes;
  readonly #understand: UnderstandLine | undefined;

  /** @param common attributes of every line of the request */
  constructor(labels: readonly (readonly [string, JsonValue])[], common: Attributes, understand?: UnderstandLine) {
    this.#labels = know(labels, SERVICE_LABELS);
    // fromEntries defines own properties, so a label "__proto__" stays data.
    this.#attributes = { ...common, ...Object.fromEntries(this.#labels.rest) };
    this.#understand = understand;
  }

  event(timeMs: number, line: string, metadata: readonly (readonly [string, JsonValue])[]): SourceEvent {
    const labels = this.#labels;
    const own = metadata.length > 0 ? know(metadata, ['service_name']) : undefined;
    const level = own?.level ?? labels.level;
    // A line of JSON tells more than its labels do; any other that has a level is left as it was written.
    const read = level === undefined || line.startsWith('{') ? this.#understand?.(line) : undefined;
    const attributes = { ...read?.attributes, ...this.#attributes };
    return {
      kind: 'log',
      time: timeInput(timeMs),
      service: labels.service ?? own?.service ?? read?.service,
      level: level ?? read?.level,
      message: read?.message ?? line,
      traceId: own?.traceId ?? labels.traceId ?? read?.traceId,
      spanId: own?.spanId ?? labels.spanId ?? read?.spanId,
      attributes: own ? { ...attributes, ...Object.fromEntries(own.rest) } : attributes,
    };
  }
}

function know(given: readonly (readonly [string, JsonValue])[], serviceLabels: readonly string[]): Known {
  const rest = new Map(given);
  return {
    service: takeFirst(rest, serviceLabels, (text) => text.length <= NAME_CHARS_MAX),
    // What is no level that anybody knows stays an attribute.
    level: takeFirst(rest, LEVEL_LABELS, (text) => parseLevel(text) !== undefined),
    traceId: takeFirst(rest, TRACE_LABELS, (text) => text.length <= ID_CHARS_MAX),
    spanId: takeFirst(rest, SPAN_LABELS, (text) => text.length <= ID_CHARS_MAX),
    rest: [...rest],
  };
}

function takeFirst(
  from: Map<string, JsonValue>,
  names: readonly string[],
  accepts: (text: string) => boolean,
): string | undefined {
  for (const name of names) {
    const value = from.get(name);
    if (typeof value !== 'string' || value === '' || !accepts(value)) continue;
    from.delete(name);
    return value;
  }
  return undefined;
}
