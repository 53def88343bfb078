import type { Attributes } from '@/lib/core/event.ts';
import { formatTime } from '@/lib/core/event-time.ts';
import type { Level } from '@/lib/core/level.ts';
import type { SourceEvent } from '@/lib/core/source.ts';
import { timeInput } from '@/lib/core/time-input.ts';
import { textOf } from './log-event.ts';
import { addAbsent, fieldsOfOrigin, timeOf } from './origin-fields.ts';
import type { Origin, Span, SpanEvent } from './otlp-model.ts';

const KINDS = ['', 'internal', 'server', 'client', 'producer', 'consumer'];
const [STATUS_OK, STATUS_ERROR] = [1, 2];

/** What happened during a span, each a line of its own, and then the span, at its end: that is when it was known. */
export function* spanEvents(span: Span, origin: Origin): Generator<SourceEvent> {
  const { service, attributes: common } = fieldsOfOrigin(origin);
  const { traceId, spanId } = span;
  const ids = { ...(service && { service }), ...(traceId && { traceId }), ...(spanId && { spanId }) };
  for (const { name, timeNanos, attributes } of span.events) {
    const isException = name === 'exception';
    const message = isException ? exceptionText(attributes) : name;
    addAbsent(attributes, { 'event.name': name, 'span.name': span.name });
    addAbsent(attributes, common);
    yield { kind: 'log', ...withTime(timeNanos), level: isException ? 'error' : 'info', ...ids, message, attributes };
  }
  const attributes = attributesOf(span);
  addAbsent(attributes, common);
  yield {
    kind: 'log',
    ...withTime(span.endNanos || span.startNanos),
    level: levelOf(span),
    ...ids,
    message: sentence(span),
    attributes,
  };
}

function withTime(nanos: number): { time?: number | string } {
  const time = timeOf(nanos);
  return time === undefined ? {} : { time };
}

function levelOf({ statusCode }: Span): Level {
  return statusCode === STATUS_ERROR ? 'error' : 'info';
}

/** `GET /cart (server) 12.3 ms`, and what went wrong. */
function sentence(span: Span): string {
  const kind = KINDS[span.kind];
  const durationMs = durationMsOf(span);
  const parts = [span.name, kind && `(${kind})`, durationMs !== undefined && `${durationMs} ms`];
  const failed = span.statusCode === STATUS_ERROR ? `: ${span.statusMessage || 'error'}` : '';
  return parts.filter(Boolean).join(' ') + failed;
}

/** To the µs; undefined where one of its ends is not known, or they are the wrong way round. */
function durationMsOf({ startNanos, endNanos }: Span): number | undefined {
  return startNanos > 0 && endNanos >= startNanos ? Math.round((endNanos - startNanos) / 1e3) / 1e3 : undefined;
}

function attributesOf(span: Span): Attributes {
  const { attributes, links } = span;
  const durationMs = durationMsOf(span);
  const own: Attributes = { 'span.name': span.name };
  const kind = KINDS[span.kind];
  if (kind) own['span.kind'] = kind;
  if (durationMs !== undefined) own['duration_ms'] = durationMs;
  if (span.startNanos > 0) own['span.start'] = timeText(span.startNanos);
  if (span.parentSpanId) own['span.parent_id'] = span.parentSpanId;
  if (span.statusCode === STATUS_OK) own['otel.status_code'] = 'OK';
  if (span.statusCode === STATUS_ERROR) own['otel.status_code'] = 'ERROR';
  if (span.statusMessage) own['otel.status_description'] = span.statusMessage;
  if (links.length > 0) own['span.links'] = links.map((link) => `${link.traceId}-${link.spanId}`);
  if (span.droppedLinks > 0) own['otel.dropped_links_count'] = span.droppedLinks;
  if (span.droppedAttributes > 0) own['otel.dropped_attributes_count'] = span.droppedAttributes;
  if (span.droppedEvents > 0) own['otel.dropped_events_count'] = span.droppedEvents;
  addAbsent(own, attributes);
  return own;
}

/** Also of what is no time at all: in JSON a number may be beyond every date. */
function timeText(nanos: number): string {
  const time = timeInput(Math.round(nanos / 1e6));
  return typeof time === 'number' ? formatTime(time) : time;
}

/** `TypeError: x is not a function`; the trace stays among the attributes. */
function exceptionText(attributes: SpanEvent['attributes']): string {
  const { 'exception.type': type, 'exception.message': message } = attributes;
  return (
    [type, message].flatMap((part) => (part === undefined || part === '' ? [] : textOf(part))).join(': ') || 'exception'
  );
}
