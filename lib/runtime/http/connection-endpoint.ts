import { AppError } from '@/lib/core/errors.ts';
import { parsePosition } from '@/lib/core/position.ts';
import type { Principal } from '@/lib/core/principal.ts';
import { detailOf } from '@/lib/stream/connection-rows.ts';
import { acknowledgementSchema } from '@/lib/wire/acknowledgement.ts';
import {
  type ConnectionDetail,
  type ConnectionFrame,
  type ConnectionQuery,
  connectionQuerySchema,
  disconnectSchema,
} from '@/lib/wire/connection-pages.ts';
import type { Runtime } from '../create-runtime.ts';
import { jsonBody } from './json-body.ts';
import { parseWith } from './parse-with.ts';
import { noteAct } from './respond.ts';
import { watchResponse } from './watch-endpoint.ts';

const NO_STORE = { 'Cache-Control': 'no-store' };

/** `GET /api/connections`. */
export function getConnections(runtime: Runtime, request: Request): Response {
  return Response.json(runtime.connections.page(parseQuery(request)), { headers: NO_STORE });
}

/** `GET /api/connections/stream`: the same once a second, with the samples for the charts. */
export function watchConnections(runtime: Runtime, request: Request, principal: Principal): Response {
  const query = parseQuery(request);
  let sampledMs = 0;
  const frame = (): ConnectionFrame => {
    const samples = runtime.connections.samplesSince(sampledMs);
    sampledMs = samples.at(-1)?.atMs ?? sampledMs;
    return { ...runtime.connections.page(query), samples };
  };
  return watchResponse({ watchers: runtime.watchers, request, principal, event: 'connections', frame });
}

/** `GET /api/connections/:id`: open, or closed a short while ago. */
export function getConnection(runtime: Runtime, _request: Request, _principal: Principal, id: string): Response {
  return Response.json(findConnection(runtime, id), { headers: NO_STORE });
}

/** `POST /api/connections/:id/disconnect`. */
export async function disconnect(
  runtime: Runtime,
  request: Request,
  principal: Principal,
  id: string,
): Promise<Response> {
  const { kick } = parseWith(disconnectSchema, await jsonBody(request));
  const session = sessionOf(runtime, id);
  session.dismiss(kick ? 'kicked' : 'disconnected');
  const { user, address } = session.peer;
  noteAct(runtime, request, principal, kick ? 'kicked' : 'disconnected', `${user ?? 'a stream'} at ${address}`);
  return Response.json(findConnection(runtime, id));
}

/** `POST /api/connections/drain`: every stream is told goodbye, spread over the drain time; none is opened any more. */
export function drainAll(runtime: Runtime, request: Request, principal: Principal): Response {
  const { connections } = runtime.hub;
  runtime.log.warn({ connections }, `an operator drains this server: ${connections} streams are told goodbye`);
  noteAct(runtime, request, principal, 'drained', `${connections} streams`);
  runtime.hub.drain(runtime.config.drainMs).catch(runtime.onError);
  return Response.json({ draining: connections }, { status: 202 });
}

/** `POST /api/connections/:id/ack`. */
export async function acknowledge(
  runtime: Runtime,
  request: Request,
  principal: Principal,
  id: string,
): Promise<Response> {
  takeAcknowledgement(runtime, id, await jsonBody(request), principal);
  return new Response(null, { status: 204 });
}

/**
 * Throws not-found and bad-request.
 * @param who says so, where it did not come by the stream's own line: nobody speaks for somebody else's stream
 */
export function takeAcknowledgement(runtime: Runtime, id: string, body: unknown, who?: Principal): void {
  const acknowledgement = parseWith(acknowledgementSchema, body);
  const position = parsePosition(acknowledgement.position);
  const seq = position?.epoch === runtime.journal.epoch ? position.seq : undefined;
  const session = sessionOf(runtime, id);
  const owner = session.peer.principal;
  const isAnybodys = owner === undefined || owner.kind === 'local' || owner.kind === 'open';
  if (who && !isAnybodys && owner.id !== who.id) throw noConnection(id);
  session.acknowledge(acknowledgement, seq);
}

function sessionOf(runtime: Runtime, id: string) {
  const session = runtime.hub.sessions.get(id);
  if (!session) throw noConnection(id);
  return session;
}

function noConnection(id: string): AppError {
  return new AppError('not-found', `there is no open connection "${id.slice(0, 20)}"; it has ended`);
}

function findConnection({ hub, journal, connections }: Runtime, id: string): ConnectionDetail {
  const session = hub.sessions.get(id);
  const detail = session ? detailOf(session, { hub, journal }, Date.now()) : connections.closed.find(id);
  if (detail) return detail;
  throw new AppError('not-found', `no connection "${id.slice(0, 20)}" is open or has ended a short while ago`);
}

function parseQuery(request: Request): ConnectionQuery {
  return parseWith(connectionQuerySchema, Object.fromEntries(new URL(request.url).searchParams));
}
