import { AppError } from '@/lib/core/errors.ts';
import { formatPosition } from '@/lib/core/position.ts';
import { ingestBody } from '@/lib/ingest/ingest-body.ts';
import { IngestTally } from '@/lib/ingest/ingest-tally.ts';
import type { Runtime } from '../create-runtime.ts';
import { problemResponse } from './problem.ts';

/** `POST /api/events`: answers when everything valid is durable. */
export async function postEvents(runtime: Runtime, request: Request): Promise<Response> {
  const { journal, config, ingestSink, ingestTotals, log } = runtime;
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
    await ingestBody(body, ingestSink, config.ingest, tally, Date.now);
    if (tally.accepted > 0 || tally.rejected === 0) return Response.json(result());
    const message = `none of the ${tally.rejected} events was valid; see "errors"`;
    return problemResponse(new AppError('nothing-accepted', message), result());
  } catch (error) {
    log.warn({ err: error, journal: false }, 'ingest failed');
    // What was stored before the failure is told, so that a sender need not guess.
    return problemResponse(error, result());
  } finally {
    ingestTotals.add(tally);
  }
}
