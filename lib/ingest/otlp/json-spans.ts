import { asId, asList, asNumber, asObject, asText, type JsonObject, toAttributes } from './json-values.ts';
import type { Span, SpanEvent, SpanLink } from './otlp-model.ts';

export const SPAN_LISTS = { resources: 'resourceSpans', scopes: 'scopeSpans', items: 'spans' };

export function toSpan(given: JsonObject): Span {
  const status = asObject(given['status'], 'status');
  return {
    traceId: asId(given['traceId'], 'traceId'),
    spanId: asId(given['spanId'], 'spanId'),
    parentSpanId: asId(given['parentSpanId'], 'parentSpanId'),
    name: asText(given['name'], 'name'),
    kind: asNumber(given['kind'], 'kind'),
    startNanos: asNumber(given['startTimeUnixNano'], 'startTimeUnixNano'),
    endNanos: asNumber(given['endTimeUnixNano'], 'endTimeUnixNano'),
    attributes: toAttributes(given['attributes']),
    droppedAttributes: asNumber(given['droppedAttributesCount'], 'droppedAttributesCount'),
    events: asList(given['events'], 'events').map(toSpanEvent),
    droppedEvents: asNumber(given['droppedEventsCount'], 'droppedEventsCount'),
    links: asList(given['links'], 'links').map(toLink),
    statusCode: asNumber(status['code'], 'status.code'),
    statusMessage: asText(status['message'], 'status.message'),
  };
}

function toSpanEvent(given: unknown): SpanEvent {
  const { timeUnixNano, name, attributes } = asObject(given, 'events');
  return {
    timeNanos: asNumber(timeUnixNano, 'events.timeUnixNano'),
    name: asText(name, 'events.name'),
    attributes: toAttributes(attributes),
  };
}

function toLink(given: unknown): SpanLink {
  const { traceId, spanId } = asObject(given, 'links');
  return { traceId: asId(traceId, 'links.traceId'), spanId: asId(spanId, 'links.spanId') };
}
