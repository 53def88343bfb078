import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import type { ReadableStream as NodeReadableStream } from 'node:stream/web';
import { fileURLToPath } from 'node:url';
import { parseConfig } from '@/lib/config/config.ts';
import { createRuntime, type Runtime, type RuntimeOptions } from '@/lib/runtime/create-runtime.ts';
import { type Gateway, startGateway } from '@/lib/runtime/gateway/start-gateway.ts';
import { postEvents } from '@/lib/runtime/http/ingest-endpoint.ts';
import { answer } from '@/lib/runtime/http/problem.ts';
import { getEvents } from '@/lib/runtime/http/read-endpoints.ts';
import { serveFromSocket } from '@/lib/runtime/http/socket-routes.ts';
import { getPoll, getStream } from '@/lib/runtime/http/stream-endpoint.ts';

export const repoRoot = fileURLToPath(new URL('../../', import.meta.url));

/** A header that asks a `socket` server for the web stream all the same, to compare both on one journal. */
export const VIA_WEB = 'x-test-via-web';

export type Transport = 'socket' | 'web';
export type Served = { readonly url: string; close(): Promise<void> };
export type InProcessServer = Served & {
  readonly runtime: Runtime;
  readonly gateway: Gateway;
  readonly dataDir: string;
};

/** The runtime behind a plain server in this process, so that a test can look inside. Data are thrown away. */
export async function startInProcess(
  transport: Transport,
  environment: Readonly<Record<string, string>> = {},
  options: RuntimeOptions = {},
): Promise<InProcessServer> {
  const dataDir = await mkdtemp(join(tmpdir(), 'tailrace-test-'));
  const defaults = {
    TAILRACE_DATA_DIR: dataDir,
    TAILRACE_SOURCES: 'none',
    TAILRACE_LOG_LEVEL: 'silent',
    // Only for who asks for it: '0' takes a free port.
    TAILRACE_GRPC_PORT: 'off',
  };
  const runtime = await createRuntime(parseConfig({ ...defaults, ...environment }, repoRoot), options);
  const server = createServer((req, res) => {
    const viaWeb = transport === 'web' || req.headers[VIA_WEB] !== undefined;
    if (viaWeb || !serveFromSocket(runtime, req, res)) void serveRequest(runtime, req, res);
  });
  server.requestTimeout = 0;
  const gateway = await startGateway(runtime, server);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const close = async (): Promise<void> => {
    await runtime.close();
    await gateway.close();
    server.closeAllConnections();
    await new Promise<void>((resolve) => server.close(() => resolve()));
    await rm(dataDir, { recursive: true, force: true });
  };
  return { url, runtime, gateway, dataDir, close };
}

/** What Next does for a route handler: a Request in, the body of a Response out as fast as the socket takes it. */
async function serveRequest(runtime: Runtime, req: IncomingMessage, res: ServerResponse): Promise<void> {
  const abort = new AbortController();
  res.once('close', () => abort.abort());
  const request = toRequest(req, abort.signal);
  const { pathname } = new URL(request.url);
  const response = await answer(async () => {
    if (pathname === '/api/stream') return getStream(runtime, request);
    if (pathname === '/api/poll') return getPoll(runtime, request);
    return request.method === 'POST' ? postEvents(runtime, request) : getEvents(runtime, request);
  }, runtime.onError);
  res.writeHead(response.status, Object.fromEntries(response.headers));
  res.flushHeaders();
  try {
    if (response.body) await pipe(response.body, res);
  } catch {
    res.destroy();
  }
  res.end();
}

function toRequest(req: IncomingMessage, signal: AbortSignal): Request {
  const headers = Object.entries(req.headers).map(([name, value]) => [name, String(value)] as [string, string]);
  const withBody = req.method === 'POST' && {
    body: Readable.toWeb(req) as unknown as BodyInit,
    duplex: 'half' as const,
  };
  const init: RequestInit = { method: req.method ?? 'GET', headers, signal, ...withBody };
  return new Request(`http://${req.headers.host}${req.url}`, init);
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
