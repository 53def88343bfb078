import type { JsonValue } from '@/lib/core/event.ts';
import { LEVELS, type Level, parseLevel } from '@/lib/core/level.ts';
import type { SourceEvent } from '@/lib/core/source.ts';
import { addAbsent, fieldsOfOrigin, timeOf } from './origin-fields.ts';
import type { LogRecord, Origin } from './otlp-model.ts';

/** A log record as a line. Its attributes become the line's: the record is not to be used any more. */
export function toLogEvent(record: LogRecord, origin: Origin): SourceEvent {
  const { service, attributes: common } = fieldsOfOrigin(origin);
  const { attributes, severityNumber, severityText, eventName, body, traceId, spanId } = record;
  const level = levelOf(severityNumber) ?? parseLevel(severityText);
  // What the level does not say: NOTICE is more than info, and a word that nobody knows is not to be lost.
  if (severityText && severityText.toLowerCase() !== level) attributes['severityText'] = severityText;
  if (eventName) attributes['event.name'] = eventName;
  if (record.flags !== 0) attributes['otel.trace_flags'] = record.flags;
  if (record.droppedAttributes > 0) attributes['otel.dropped_attributes_count'] = record.droppedAttributes;
  addAbsent(attributes, common);
  const time = timeOf(record.timeNanos) ?? timeOf(record.observedNanos);
  return {
    kind: 'log',
    ...(time !== undefined && { time }),
    level: level ?? 'info',
    ...(service && { service }),
    message: body === undefined ? eventName : textOf(body),
    attributes,
    ...(traceId && { traceId }),
    ...(spanId && { spanId }),
  };
}

/** 1 … 24 in fours: trace, debug, info, warn, error, fatal. */
function levelOf(severityNumber: number): Level | undefined {
  return severityNumber >= 1 && severityNumber <= 24 ? LEVELS[Math.floor((severityNumber - 1) / 4)] : undefined;
}

export function textOf(body: JsonValue): string {
  return typeof body === 'string' ? body : JSON.stringify(body);
}
