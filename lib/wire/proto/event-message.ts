import type { TailraceEvent } from '@/lib/core/event.ts';
import { type Prepared, prepareEvent } from '@/lib/core/prepared-event.ts';
import type { EventMessage } from './messages.ts';

/** Where an event stands, as a message says it. */
export type EventPlace = { readonly position: string; readonly prev: string; readonly durable: boolean };

/** An event of the journal as a message. */
export function eventMessage(event: TailraceEvent, { position, prev, durable }: EventPlace): EventMessage {
  const { time, service, attributes, flags } = event;
  const attributesJson = attributes && JSON.stringify(attributes);
  const common = { position, prev, durable, time, service, attributesJson, flags };
  if (event.kind === 'log') {
    const { level, message, traceId, spanId } = event;
    return { ...common, log: { level, message, traceId, spanId } };
  }
  const { name, value, type, unit } = event;
  return { ...common, metric: { name, value, type, unit } };
}

/** What a sender has published, through the same checks as over HTTP. Never throws. */
export function prepareMessage(message: EventMessage, nowMs: number): Prepared {
  const said = sayOf(message);
  if (!said) return { ok: false, error: 'kind: expected a log or a metric, got neither' };
  const { time, service, attributesJson } = message;
  let attributes: unknown;
  try {
    if (attributesJson) attributes = JSON.parse(attributesJson);
  } catch (error) {
    return { ok: false, error: `attributes_json: not valid JSON: ${(error as Error).message}` };
  }
  return prepareEvent({ ...said.required, ...filled({ time, service, attributes, ...said.optional }) }, nowMs);
}

function sayOf({ log, metric }: EventMessage) {
  if (log) {
    const { level, message = '', traceId, spanId } = log;
    return { required: { kind: 'log', message }, optional: { level, traceId, spanId } };
  }
  if (!metric) return undefined;
  const { name = '', value = 0, type, unit } = metric;
  return { required: { kind: 'metric', name, value }, optional: { type, unit } };
}

/** proto3 does not tell an empty text from an absent one: what may be absent is absent when it is empty. */
function filled(fields: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== '' && value !== undefined));
}
