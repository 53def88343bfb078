import { createLokiPush } from '@/lib/ingest/loki/loki-push.ts';
import { understandLine } from '@/lib/lines/understand-line.ts';
import type { Runtime } from '../create-runtime.ts';
import { postProtocol } from './protocol-endpoint.ts';

const loki = createLokiPush(understandLine);

/** `POST /loki/api/v1/push` */
export function postLoki(runtime: Runtime, request: Request): Promise<Response> {
  return postProtocol(runtime, request, loki);
}

/** `GET /ready`: what Vector asks before it sends to Loki, and what its operators' probes know. */
export async function getLokiReady(runtime: Runtime): Promise<Response> {
  const { isReady, says } = await runtime.readiness();
  return new Response(`${isReady ? 'ready' : says}\n`, {
    status: isReady ? 200 : 503,
    headers: { 'Content-Type': 'text/plain; charset=utf-8' },
  });
}
