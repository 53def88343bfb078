import type { IncomingMessage, ServerResponse } from 'node:http';
import { AppError } from '@/lib/core/errors.ts';
import type { Runtime } from '../create-runtime.ts';
import { stampPeer } from '../http/client-address.ts';
import {
  acknowledge,
  disconnect,
  drainAll,
  getConnection,
  getConnections,
  watchConnections,
} from '../http/connection-endpoint.ts';
import { postCpuProfile, postHeapSnapshot } from '../http/diagnostics-endpoint.ts';
import { answerElastic, isElasticPath } from '../http/elastic-endpoint.ts';
import { postGelf } from '../http/gelf-endpoint.ts';
import { postEvents } from '../http/ingest-endpoint.ts';
import { getLokiReady, postLoki } from '../http/loki-endpoint.ts';
import { postOtlpLogs, postOtlpMetrics, postOtlpTraces } from '../http/otlp-endpoint.ts';
import { answer } from '../http/problem.ts';
import { postRemoteWrite } from '../http/prometheus-endpoint.ts';
import { getEvents, getMetricSeries } from '../http/read-endpoints.ts';
import { getSources, postTestLine, watchSources } from '../http/source-endpoint.ts';
import { answerSplunk, isSplunkPath } from '../http/splunk-endpoint.ts';
import { getPoll, getStream, headPoll, headStream } from '../http/stream-endpoint.ts';
import { getSystem, getSystemStream } from '../http/system-endpoint.ts';
import { bridge } from './node-bridge.ts';

type Handle = (runtime: Runtime, request: Request, id: string) => Response | Promise<Response>;

/** The routes of `app/api` that need no Next, by method and path; `:id` is one of `[A-Za-z0-9]`. */
const ROUTES: Readonly<Record<string, Handle>> = {
  'GET /api/stream': getStream,
  'HEAD /api/stream': (_runtime, request) => headStream(request),
  'GET /api/poll': getPoll,
  'HEAD /api/poll': (_runtime, request) => headPoll(request),
  'GET /api/events': getEvents,
  'POST /api/events': postEvents,
  'POST /v1/logs': postOtlpLogs,
  'POST /v1/metrics': postOtlpMetrics,
  'POST /v1/traces': postOtlpTraces,
  'POST /loki/api/v1/push': postLoki,
  'GET /ready': getLokiReady,
  'POST /api/v1/write': postRemoteWrite,
  'POST /gelf': postGelf,
  'GET /api/metrics/query': getMetricSeries,
  'GET /api/services': (runtime) => Response.json({ services: runtime.services() }),
  'GET /api/connections': getConnections,
  'GET /api/connections/stream': watchConnections,
  'HEAD /api/connections/stream': watchConnections,
  'POST /api/connections/drain': drainAll,
  'GET /api/connections/:id': (runtime, _request, id) => getConnection(runtime, id),
  'POST /api/connections/:id/ack': acknowledge,
  'POST /api/connections/:id/disconnect': disconnect,
  'GET /api/sources': getSources,
  'GET /api/sources/stream': watchSources,
  'HEAD /api/sources/stream': watchSources,
  'POST /api/sources/test': postTestLine,
  'GET /api/system': getSystem,
  'GET /api/system/stream': getSystemStream,
  'HEAD /api/system/stream': getSystemStream,
  'POST /api/diagnostics/heap-snapshot': postHeapSnapshot,
  'POST /api/diagnostics/cpu-profile': postCpuProfile,
  'GET /healthz': () => Response.json({ status: 'ok' }),
  'GET /readyz': getReadiness,
  'GET /metrics': getMetrics,
  'GET /api/prometheus': getMetrics,
};

const CONNECTION = /^(\/api\/connections\/)([A-Za-z0-9]{1,20})(\/ack|\/disconnect)?$/;

/** Answers a request without Next, from the same endpoints; what is none of these, with where the pages are. */
export function servePlain(runtime: Runtime, req: IncomingMessage, res: ServerResponse): Promise<void> {
  stampPeer(req);
  return bridge(req, res, (request) => answer(async () => route(runtime, request), runtime.onError));
}

function route(runtime: Runtime, request: Request): Response | Promise<Response> {
  const { pathname } = new URL(request.url);
  const exact = ROUTES[`${request.method} ${pathname}`];
  if (exact) return exact(runtime, request, '');
  if (isElasticPath(pathname)) return answerElastic(runtime, request);
  if (isSplunkPath(pathname)) return answerSplunk(runtime, request);
  const [, before = '', id = '', after = ''] = CONNECTION.exec(pathname) ?? [];
  const handle = ROUTES[`${request.method} ${before}:id${after}`];
  if (handle) return handle(runtime, request, id);
  throw new AppError('not-found', elsewhere(runtime.config.upstream));
}

function elsewhere(upstream: string | undefined): string {
  const where = upstream ?? 'the server that owns the journal (TAILRACE_UPSTREAM tells this gateway its address)';
  return `this process serves streams, not pages; the dashboard is at ${where}`;
}

async function getReadiness(runtime: Runtime): Promise<Response> {
  const { isReady, says } = await runtime.readiness();
  return Response.json({ status: says }, { status: isReady ? 200 : 503 });
}

async function getMetrics(runtime: Runtime): Promise<Response> {
  const text = await runtime.metrics();
  return new Response(text, { headers: { 'Content-Type': 'text/plain; version=0.0.4; charset=utf-8' } });
}
