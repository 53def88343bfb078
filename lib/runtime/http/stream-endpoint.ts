import { createHash } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { AppError } from '@/lib/core/errors.ts';
import type { Refusal } from '@/lib/stream/admission.ts';
import type { Peer, Transport } from '@/lib/stream/peer.ts';
import { parseStreamRequest, type StreamRequest } from '@/lib/stream/stream-request.ts';
import { openSocketStream } from '@/lib/transport/socket-stream.ts';
import { STREAM_HEADERS, wantsStatus } from '@/lib/transport/stream-headers.ts';
import { openWebStream } from '@/lib/transport/web-stream.ts';
import { encodeControl, encodeRetry } from '@/lib/wire/sse.ts';
import type { Runtime } from '../create-runtime.ts';
import { clientAddress, peerOf } from './client-address.ts';
import { problemResponse } from './problem.ts';

type Asked = {
  readonly transport: Transport;
  /** Address of the socket's other end, where it is known. */
  readonly peerAddress: string | undefined;
  readonly search: string;
  header(name: string): string | null;
};

/** No filter of this language needs more. */
const QUERY_CHARS_MAX = 8192;
const USER_AGENT_CHARS_MAX = 200;

/** `GET /api/stream` through a web stream: route handlers under `next start` and on Vercel. */
export function getStream(runtime: Runtime, request: Request): Response {
  const asked = askedBy(request);
  const parsed = parse(asked);
  if (parsed instanceof Response) return parsed;
  const peer = peerFor(runtime, asked);
  const refusal = runtime.hub.admission.enter(peer, Date.now());
  if (refusal) return busy(refusal, asked);
  return new Response(openWebStream(runtime.hub, parsed, peer, request.signal), { headers: STREAM_HEADERS });
}

/**
 * `HEAD /api/stream`: whether the request is understood, without a stream. Left to itself Next runs the GET handler and
 * never reads nor cancels its body, and the stream would stay for ever.
 */
export function headStream(request: Request): Response {
  const parsed = parse(askedBy(request));
  if (!(parsed instanceof Response)) return new Response(null, { headers: STREAM_HEADERS });
  return new Response(null, { status: parsed.status, headers: parsed.headers });
}

/** `GET /api/stream` straight on the socket: `server.ts`. */
export function serveStream(runtime: Runtime, req: IncomingMessage, res: ServerResponse): void {
  const { search } = new URL(req.url ?? '/', 'http://localhost');
  const header = (name: string): string | null => [req.headers[name]].flat()[0] ?? null;
  const asked: Asked = { transport: 'sse', peerAddress: req.socket.remoteAddress, search, header };
  const parsed = parse(asked);
  if (parsed instanceof Response) {
    void sendResponse(parsed, res);
    return;
  }
  const peer = peerFor(runtime, asked);
  const refusal = runtime.hub.admission.enter(peer, Date.now());
  if (refusal) void sendResponse(busy(refusal, asked), res);
  else openSocketStream(runtime.hub, parsed, peer, req, res);
}

function askedBy(request: Request): Asked {
  const { search } = new URL(request.url);
  const header = (name: string): string | null => request.headers.get(name);
  return { transport: 'sse-web', peerAddress: peerOf(request), search, header };
}

function parse({ search, header }: Asked): StreamRequest | Response {
  try {
    if (search.length > QUERY_CHARS_MAX) {
      throw new AppError(
        'query-too-long',
        `expected a query of at most ${QUERY_CHARS_MAX} characters, got ${search.length}`,
      );
    }
    return parseStreamRequest(new URLSearchParams(search), header('last-event-id'), Date.now());
  } catch (error) {
    return problemResponse(error);
  }
}

function peerFor(runtime: Runtime, { transport, peerAddress, search, header }: Asked): Peer {
  const authorization = header('authorization');
  return {
    transport,
    address: clientAddress(peerAddress, header('x-forwarded-for'), runtime.trustedProxies),
    userAgent: (header('user-agent') ?? '').slice(0, USER_AGENT_CHARS_MAX),
    // Only a fingerprint: the list of connections must not show what opens the door.
    user: authorization ? createHash('sha256').update(authorization).digest('hex').slice(0, 8) : undefined,
    acknowledges: new URLSearchParams(search).get('ack') === '1',
    isReturning: Boolean(header('last-event-id')),
  };
}

/** Overload, said so that a native EventSource comes back (DESIGN §4). */
function busy({ code, says, retryMs }: Refusal, { header }: Asked): Response {
  if (wantsStatus({ accept: header('accept'), client: header('x-tailrace-client') })) {
    return problemResponse(new AppError(code, says, { retryAfterS: Math.ceil(retryMs / 1000) }));
  }
  const frames = [encodeRetry(retryMs), encodeControl('busy', { reason: says, retryMs })];
  return new Response(Buffer.concat(frames), { headers: STREAM_HEADERS });
}

/** Writes a small, finished Response on a socket. */
export async function sendResponse(response: Response, res: ServerResponse): Promise<void> {
  const body = Buffer.from(await response.arrayBuffer());
  res.writeHead(response.status, Object.fromEntries(response.headers)).end(body);
}
