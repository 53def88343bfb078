import type { IncomingMessage, ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import type { ReadableStream as NodeReadableStream } from 'node:stream/web';

/**
 * What Next does for a route handler, without Next: a Request in, the body of a Response out as fast as the socket takes
 * it. Its signal is aborted when the client has gone.
 */
export async function bridge(
  req: IncomingMessage,
  res: ServerResponse,
  handle: (request: Request) => Promise<Response>,
): Promise<void> {
  const abort = new AbortController();
  res.once('close', () => abort.abort());
  try {
    const response = await handle(toRequest(req, abort.signal));
    // The one header that may not be put together into one.
    const cookies = response.headers.getSetCookie();
    const more = cookies.length > 0 ? { 'set-cookie': cookies } : {};
    res.writeHead(response.status, { ...Object.fromEntries(response.headers), ...more });
    res.flushHeaders();
    if (req.method === 'HEAD') await response.body?.cancel();
    else if (response.body) await pipe(response.body, res);
  } catch {
    res.destroy();
  }
  res.end();
  // What was not read of the body has to pass by: a client that still sends would not read the answer, and be reset.
  if (!req.complete) req.removeAllListeners('data').resume();
}

function toRequest(req: IncomingMessage, signal: AbortSignal): Request {
  const headers = Object.entries(req.headers).map(([name, value]) => [name, String(value)] as [string, string]);
  const hasBody = req.method !== 'GET' && req.method !== 'HEAD';
  const body = hasBody && { body: Readable.toWeb(req) as unknown as BodyInit, duplex: 'half' as const };
  const init: RequestInit = { method: req.method ?? 'GET', headers, signal, ...body };
  return new Request(new URL(req.url ?? '/', `http://${hostOf(req)}`), init);
}

/** Whatever the client has called us; a name that is none must not be an error of ours. */
function hostOf({ headers }: IncomingMessage): string {
  return URL.canParse(`http://${headers.host}`) ? String(headers.host) : 'localhost';
}

async function pipe(body: ReadableStream<Uint8Array>, res: ServerResponse): Promise<void> {
  for await (const bytes of body as unknown as NodeReadableStream<Uint8Array>) {
    if (res.destroyed) return;
    if (!res.write(bytes)) await drained(res);
  }
}

function drained(res: ServerResponse): Promise<void> {
  return new Promise((resolve) => {
    const end = (): void => {
      res.off('drain', end).off('close', end);
      resolve();
    };
    res.on('drain', end).on('close', end);
  });
}
