import { asId, asNumber, asText, type JsonObject, toAttributes, toValue } from './json-values.ts';
import type { LogRecord } from './otlp-model.ts';

export const LOG_LISTS = { resources: 'resourceLogs', scopes: 'scopeLogs', items: 'logRecords' };

export function toLogRecord(given: JsonObject): LogRecord {
  return {
    timeNanos: asNumber(given['timeUnixNano'], 'timeUnixNano'),
    observedNanos: asNumber(given['observedTimeUnixNano'], 'observedTimeUnixNano'),
    severityNumber: asNumber(given['severityNumber'], 'severityNumber'),
    severityText: asText(given['severityText'], 'severityText'),
    body: toValue(given['body']),
    attributes: toAttributes(given['attributes']),
    droppedAttributes: asNumber(given['droppedAttributesCount'], 'droppedAttributesCount'),
    flags: asNumber(given['flags'], 'flags'),
    traceId: asId(given['traceId'], 'traceId'),
    spanId: asId(given['spanId'], 'spanId'),
    eventName: asText(given['eventName'], 'eventName'),
  };
}
