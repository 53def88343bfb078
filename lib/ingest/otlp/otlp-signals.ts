import { type Found, Refused } from '../http-protocol.ts';
import { LOG_LISTS, toLogRecord } from './json-logs.ts';
import { METRIC_LISTS, toMetric } from './json-metrics.ts';
import { SPAN_LISTS, toSpan } from './json-spans.ts';
import { walkJson } from './json-walk.ts';
import { toLogEvent } from './log-event.ts';
import { metricEvents } from './metric-events.ts';
import type { MetricMemory } from './metric-memory.ts';
import type { Origin, Walked } from './otlp-model.ts';
import { readLogRecord } from './proto-logs.ts';
import { readMetric } from './proto-metrics.ts';
import { readSpan } from './proto-spans.ts';
import { walkProto } from './proto-walk.ts';
import { spanEvents } from './span-events.ts';

export type OtlpEncoding = 'protobuf' | 'json';

type Read = Generator<Found>;

/** One of the three things that OTLP carries. */
export type OtlpSignal = {
  /** What is counted as rejected, as its answer names it. */
  readonly rejected: string;
  /** Lazily, in order. Throws bad-request when the body is malformed. */
  read(body: Buffer, encoding: OtlpEncoding, memory: MetricMemory): Read;
};

const logs: OtlpSignal = {
  rejected: 'rejectedLogRecords',
  read: (body, encoding) =>
    eventsOf(
      encoding === 'json' ? walkJson(body, LOG_LISTS, toLogRecord) : walkProto(body, readLogRecord),
      (each, origin) => [toLogEvent(each, origin)],
    ),
};

const metrics: OtlpSignal = {
  rejected: 'rejectedDataPoints',
  read: (body, encoding, memory) =>
    eventsOf(
      encoding === 'json' ? walkJson(body, METRIC_LISTS, toMetric) : walkProto(body, readMetric),
      (each, origin) => metricEvents(each, origin, memory),
    ),
};

const traces: OtlpSignal = {
  rejected: 'rejectedSpans',
  read: (body, encoding) =>
    eventsOf(encoding === 'json' ? walkJson(body, SPAN_LISTS, toSpan) : walkProto(body, readSpan), spanEvents),
};

export const OTLP_SIGNALS = { logs, metrics, traces } as const;
export type OtlpSignalName = keyof typeof OTLP_SIGNALS;

function* eventsOf<Item>(
  walked: Generator<Walked<Item>>,
  toEvents: (item: Item, origin: Origin) => Iterable<Found>,
): Read {
  for (const each of walked) {
    if (each instanceof Refused) yield each;
    else yield* toEvents(each.item, each.origin);
  }
}
