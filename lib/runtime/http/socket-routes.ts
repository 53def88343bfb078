import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Runtime } from '../create-runtime.ts';
import { takeAcknowledgement } from './connection-endpoint.ts';
import { answer } from './problem.ts';
import { sendResponse, serveStream } from './stream-endpoint.ts';

const ACK = /^\/api\/connections\/([A-Za-z0-9]{1,20})\/ack$/;
const ACK_BYTES_MAX = 4096;

/**
 * What the Node server answers straight from the socket, because it is asked for ten thousand times: streams, and the
 * acknowledgements of their clients. Returns false for everything else, which is Next's.
 */
export function serveFromSocket(runtime: Runtime, req: IncomingMessage, res: ServerResponse): boolean {
  const path = (req.url ?? '').split('?', 1)[0] ?? '';
  if (req.method === 'GET' && path === '/api/stream') {
    serveStream(runtime, req, res);
    return true;
  }
  const id = req.method === 'POST' ? ACK.exec(path)?.[1] : undefined;
  if (id === undefined) return false;
  void answer(() => takeFrom(runtime, id, req), runtime.onError).then((response) => sendResponse(response, res));
  return true;
}

async function takeFrom(runtime: Runtime, id: string, req: IncomingMessage): Promise<Response> {
  let text = '';
  for await (const piece of req) {
    text += String(piece);
    if (text.length > ACK_BYTES_MAX) return new Response(null, { status: 413 });
  }
  takeAcknowledgement(runtime, id, parse(text));
  return new Response(null, { status: 204 });
}

/** What is no JSON is refused by the schema like any other nonsense. */
function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
