import type { IncomingMessage, ServerResponse } from 'node:http';
import { AppError } from '@/lib/core/errors.ts';
import { parseStreamRequest, type StreamRequest } from '@/lib/stream/stream-request.ts';
import { openSocketStream } from '@/lib/transport/socket-stream.ts';
import { STREAM_HEADERS, wantsStatus } from '@/lib/transport/stream-headers.ts';
import { openWebStream } from '@/lib/transport/web-stream.ts';
import { encodeControl, encodeRetry } from '@/lib/wire/sse.ts';
import type { Runtime } from '../create-runtime.ts';
import { problemResponse } from './problem.ts';

type Asked = { query: URLSearchParams; header(name: string): string | null };

/** `GET /api/stream` through a web stream: route handlers under `next start` and on Vercel. */
export function getStream(runtime: Runtime, request: Request): Response {
  const admitted = admit(runtime, {
    query: new URL(request.url).searchParams,
    header: (name) => request.headers.get(name),
  });
  if (admitted instanceof Response) return admitted;
  return new Response(openWebStream(runtime.hub, admitted, request.signal), { headers: STREAM_HEADERS });
}

/**
 * `HEAD /api/stream`: what `GET` would answer, without a stream. Left to itself Next runs the GET handler and never reads
 * nor cancels its body, and the stream would stay for ever.
 */
export function headStream(runtime: Runtime, request: Request): Response {
  const { searchParams: query } = new URL(request.url);
  const admitted = admit(runtime, { query, header: (name) => request.headers.get(name) });
  if (!(admitted instanceof Response)) return new Response(null, { headers: STREAM_HEADERS });
  return new Response(null, { status: admitted.status, headers: admitted.headers });
}

/** `GET /api/stream` straight on the socket: `server.ts`. */
export function serveStream(runtime: Runtime, req: IncomingMessage, res: ServerResponse): void {
  const admitted = admit(runtime, {
    query: new URL(req.url ?? '/', 'http://localhost').searchParams,
    header: (name) => [req.headers[name]].flat()[0] ?? null,
  });
  if (admitted instanceof Response) void sendResponse(admitted, res);
  else openSocketStream(runtime.hub, admitted, req, res);
}

function admit(runtime: Runtime, { query, header }: Asked): StreamRequest | Response {
  try {
    const request = parseStreamRequest(query, header('last-event-id'), Date.now());
    return runtime.hub.isFull ? busy(runtime, header) : request;
  } catch (error) {
    return problemResponse(error);
  }
}

/** Overload, said so that a native EventSource comes back (DESIGN §4). */
function busy(runtime: Runtime, header: Asked['header']): Response {
  const retryMs = runtime.hub.retryMs();
  const reason = runtime.hub.isDraining ? 'the server is shutting down' : 'the server has as many streams as it takes';
  if (wantsStatus({ accept: header('accept'), client: header('x-tailrace-client') })) {
    const code = runtime.hub.isDraining ? 'shutting-down' : 'too-many-connections';
    return problemResponse(new AppError(code, reason, { retryAfterS: Math.ceil(retryMs / 1000) }));
  }
  const frames = [encodeRetry(retryMs), encodeControl('busy', { reason, retryMs })];
  return new Response(Buffer.concat(frames), { headers: STREAM_HEADERS });
}

/** Writes a small, finished Response on a socket. */
async function sendResponse(response: Response, res: ServerResponse): Promise<void> {
  const body = Buffer.from(await response.arrayBuffer());
  res.writeHead(response.status, Object.fromEntries(response.headers)).end(body);
}
