import { asId, asList, asNumber, asObject, asText, type JsonObject, toAttributes } from './json-values.ts';
import { SPAN_EVENTS_MAX, SPAN_LINKS_MAX, type Span, type SpanEvent, type SpanLink } from './otlp-model.ts';

export const SPAN_LISTS = { resources: 'resourceSpans', scopes: 'scopeSpans', items: 'spans' };

export function toSpan(given: JsonObject): Span {
  const status = asObject(given['status'], 'status');
  const [events, links] = [asList(given['events'], 'events'), asList(given['links'], 'links')];
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
    events: events.slice(0, SPAN_EVENTS_MAX).map(toSpanEvent),
    droppedEvents: beyond(events, SPAN_EVENTS_MAX) + asNumber(given['droppedEventsCount'], 'droppedEventsCount'),
    links: links.slice(0, SPAN_LINKS_MAX).map(toLink),
    droppedLinks: beyond(links, SPAN_LINKS_MAX) + asNumber(given['droppedLinksCount'], 'droppedLinksCount'),
    statusCode: asNumber(status['code'], 'status.code'),
    statusMessage: asText(status['message'], 'status.message'),
  };
}

function beyond(list: readonly unknown[], max: number): number {
  return Math.max(0, list.length - max);
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
