import type { Attributes } from '@/lib/core/event.ts';
import { formatTime } from '@/lib/core/event-time.ts';
import { asName } from './field-kinds.ts';
import type { LogSourceEvent } from './log-source-event.ts';

/** What the text of a message says by itself. */
export type Understood = {
  readonly timeMs?: number | undefined;
  readonly level?: string | undefined;
  readonly message: string;
  readonly attributes?: Attributes | undefined;
  readonly traceId?: string | undefined;
  readonly spanId?: string | undefined;
  readonly service?: string | undefined;
};

/** Looks into the text of a message: a JSON line of a container that syslog carries. Never throws. */
export type Understand = (text: string) => Understood;

export const understandNothing: Understand = (message) => ({ message });

/**
 * An event with what its text says: the program that wrote the text knows its own level, time and service better than the
 * envelope, which stays in the attributes.
 */
export function enrich(event: LogSourceEvent, understand: Understand): LogSourceEvent {
  const understood = understand(event.message);
  const { timeMs, level, message, attributes, traceId, spanId } = understood;
  const service = asName(understood.service);
  return {
    ...event,
    message,
    ...(timeMs !== undefined && { time: formatTime(timeMs) }),
    ...(level !== undefined && { level }),
    ...(service !== undefined && { service }),
    ...(traceId !== undefined && { traceId }),
    ...(spanId !== undefined && { spanId }),
    ...(attributes && { attributes: { ...event.attributes, ...attributes } }),
  };
}
