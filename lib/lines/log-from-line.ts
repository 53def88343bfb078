import type { LogInput } from '@/lib/core/event.ts';
import { formatTime } from '@/lib/core/event-time.ts';
import { type UnderstandOptions, understandLine } from './understand-line.ts';

export type LineOptions = UnderstandOptions & {
  /** The service of lines that name none. */
  readonly service?: string | undefined;
};

/** What a sender would have written for this line, or this text of several lines, had it spoken our language. */
export function logFromLine(text: string, options: LineOptions = {}): LogInput & { kind: 'log' } {
  const { timeMs, level, message, service, attributes, traceId, spanId } = understandLine(text, options);
  const log: LogInput & { kind: 'log' } = { kind: 'log', message };
  if (timeMs !== undefined) log.time = formatTime(timeMs);
  if (level !== undefined) log.level = level;
  const named = service ?? options.service;
  if (named !== undefined) log.service = named;
  if (attributes) log.attributes = attributes;
  if (traceId !== undefined) log.traceId = traceId;
  if (spanId !== undefined) log.spanId = spanId;
  return log;
}

/** Whether anything about the text shows that it is a line of a log. */
export function isLogLine(text: string): boolean {
  return understandLine(text).format !== 'text';
}
