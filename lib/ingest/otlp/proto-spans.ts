import { DELIMITED, FIXED64, field, type ProtoReader, VARINT } from '../proto-reader.ts';
import { SPAN_EVENTS_MAX, SPAN_LINKS_MAX, type Span, type SpanEvent, type SpanLink } from './otlp-model.ts';
import { readId, readPair } from './proto-values.ts';
import { checkSize } from './proto-walk.ts';

const [TRACE_ID, SPAN_ID, PARENT_ID, NAME] = [
  field(1, DELIMITED),
  field(2, DELIMITED),
  field(4, DELIMITED),
  field(5, DELIMITED),
];
const [KIND, START, END] = [field(6, VARINT), field(7, FIXED64), field(8, FIXED64)];
const [ATTRIBUTES, DROPPED_ATTRIBUTES] = [field(9, DELIMITED), field(10, VARINT)];
const [EVENTS, DROPPED_EVENTS] = [field(11, DELIMITED), field(12, VARINT)];
const [LINKS, DROPPED_LINKS, STATUS] = [field(13, DELIMITED), field(14, VARINT), field(15, DELIMITED)];
const [EVENT_TIME, EVENT_NAME, EVENT_ATTRIBUTES] = [field(1, FIXED64), field(2, DELIMITED), field(3, DELIMITED)];
const [STATUS_MESSAGE, STATUS_CODE] = [field(2, DELIMITED), field(3, VARINT)];

export function readSpan(reader: ProtoReader, end: number): Span {
  checkSize(reader, end);
  const span = emptySpan();
  for (let tag = reader.field(end); tag !== 0; tag = reader.field(end)) {
    if (tag === ATTRIBUTES) readPair(reader, reader.end(end), span.attributes);
    else if (tag === TRACE_ID) span.traceId = readId(reader, end);
    else if (tag === SPAN_ID) span.spanId = readId(reader, end);
    else if (tag === PARENT_ID) span.parentSpanId = readId(reader, end);
    else if (tag === NAME) span.name = reader.text(end);
    else if (tag === KIND) span.kind = reader.int32();
    else if (tag === START) span.startNanos = reader.fixed64();
    else if (tag === END) span.endNanos = reader.fixed64();
    else if (tag === DROPPED_ATTRIBUTES) span.droppedAttributes = reader.uint32();
    else if (tag === EVENTS && span.events.length < SPAN_EVENTS_MAX) {
      span.events.push(readSpanEvent(reader, reader.end(end)));
    } else if (tag === DROPPED_EVENTS) span.droppedEvents += reader.uint32();
    else if (tag === LINKS && span.links.length < SPAN_LINKS_MAX) span.links.push(readLink(reader, reader.end(end)));
    else if (tag === DROPPED_LINKS) span.droppedLinks += reader.uint32();
    else if (tag === STATUS) readStatus(reader, reader.end(end), span);
    else {
      if (tag === EVENTS) span.droppedEvents += 1;
      if (tag === LINKS) span.droppedLinks += 1;
      reader.skip(tag, end);
    }
  }
  return span;
}

function emptySpan(): Span {
  return {
    ...{ traceId: '', spanId: '', parentSpanId: '', name: '', kind: 0, startNanos: 0, endNanos: 0, attributes: {} },
    ...{
      droppedAttributes: 0,
      events: [],
      droppedEvents: 0,
      links: [],
      droppedLinks: 0,
      statusCode: 0,
      statusMessage: '',
    },
  };
}

function readSpanEvent(reader: ProtoReader, end: number): SpanEvent {
  const event: SpanEvent = { timeNanos: 0, name: '', attributes: {} };
  for (let tag = reader.field(end); tag !== 0; tag = reader.field(end)) {
    if (tag === EVENT_TIME) event.timeNanos = reader.fixed64();
    else if (tag === EVENT_NAME) event.name = reader.text(end);
    else if (tag === EVENT_ATTRIBUTES) readPair(reader, reader.end(end), event.attributes);
    else reader.skip(tag, end);
  }
  return event;
}

function readLink(reader: ProtoReader, end: number): SpanLink {
  const link: SpanLink = { traceId: '', spanId: '' };
  for (let tag = reader.field(end); tag !== 0; tag = reader.field(end)) {
    if (tag === TRACE_ID) link.traceId = readId(reader, end);
    else if (tag === SPAN_ID) link.spanId = readId(reader, end);
    else reader.skip(tag, end);
  }
  return link;
}

function readStatus(reader: ProtoReader, end: number, span: Span): void {
  for (let tag = reader.field(end); tag !== 0; tag = reader.field(end)) {
    if (tag === STATUS_MESSAGE) span.statusMessage = reader.text(end);
    else if (tag === STATUS_CODE) span.statusCode = reader.int32();
    else reader.skip(tag, end);
  }
}
