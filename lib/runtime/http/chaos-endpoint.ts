import { z } from 'zod';
import { AppError } from '@/lib/core/errors.ts';
import type { Principal } from '@/lib/core/principal.ts';
import { type ChaosReport, type Fault, faultSchema } from '@/lib/wire/chaos.ts';
import type { Chaos } from '../chaos/chaos.ts';
import { sentenceOf } from '../chaos/fault-sentence.ts';
import { jsonBody } from './json-body.ts';
import { type Noted, noteAct } from './respond.ts';

export type ChaosContext = Noted & { readonly chaos: Chaos | undefined };

const BODY_BYTES_MAX = 4096;

/** `GET /api/chaos`. */
export function getChaos(context: ChaosContext): Response {
  return reportResponse(chaosOf(context).report());
}

/** `POST /api/chaos`: begins a fault. */
export async function postChaos(context: ChaosContext, request: Request, principal: Principal): Promise<Response> {
  const chaos = chaosOf(context);
  const fault = await readFault(request);
  noteAct(context, request, principal, 'fault begun', sentenceOf(fault));
  return reportResponse(chaos.inject(fault));
}

/** `DELETE /api/chaos`: ends all faults. */
export function deleteChaos(context: ChaosContext, request: Request, principal: Principal): Response {
  const chaos = chaosOf(context);
  noteAct(context, request, principal, 'faults ended', 'all');
  return reportResponse(chaos.healAll());
}

function chaosOf(context: ChaosContext): Chaos {
  if (context.chaos) return context.chaos;
  throw new AppError('not-found', 'faults on purpose are off; start the server with TAILRACE_CHAOS=1 to allow them');
}

function reportResponse(report: ChaosReport): Response {
  return Response.json(report, { headers: { 'Cache-Control': 'no-store' } });
}

async function readFault(request: Request): Promise<Fault> {
  const type = request.headers.get('content-type') ?? '';
  // Another site's page can post plain text here without being asked, JSON it cannot.
  if (!/^application\/json\s*(;|$)/i.test(type)) {
    throw new AppError('unsupported-media-type', 'expected Content-Type application/json');
  }
  const parsed = faultSchema.safeParse(await jsonBody(request, BODY_BYTES_MAX));
  if (parsed.success) return parsed.data;
  throw new AppError('bad-request', `expected a fault; ${z.prettifyError(parsed.error).replaceAll(/\s*\n\s*/g, ' ')}`);
}
