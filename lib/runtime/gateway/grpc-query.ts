import type { ServerUnaryCall } from '@grpc/grpc-js';
import { AppError } from '@/lib/core/errors.ts';
import type { PlacedEvent } from '@/lib/core/event.ts';
import { parseFilter } from '@/lib/stream/stream-request.ts';
import type { HistoryPage } from '@/lib/wire/pages.ts';
import { eventMessage } from '@/lib/wire/proto/event-message.ts';
import type { EventMessage, QueryRequest, QueryResponse } from '@/lib/wire/proto/messages.ts';
import { readsOf } from '../access/limited-reads.ts';
import type { Runtime } from '../create-runtime.ts';
import { enterFromSocket } from '../http/stream-endpoint.ts';
import { PAGE_EVENTS_MAX } from '../read-events.ts';
import { askedByCall, filterQuery } from './grpc-asked.ts';

const LIMIT_DEFAULT = 500;
/** Clients take messages of 4 MiB unless they are told otherwise; an event is 2 MiB at most. */
const PAGE_BYTES_MAX = 3 * 1024 * 1024;
/** Positions, times, names and tags of one event, generously. */
const ENVELOPE_BYTES = 256;

/** `Query`: a page of history, shorter than asked for where it would not fit into a message. */
export async function answerQuery(
  runtime: Runtime,
  call: ServerUnaryCall<QueryRequest, QueryResponse>,
): Promise<QueryResponse> {
  const { filter, limit = 0, before, after } = call.request;
  if (limit > PAGE_EVENTS_MAX) {
    throw new AppError('bad-request', `limit: expected a whole number from 1 to ${PAGE_EVENTS_MAX}, got ${limit}`);
  }
  const principal = await enterFromSocket(runtime, 'view', askedByCall(call));
  const abort = new AbortController();
  call.once('cancelled', () => abort.abort());
  const query = {
    filter: parseFilter(filterQuery(filter)),
    limit: limit || LIMIT_DEFAULT,
    before: before || undefined,
    after: after || undefined,
  };
  const page = await readsOf(runtime, principal).readEvents(query, abort.signal);
  return fitPage(page, query.after !== undefined);
}

/** Leaves out what lies furthest from where the page began to be read; the next page begins there. */
export function fitPage(page: HistoryPage, isForward: boolean): QueryResponse {
  const events = isForward ? page.events : page.events.toReversed();
  const kept: EventMessage[] = [];
  let bytes = 0;
  for (const event of events) {
    const message = messageOf(event);
    bytes += sizeOf(message);
    if (kept.length > 0 && bytes > PAGE_BYTES_MAX) break;
    kept.push(message);
  }
  const end = kept.length < events.length ? kept.at(-1)?.position : undefined;
  const { head, before, after } = page;
  if (isForward) return { events: kept, head, before: before ?? '', after: end ?? after };
  return { events: kept.reverse(), head, before: end ?? before ?? '', after };
}

function messageOf(event: PlacedEvent): EventMessage {
  const { position, durable = true } = event;
  return eventMessage(event, { position, prev: '', durable });
}

function sizeOf({ service = '', attributesJson = '', log, metric }: EventMessage): number {
  const text = log ? (log.message ?? '') : (metric?.name ?? '');
  return ENVELOPE_BYTES + [service, attributesJson, text].reduce((sum, part) => sum + Buffer.byteLength(part), 0);
}
