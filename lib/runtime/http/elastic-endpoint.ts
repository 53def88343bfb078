import { AppError } from '@/lib/core/errors.ts';
import { elasticBulk, refuseElastic } from '@/lib/ingest/elastic-bulk.ts';
import type { Runtime } from '../create-runtime.ts';
import { answerHandshake } from './elastic-handshake.ts';
import { postProtocol } from './protocol-endpoint.ts';
import { enter } from './respond.ts';

const PREFIX = /^\/(?:api\/|insert\/)?elasticsearch(?=\/|$)/;
/** At the root only what is nobody else's: `/` itself is asked for by these clients alone. */
const AT_ROOT =
  /^\/(?:_bulk|_license|_xpack|_cluster|_nodes|_index_template|_component_template|_template|_ilm|_ingest|_data_stream|_alias|_logstash)(?:\/|$)|^\/(?:_all|[^/_][^/]*)\/_(?:bulk|refresh)\/?$/;

/** Whether a path is one of Elasticsearch's: anything under the prefix, and what begins with its names at the root. */
export function isElasticPath(path: string): boolean {
  return PREFIX.test(path) || AT_ROOT.test(path);
}

/** Everything that clients of Elasticsearch ask of a server that they send to. */
export async function answerElastic(runtime: Runtime, request: Request): Promise<Response> {
  const url = new URL(request.url);
  const path = url.pathname.replace(PREFIX, '').replace(/\/+$/, '') || '/';
  const { method } = request;
  const isBulk = /(?:^|\/)_bulk$/.test(path);
  if (isBulk && (method === 'POST' || method === 'PUT')) return postProtocol(runtime, request, elasticBulk());
  // Who may not send needs no handshake either.
  await enter(runtime, 'send', request);
  if (isBulk) return refuseElastic(new AppError('bad-request', `expected POST or PUT, got ${method}`));
  const { isReady } = await runtime.readiness();
  const handshake = answerHandshake({ method, path, host: request.headers.get('host') ?? url.host, isReady });
  if (handshake) return handshake;
  const says = `${method} ${path.slice(0, 100)} is not answered here: documents come in by POST /_bulk, and are read at /api/events`;
  return refuseElastic(new AppError('not-found', says));
}
