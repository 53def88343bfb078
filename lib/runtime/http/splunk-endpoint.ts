import { z } from 'zod';
import { AppError } from '@/lib/core/errors.ts';
import { splunkHec, splunkRaw } from '@/lib/ingest/splunk-hec.ts';
import { hecResponse, refuseHec } from '@/lib/ingest/splunk-response.ts';
import type { Runtime } from '../create-runtime.ts';
import { postProtocol } from './protocol-endpoint.ts';
import { enter } from './respond.ts';

const PREFIX = /^\/services\/collector(?=\/|$)/;
const ACKS_MAX = 10_000;
const asked = z.object({ acks: z.array(z.number().int().nonnegative()).max(ACKS_MAX) });
const ACK_BYTES_MAX = 256 * 1024;

let acks = 0;
/** An id is given only with a 200, and a 200 only when all is durable: whoever asks about one is told yes. */
const nextAckId = (): number => acks++;

export function isSplunkPath(path: string): boolean {
  return PREFIX.test(path);
}

/** Everything below `/services/collector`. */
export async function answerSplunk(runtime: Runtime, request: Request): Promise<Response> {
  const path = new URL(request.url).pathname.replace(PREFIX, '').replace(/(?:\/1\.0)?\/*$/, '');
  const asks = `${request.method} ${path}`;
  if (asks === 'POST ' || asks === 'POST /event') return postProtocol(runtime, request, splunkHec(nextAckId));
  if (asks === 'POST /raw') return postProtocol(runtime, request, splunkRaw(nextAckId));
  if (asks === 'GET /health' || asks === 'HEAD /health') {
    return hecResponse((await runtime.readiness()).isReady ? 17 : 18);
  }
  await enter(runtime, 'send', request);
  if (asks === 'POST /ack' || asks === 'GET /ack') return answerAcks(request);
  return refuseHec(new AppError('not-found', `expected /event, /raw, /health or /ack, got ${asks.slice(0, 100)}`));
}

async function answerAcks(request: Request): Promise<Response> {
  if (Number(request.headers.get('content-length') ?? ACK_BYTES_MAX + 1) > ACK_BYTES_MAX) {
    return refuseHec(new AppError('body-too-large', `expected at most ${ACK_BYTES_MAX} bytes, and a Content-Length`));
  }
  const body: unknown = await request.json().catch(() => undefined);
  const parsed = asked.safeParse(body);
  if (!parsed.success) return refuseHec(new AppError('bad-request', 'expected {"acks":[0,1]}'));
  return Response.json({ acks: Object.fromEntries(parsed.data.acks.map((id) => [id, true])) });
}
