import { DELIMITED, FIXED32, FIXED64, field, type ProtoReader, VARINT } from '../proto-reader.ts';
import type { LogRecord } from './otlp-model.ts';
import { readId, readPair, readValue } from './proto-values.ts';
import { checkSize } from './proto-walk.ts';

const [TIME, OBSERVED] = [field(1, FIXED64), field(11, FIXED64)];
const [SEVERITY_NUMBER, SEVERITY_TEXT] = [field(2, VARINT), field(3, DELIMITED)];
const [BODY, ATTRIBUTES, DROPPED] = [field(5, DELIMITED), field(6, DELIMITED), field(7, VARINT)];
const [FLAGS, TRACE_ID, SPAN_ID] = [field(8, FIXED32), field(9, DELIMITED), field(10, DELIMITED)];
const EVENT_NAME = field(12, DELIMITED);

export function readLogRecord(reader: ProtoReader, end: number): LogRecord {
  checkSize(reader, end);
  const record = emptyLogRecord();
  for (let tag = reader.field(end); tag !== 0; tag = reader.field(end)) {
    if (tag === ATTRIBUTES) readPair(reader, reader.end(end), record.attributes);
    else if (tag === TIME) record.timeNanos = reader.fixed64();
    else if (tag === OBSERVED) record.observedNanos = reader.fixed64();
    else if (tag === SEVERITY_NUMBER) record.severityNumber = reader.int32();
    else if (tag === SEVERITY_TEXT) record.severityText = reader.key(end);
    else if (tag === BODY) record.body = readValue(reader, reader.end(end));
    else if (tag === DROPPED) record.droppedAttributes = reader.uint32();
    else if (tag === FLAGS) record.flags = reader.fixed32();
    else if (tag === TRACE_ID) record.traceId = readId(reader, end);
    else if (tag === SPAN_ID) record.spanId = readId(reader, end);
    else if (tag === EVENT_NAME) record.eventName = reader.text(end);
    else reader.skip(tag, end);
  }
  return record;
}

function emptyLogRecord(): LogRecord {
  return {
    timeNanos: 0,
    observedNanos: 0,
    severityNumber: 0,
    severityText: '',
    body: undefined,
    attributes: {},
    droppedAttributes: 0,
    flags: 0,
    traceId: '',
    spanId: '',
    eventName: '',
  };
}
