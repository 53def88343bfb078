import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { AppError } from '@/lib/core/errors.ts';
import type { Runtime } from '../create-runtime.ts';
import { bridge } from '../gateway/node-bridge.ts';
import { stampPeer } from '../http/client-address.ts';
import { answerSender, preflight } from '../http/cross-origin.ts';
import { postOtlpLogs, postOtlpMetrics, postOtlpTraces } from '../http/otlp-endpoint.ts';
import type { Listener } from './listener.ts';

const ROUTES: Readonly<Record<string, (runtime: Runtime, request: Request) => Promise<Response>>> = {
  'POST /v1/logs': postOtlpLogs,
  'POST /v1/metrics': postOtlpMetrics,
  'POST /v1/traces': postOtlpTraces,
};

/** Whole bodies of 20 MiB at most: who needs longer than this has gone. */
const REQUEST_MS_MAX = 2 * 60_000;
/** At a shutdown what is being answered is answered; what is still coming after so long is cut, and comes again. */
const CLOSE_MS_MAX = 2000;

/** OTLP over HTTP where SDKs look for it when nobody has told them otherwise, and nothing else. */
export async function openOtlp(runtime: Runtime, port: number): Promise<Listener> {
  const server = createServer((req, res) => void serve(runtime, req, res));
  server.requestTimeout = REQUEST_MS_MAX;
  server.listen({ port, host: runtime.config.host });
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    async close() {
      const closed = once(server, 'close');
      server.close();
      const cut = setTimeout(() => server.closeAllConnections(), CLOSE_MS_MAX);
      await closed;
      clearTimeout(cut);
    },
  };
}

function serve(runtime: Runtime, req: IncomingMessage, res: ServerResponse): Promise<void> {
  stampPeer(req);
  return bridge(req, res, (request) => answerSender(runtime, request, async () => route(runtime, request)));
}

function route(runtime: Runtime, request: Request): Response | Promise<Response> {
  const { pathname } = new URL(request.url);
  if (request.method === 'OPTIONS' && `POST ${pathname}` in ROUTES) return preflight(runtime, request);
  const handle = ROUTES[`${request.method} ${pathname}`];
  if (handle) return handle(runtime, request);
  throw new AppError('not-found', `this port takes OTLP: ${Object.keys(ROUTES).join(', ')}`);
}
