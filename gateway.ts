import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setFlagsFromString } from 'node:v8';
import { readConfig } from './lib/config/config.ts';
import { createGatewayRuntime, type GatewayRuntime } from './lib/runtime/gateway/create-gateway-runtime.ts';
import { servePlain } from './lib/runtime/gateway/plain-routes.ts';
import { serveWaiting } from './lib/runtime/gateway/serve-waiting.ts';
import { type Gateway, startGateway } from './lib/runtime/gateway/start-gateway.ts';
import { originHeaders } from './lib/runtime/http/cross-origin.ts';
import { makeHttpServer } from './lib/runtime/http/http-server.ts';
import { problemResponse } from './lib/runtime/http/problem.ts';
import { serveFromSocket } from './lib/runtime/http/socket-routes.ts';
import { askedOnSocket } from './lib/runtime/http/stream-asked.ts';
import { enterFromSocket, sendResponse } from './lib/runtime/http/stream-endpoint.ts';
import { createLogger } from './lib/runtime/logger.ts';
import { markOwnServer } from './lib/runtime/own-server.ts';
import { exitOnFailure } from './lib/runtime/start-failure.ts';
import { onTermination } from './lib/runtime/termination.ts';

// As in server.ts, and for the same reasons.
setFlagsFromString('--heap-growing-percent=50');
const BACKLOG = 4096;

/** What takes events: all of it goes on to the server, whatever is in it. */
const FORWARDED: ReadonlySet<string> = new Set(['/api/events', '/v1/logs', '/v1/metrics', '/v1/traces']);

type Open = { readonly runtime: GatewayRuntime; readonly gateway: Gateway };

/** The streaming part alone, as a process of its own beside the server that owns the journal. */
async function main(): Promise<void> {
  const config = readConfig();
  // What `stampPeer` writes into a request's head can be believed here too.
  markOwnServer();
  // Its own log is for whoever runs it: only the server writes into the journal.
  const log = createLogger(config.logLevel, { write: () => undefined });
  const waiting = new AbortController();
  let open: Open | undefined;

  const server = makeHttpServer((req, res) => (open ? serve(open.runtime, req, res) : serveWaiting(req, res)));
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen({ port: config.port, host: config.host, backlog: BACKLOG }, resolve);
  });
  log.info({ port: (server.address() as AddressInfo).port, upstream: config.upstream }, 'gateway listening');
  onTermination(log, async () => {
    waiting.abort();
    server.close();
    await open?.runtime.close();
    await open?.gateway.close();
    server.closeAllConnections();
    return open?.runtime.ledger;
  });

  const runtime = await createGatewayRuntime(config, log, waiting.signal);
  open = { runtime, gateway: await startGateway(runtime, server) };
}

function serve(runtime: GatewayRuntime, req: IncomingMessage, res: ServerResponse): void {
  if (serveFromSocket(runtime, req, res)) return;
  if (req.method === 'POST' && FORWARDED.has((req.url ?? '').split('?', 1)[0] ?? '')) void forward(runtime, req, res);
  else void servePlain(runtime, req, res);
}

/** The server asks again, by what is handed on; but to it everybody here may look like its own machine. */
async function forward(runtime: GatewayRuntime, req: IncomingMessage, res: ServerResponse): Promise<void> {
  // The server says the same of what it takes; here it counts for what does not come so far.
  const told = originHeaders(runtime.config.access.allowedOrigins, req.headers.origin ?? null);
  for (const [name, value] of Object.entries(told)) res.setHeader(name, value);
  try {
    await enterFromSocket(runtime, 'send', askedOnSocket('http', req));
    runtime.forward.handle(req, res);
  } catch (error) {
    void sendResponse(problemResponse(error), res);
  }
}

main().catch((error: unknown) => {
  // Told to end while it waited for a journal: `onTermination` is at it.
  if (error instanceof Error && error.name === 'AbortError') return;
  exitOnFailure(error);
});
