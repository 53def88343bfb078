import { AppError, isAppError } from '@/lib/core/errors.ts';
import { formatPosition } from '@/lib/core/position.ts';
import { ingestBody } from '@/lib/ingest/ingest-body.ts';
import { IngestTally } from '@/lib/ingest/ingest-tally.ts';
import type { Runtime } from '../create-runtime.ts';
import { clientAddress, peerOf } from './client-address.ts';
import { problemResponse } from './problem.ts';

/** `POST /api/events`: answers when everything valid is durable; 202 when it is held, since the history is away. */
export async function postEvents(runtime: Runtime, request: Request): Promise<Response> {
  const { journal, config, ingestSink, ingestQuota, ingestTotals, log, trustedProxies } = runtime;
  const tally = new IngestTally();
  const header = (name: string): string | null => request.headers.get(name);
  const body = {
    body: request.body,
    contentType: header('content-type'),
    contentEncoding: header('content-encoding'),
    contentLength: header('content-length'),
    idempotencyKey: header('idempotency-key'),
  };
  const result = () => ({ ...tally.answer((seq) => formatPosition(journal.epoch, seq)) });
  try {
    const address = clientAddress(peerOf(request), header('x-forwarded-for'), trustedProxies);
    await ingestBody(body, ingestQuota.admit(address, ingestSink), config.ingest, tally, Date.now);
    if (tally.accepted > 0 || tally.rejected === 0) {
      return Response.json(result(), { status: tally.isHeld ? 202 : 200 });
    }
    const message = `none of the ${tally.rejected} events was valid; see "errors"`;
    return problemResponse(new AppError('nothing-accepted', message), result());
  } catch (error) {
    // A sender that is told to wait may ask a thousand times a second: counted, not logged.
    if (isAppError(error) && error.code === 'rate-limited') ingestTotals.limited += 1;
    else log.warn({ err: error, journal: false }, 'ingest failed');
    // What was stored before the failure is told, so that a sender need not guess.
    const response = problemResponse(error, result());
    if (response.status >= 500) ingestTotals.failed += 1;
    return response;
  } finally {
    ingestTotals.add(tally);
  }
}
