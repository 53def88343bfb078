import type { IncomingMessage, ServerResponse } from 'node:http';
import { AppError } from '@/lib/core/errors.ts';
import type { Principal } from '@/lib/core/principal.ts';
import type { Runtime } from '../create-runtime.ts';
import {
  deleteAccount,
  deleteSession,
  deleteToken,
  getAccess,
  getAudit,
  postAccount,
  postToken,
  putAccount,
} from '../http/access-endpoint.ts';
import { deleteChaos, getChaos, postChaos } from '../http/chaos-endpoint.ts';
import { stampPeer } from '../http/client-address.ts';
import {
  acknowledge,
  disconnect,
  drainAll,
  getConnection,
  getConnections,
  watchConnections,
} from '../http/connection-endpoint.ts';
import { answerSender, preflight } from '../http/cross-origin.ts';
import { postCpuProfile, postHeapSnapshot } from '../http/diagnostics-endpoint.ts';
import { answerElastic, isElasticPath } from '../http/elastic-endpoint.ts';
import { postGelf } from '../http/gelf-endpoint.ts';
import { postEvents } from '../http/ingest-endpoint.ts';
import { beginOidc, finishOidc, postLogin, postLogout, putOwnPassword } from '../http/login-endpoint.ts';
import { getLokiReady, postLoki } from '../http/loki-endpoint.ts';
import { postOtlpLogs, postOtlpMetrics, postOtlpTraces } from '../http/otlp-endpoint.ts';
import { answer } from '../http/problem.ts';
import { postRemoteWrite } from '../http/prometheus-endpoint.ts';
import { getEvents, getMetricSeries, getServices } from '../http/read-endpoints.ts';
import { type Door, enter } from '../http/respond.ts';
import { getSources, postTestLine, watchSources } from '../http/source-endpoint.ts';
import { answerSplunk, isSplunkPath } from '../http/splunk-endpoint.ts';
import { getPoll, getStream, headPoll, headStream } from '../http/stream-endpoint.ts';
import { getMetrics, getSystem, getSystemStream } from '../http/system-endpoint.ts';
import { bridge } from './node-bridge.ts';

type Handle = (runtime: Runtime, request: Request, principal: Principal, id: string) => Response | Promise<Response>;

/** The routes of `app` that need no Next, by method and path, with what each asks; `:id` is one of `[A-Za-z0-9]`. */
const NAMED: Readonly<Record<string, readonly [door: Door, handle: Handle]>> = {
  'GET /api/stream': ['view', getStream],
  'HEAD /api/stream': ['view', (_runtime, request) => headStream(request)],
  'GET /api/poll': ['view', getPoll],
  'HEAD /api/poll': ['view', (_runtime, request) => headPoll(request)],
  'GET /api/events': ['view', getEvents],
  'POST /api/events': ['sender', postEvents],
  'POST /v1/logs': ['sender', postOtlpLogs],
  'POST /v1/metrics': ['sender', postOtlpMetrics],
  'POST /v1/traces': ['sender', postOtlpTraces],
  'POST /loki/api/v1/push': ['sender', postLoki],
  'GET /ready': ['public', getLokiReady],
  'POST /api/v1/write': ['sender', postRemoteWrite],
  'POST /gelf': ['sender', postGelf],
  'GET /api/metrics/query': ['view', getMetricSeries],
  'GET /api/services': ['view', getServices],
  'GET /api/connections': ['inspect', getConnections],
  'GET /api/connections/stream': ['inspect', watchConnections],
  'HEAD /api/connections/stream': ['inspect', watchConnections],
  'POST /api/connections/drain': ['operate', drainAll],
  'GET /api/connections/:id': ['inspect', getConnection],
  'POST /api/connections/:id/ack': ['view', acknowledge],
  'POST /api/connections/:id/disconnect': ['operate', disconnect],
  'GET /api/sources': ['inspect', getSources],
  'GET /api/sources/stream': ['inspect', watchSources],
  'HEAD /api/sources/stream': ['inspect', watchSources],
  'POST /api/sources/test': ['operate', postTestLine],
  'GET /api/system': ['inspect', getSystem],
  'GET /api/system/stream': ['inspect', getSystemStream],
  'HEAD /api/system/stream': ['inspect', getSystemStream],
  'GET /api/chaos': ['inspect', getChaos],
  'POST /api/chaos': ['operate', postChaos],
  'DELETE /api/chaos': ['operate', deleteChaos],
  'POST /api/diagnostics/heap-snapshot': ['administer', postHeapSnapshot],
  'POST /api/diagnostics/cpu-profile': ['administer', postCpuProfile],
  'POST /api/login': ['public', postLogin],
  'POST /api/logout': ['public', postLogout],
  'GET /login/oidc': ['public', beginOidc],
  'GET /login/oidc/callback': ['public', finishOidc],
  'GET /api/access': ['administer', getAccess],
  'POST /api/access/tokens': ['administer', postToken],
  'DELETE /api/access/tokens/:id': ['administer', deleteToken],
  'PUT /api/access/password': ['view', putOwnPassword],
  'POST /api/access/accounts': ['administer', postAccount],
  'PUT /api/access/accounts/:id': ['administer', putAccount],
  'DELETE /api/access/accounts/:id': ['administer', deleteAccount],
  'DELETE /api/access/sessions/:id': ['administer', deleteSession],
  'GET /api/audit': ['administer', getAudit],
  'GET /healthz': ['public', () => Response.json({ status: 'ok' })],
  'GET /readyz': ['public', getReadiness],
  'GET /metrics': ['inspect', getMetrics],
  'GET /api/prometheus': ['inspect', getMetrics],
};

/** Where something may be sent, a browser may ask whether a page may send it. */
const PREFLIGHTS = Object.entries(NAMED).flatMap(([endpoint, [door]]) =>
  door === 'sender' ? [[endpoint.replace('POST', 'OPTIONS'), ['public', preflight] as const] as const] : [],
);

export const ROUTES = { ...NAMED, ...Object.fromEntries(PREFLIGHTS) };

const WITH_ID = /^(\/api\/(?:connections|access\/[a-z]+)\/)([A-Za-z0-9]{1,20})(\/ack|\/disconnect)?$/;

/** Answers a request without Next, from the same endpoints; what is none of these, with where the pages are. */
export function servePlain(runtime: Runtime, req: IncomingMessage, res: ServerResponse): Promise<void> {
  stampPeer(req);
  return bridge(req, res, (request) => answer(async () => route(runtime, request), runtime.onError));
}

async function route(runtime: Runtime, request: Request): Promise<Response> {
  const { pathname } = new URL(request.url);
  const exact = ROUTES[`${request.method} ${pathname}`];
  const [, before = '', id = '', after = ''] = (!exact && WITH_ID.exec(pathname)) || [];
  const found = exact ?? ROUTES[`${request.method} ${before}:id${after}`];
  if (found) {
    const [door, handle] = found;
    const entered = async (): Promise<Response> => handle(runtime, request, await enter(runtime, door, request), id);
    return door === 'sender' ? answerSender(runtime, request, entered) : entered();
  }
  const below = isElasticPath(pathname) ? answerElastic : isSplunkPath(pathname) ? answerSplunk : undefined;
  if (below && request.method === 'OPTIONS') return preflight(runtime, request);
  if (below) return answerSender(runtime, request, () => below(runtime, request));
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
