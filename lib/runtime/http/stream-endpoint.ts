import type { IncomingMessage, ServerResponse } from 'node:http';
import { AppError, isAppError } from '@/lib/core/errors.ts';
import type { Need, Principal } from '@/lib/core/principal.ts';
import type { Refusal } from '@/lib/stream/admission.ts';
import type { Peer, Transport } from '@/lib/stream/peer.ts';
import type { StreamRequest } from '@/lib/stream/stream-request.ts';
import {
  EVENT_STREAM,
  type HttpStreamKind,
  JSON_STREAM,
  LONG_POLL,
  SHORT_POLL,
} from '@/lib/transport/http-stream-kind.ts';
import { openSocketStream } from '@/lib/transport/socket-stream.ts';
import { wantsStatus } from '@/lib/transport/wants-status.ts';
import { openWebStream } from '@/lib/transport/web-stream.ts';
import { encodeControl, encodeRetry } from '@/lib/wire/sse.ts';
import type { Access, AccessAsked } from '../access/access.ts';
import type { Runtime } from '../create-runtime.ts';
import { problemResponse } from './problem.ts';
import { type Asked, askedByRequest, askedOnSocket, parseAsked, peerFor } from './stream-asked.ts';

/** `GET /api/stream` through a web stream: route handlers under `next start` and on Vercel. */
export function getStream(runtime: Runtime, request: Request, principal: Principal): Response {
  return openWeb(runtime, EVENT_STREAM, askedByRequest('sse-web', request), principal, request.signal);
}

/** `GET /api/poll`: one answer, with `wait=0` at once, or with `follow=1` an answer without an end. */
export function getPoll(runtime: Runtime, request: Request, principal: Principal): Response {
  const { kind, transport } = pollKind(new URL(request.url).searchParams);
  return openWeb(runtime, kind, askedByRequest(transport, request), principal, request.signal);
}

/**
 * `HEAD /api/stream`: whether the request is understood, without a stream. Left to itself Next runs the GET handler and
 * never reads nor cancels its body, and the stream would stay for ever.
 */
export function headStream(request: Request): Response {
  return head(EVENT_STREAM, askedByRequest('sse-web', request));
}

/** `HEAD /api/poll`. */
export function headPoll(request: Request): Response {
  const { kind, transport } = pollKind(new URL(request.url).searchParams);
  return head(kind, askedByRequest(transport, request));
}

/** `GET /api/stream` straight on the socket: `server.ts`. */
export function serveStream(runtime: Runtime, req: IncomingMessage, res: ServerResponse): void {
  openOnSocket(runtime, EVENT_STREAM, askedOnSocket('sse', req), req, res);
}

/** `GET /api/poll` straight on the socket. */
export function servePoll(runtime: Runtime, req: IncomingMessage, res: ServerResponse): void {
  const { kind, transport } = pollKind(new URL(req.url ?? '/', 'http://localhost').searchParams);
  openOnSocket(runtime, kind, askedOnSocket(transport, req), req, res);
}

function pollKind(query: URLSearchParams): { kind: HttpStreamKind; transport: Transport } {
  if (query.get('follow') === '1') return { kind: JSON_STREAM, transport: 'http' };
  return { kind: query.get('wait') === '0' ? SHORT_POLL : LONG_POLL, transport: 'poll' };
}

function openWeb(
  runtime: Runtime,
  kind: HttpStreamKind,
  asked: Asked,
  principal: Principal,
  signal: AbortSignal,
): Response {
  const admitted = admit(runtime, kind, asked, principal);
  if (admitted instanceof Response) return admitted;
  const { request, peer } = admitted;
  return new Response(openWebStream(runtime.hub, kind, request, peer, signal), { headers: kind.headers });
}

function openOnSocket(
  runtime: Runtime,
  kind: HttpStreamKind,
  asked: Asked,
  req: IncomingMessage,
  res: ServerResponse,
): void {
  const open = (principal: Principal): void => {
    const admitted = admit(runtime, kind, asked, principal);
    if (admitted instanceof Response) void sendResponse(admitted, res);
    else openSocketStream(runtime.hub, kind, admitted.request, admitted.peer, req, res);
  };
  const refuse = (error: unknown): void => {
    if (!isAppError(error)) runtime.onError(error);
    void sendResponse(problemResponse(error), res);
  };
  enterFromSocket(runtime, 'view', asked).then(open, refuse).catch(runtime.onError);
}

/** As `enter` for what the Node server answers by itself. */
export async function enterFromSocket(
  { access }: { readonly access: Pick<Access, 'identify' | 'permit'> },
  need: Need,
  asked: AccessAsked,
): Promise<Principal> {
  const principal = await access.identify(asked);
  access.permit(principal, need);
  return principal;
}

/** Takes a place, which the transport gives back; or the answer of a request that gets none. */
function admit(
  runtime: Runtime,
  kind: HttpStreamKind,
  asked: Asked,
  principal: Principal,
): { request: StreamRequest; peer: Peer } | Response {
  const request = parse(asked);
  if (request instanceof Response) return request;
  const peer = peerFor(runtime, asked, principal);
  const refusal = runtime.hub.admission.enter(peer, Date.now());
  return refusal ? busy(refusal, kind, asked) : { request, peer };
}

function head(kind: HttpStreamKind, asked: Asked): Response {
  const parsed = parse(asked);
  if (!(parsed instanceof Response)) return new Response(null, { headers: kind.headers });
  return new Response(null, { status: parsed.status, headers: parsed.headers });
}

function parse(asked: Asked): StreamRequest | Response {
  try {
    return parseAsked(asked);
  } catch (error) {
    return problemResponse(error);
  }
}

/** Overload, said so that a native EventSource comes back (DESIGN §4). */
function busy({ code, says, retryMs }: Refusal, kind: HttpStreamKind, { header }: Asked): Response {
  if (kind !== EVENT_STREAM || wantsStatus({ accept: header('accept'), client: header('x-tailrace-client') })) {
    return problemResponse(new AppError(code, says, { retryAfterS: Math.ceil(retryMs / 1000) }));
  }
  const frames = [encodeRetry(retryMs), encodeControl('busy', { reason: says, retryMs })];
  return new Response(Buffer.concat(frames), { headers: kind.headers });
}

/** Writes a small, finished Response on a socket. */
export async function sendResponse(response: Response, res: ServerResponse): Promise<void> {
  const body = Buffer.from(await response.arrayBuffer());
  res.writeHead(response.status, Object.fromEntries(response.headers)).end(body);
}
