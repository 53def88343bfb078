import type { JsonValue } from '@/lib/core/event.ts';
import type { SourceEvent } from '@/lib/core/source.ts';
import { NotKept, Refused } from '../../http-protocol.ts';
import { MetricMemory } from '../metric-memory.ts';
import { OTLP_SIGNALS, type OtlpSignalName } from '../otlp-signals.ts';
import { toJson, toProto } from './encode-otlp.ts';

export const TIME_MS = Date.UTC(2026, 0, 1);

/** So many ms after `TIME_MS`, as OTLP writes it. */
export function nanos(afterMs = 0): string {
  return `${TIME_MS + afterMs}000000`;
}

export function anyValue(value: JsonValue): object {
  if (typeof value === 'string') return { stringValue: value };
  if (typeof value === 'boolean') return { boolValue: value };
  if (typeof value === 'number')
    return Number.isSafeInteger(value) ? { intValue: String(value) } : { doubleValue: value };
  if (value === null) return {};
  if (Array.isArray(value)) return { arrayValue: { values: value.map(anyValue) } };
  return { kvlistValue: { values: keyValues(value) } };
}

export function keyValues(attributes: Readonly<Record<string, JsonValue>>): object[] {
  return Object.entries(attributes).map(([key, value]) => ({ key, value: anyValue(value) }));
}

const RESOURCE = { attributes: keyValues({ 'service.name': 'shop' }) };

export function logsRequest(logRecords: readonly object[], resource: object = RESOURCE, scope: object = {}): object {
  return { resourceLogs: [{ resource, scopeLogs: [{ scope, logRecords }] }] };
}

export function metricsRequest(metrics: readonly object[], resource: object = RESOURCE): object {
  return { resourceMetrics: [{ resource, scopeMetrics: [{ metrics }] }] };
}

export function tracesRequest(spans: readonly object[], resource: object = RESOURCE): object {
  return { resourceSpans: [{ resource, scopeSpans: [{ spans }] }] };
}

export type Read = { readonly events: SourceEvent[]; readonly refused: Refused[]; readonly notKept: number };

export function readBody(
  signal: OtlpSignalName,
  body: Buffer,
  encoding: 'protobuf' | 'json',
  memory: MetricMemory = new MetricMemory(),
): Read {
  const [events, refused]: [SourceEvent[], Refused[]] = [[], []];
  let notKept = 0;
  for (const each of OTLP_SIGNALS[signal].read(body, encoding, memory)) {
    if (each instanceof Refused) refused.push(each);
    else if (each instanceof NotKept) notKept += each.count;
    else events.push(each);
  }
  return { events, refused, notKept };
}

/** What a request means, from both encodings, which must agree. */
export function readBoth(
  signal: OtlpSignalName,
  request: object,
  memories = [new MetricMemory(), new MetricMemory()],
): Read {
  const [ofProto, ofJson] = memories;
  const read = readBody(signal, toProto(signal, request), 'protobuf', ofProto);
  const again = readBody(signal, toJson(request), 'json', ofJson);
  if (JSON.stringify(again) !== JSON.stringify(read)) {
    throw new Error(`protobuf says ${JSON.stringify(read)}, JSON says ${JSON.stringify(again)}`);
  }
  return read;
}
