import { AppError } from '@/lib/core/errors.ts';
import type { Attributes, JsonValue } from '@/lib/core/event.ts';
import { Refused } from '../http-protocol.ts';

/** What OTLP says, whichever way it is written: both readers make these. Times are ns since 1970; 0 is unknown. */

export type Resource = { readonly attributes: Attributes };

export type Scope = { readonly name: string; readonly version: string; readonly attributes: Attributes };

/** What everything in one list has in common. */
export type Origin = { readonly resource: Resource; readonly scope: Scope };

/** One record of a request, with whose it is; or why it cannot be taken. */
export type Walked<Item> = { readonly origin: Origin; readonly item: Item } | Refused;

export const RESOURCE_NONE: Resource = { attributes: {} };
export const SCOPE_NONE: Scope = { name: '', version: '', attributes: {} };

export type LogRecord = {
  timeNanos: number;
  observedNanos: number;
  severityNumber: number;
  severityText: string;
  body: JsonValue | undefined;
  attributes: Attributes;
  droppedAttributes: number;
  flags: number;
  /** Hexadecimal; empty: none. */
  traceId: string;
  spanId: string;
  eventName: string;
};

export type SpanEvent = { timeNanos: number; name: string; attributes: Attributes };

export type SpanLink = { traceId: string; spanId: string };

export type Span = {
  traceId: string;
  spanId: string;
  parentSpanId: string;
  name: string;
  /** 0 … 5: unspecified, internal, server, client, producer, consumer. */
  kind: number;
  startNanos: number;
  endNanos: number;
  attributes: Attributes;
  droppedAttributes: number;
  events: SpanEvent[];
  droppedEvents: number;
  links: SpanLink[];
  droppedLinks: number;
  /** 0 … 2: unset, ok, error. */
  statusCode: number;
  statusMessage: string;
};

type PointCommon = { attributes: Attributes; startNanos: number; timeNanos: number; flags: number };

export type NumberPoint = PointCommon & { value: number | undefined };

type DistributionCommon = PointCommon & {
  count: number;
  sum: number | undefined;
  min: number | undefined;
  max: number | undefined;
};

export type HistogramPoint = DistributionCommon & { bounds: number[]; counts: number[] };

export type ExponentialBuckets = { offset: number; counts: number[] };

export type ExponentialPoint = DistributionCommon & {
  scale: number;
  zeroCount: number;
  zeroThreshold: number;
  positive: ExponentialBuckets;
  negative: ExponentialBuckets;
};

export type SummaryPoint = PointCommon & {
  count: number;
  sum: number;
  quantiles: { quantile: number; value: number }[];
};

/** 0 … 2: unspecified, delta, cumulative. */
export type Temporality = number;
export const DELTA = 1;
export const CUMULATIVE = 2;

/** Those that cannot be taken are told in their place. */
export type Points<Point> = Iterable<Point | Refused>;

type MetricCommon = { name: string; unit: string };

export type Metric = MetricCommon &
  (
    | { shape: 'none' }
    | { shape: 'gauge'; points: Points<NumberPoint> }
    | { shape: 'sum'; points: Points<NumberPoint>; temporality: Temporality; isMonotonic: boolean }
    | { shape: 'histogram'; points: Points<HistogramPoint>; temporality: Temporality }
    | { shape: 'exponential'; points: Points<ExponentialPoint>; temporality: Temporality }
    | { shape: 'summary'; points: Points<SummaryPoint> }
  );

/** One record, span or data point as protobuf: reading it takes the event loop, and its attributes memory. */
export const RECORD_BYTES_MAX = 4 * 1024 * 1024;

/** Of each span; SDKs keep 128 of both. */
export const SPAN_EVENTS_MAX = 128;
export const SPAN_LINKS_MAX = 128;

/** Buckets or quantiles of one point; SDKs make 160 at most. */
export const BUCKETS_MAX = 2000;

/** Objects and arrays within each other in one value: reading them recurses. */
export const VALUE_DEPTH_MAX = 32;

/** Something in one record that cannot be taken; the others can. */
export class Unusable extends Error {
  override readonly name = 'Unusable';

  /** Where it concerns more than one record. */
  asBadRequest(): AppError {
    return new AppError('bad-request', this.message);
  }
}

/** What a reader makes of one record, or why it cannot be taken. Throws as the reader does when the body is malformed. */
export function orRefused<Item>(read: () => Item): Item | Refused {
  try {
    return read();
  } catch (error) {
    if (error instanceof Unusable) return new Refused(error.message);
    throw error;
  }
}

export function tooDeep(): Unusable {
  return new Unusable(`a value: expected at most ${VALUE_DEPTH_MAX} arrays and maps within each other`);
}

export function tooManyBuckets(): Unusable {
  return new Unusable(`a data point: expected at most ${BUCKETS_MAX} buckets or quantiles`);
}

/** Defines a property of its own, so that a key `__proto__` stays data. */
export function put(attributes: Attributes, key: string, value: JsonValue): void {
  if (key !== '__proto__') attributes[key] = value;
  else Object.defineProperty(attributes, key, { value, enumerable: true, configurable: true, writable: true });
}

export function emptyNumberPoint(): NumberPoint {
  return { attributes: {}, startNanos: 0, timeNanos: 0, flags: 0, value: undefined };
}

function emptyDistribution(): DistributionCommon {
  const common = { attributes: {}, startNanos: 0, timeNanos: 0, flags: 0, count: 0 };
  return { ...common, sum: undefined, min: undefined, max: undefined };
}

export function emptyHistogramPoint(): HistogramPoint {
  return { ...emptyDistribution(), bounds: [], counts: [] };
}

export function emptyExponentialPoint(): ExponentialPoint {
  const buckets = { positive: { offset: 0, counts: [] }, negative: { offset: 0, counts: [] } };
  return { ...emptyDistribution(), scale: 0, zeroCount: 0, zeroThreshold: 0, ...buckets };
}

export function emptySummaryPoint(): SummaryPoint {
  return { attributes: {}, startNanos: 0, timeNanos: 0, flags: 0, count: 0, sum: 0, quantiles: [] };
}
