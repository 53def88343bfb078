import { AppError } from '@/lib/core/errors.ts';
import { formatPosition } from '@/lib/core/position.ts';
import type { EventIntake } from '@/lib/ingest/event-intake.ts';
import { ingestBody } from '@/lib/ingest/ingest-body.ts';
import type { Runtime } from '../create-runtime.ts';
import { Reception } from '../reception.ts';
import { peerOf } from './client-address.ts';
import { refuseForeignPage, senderHeader } from './foreign-page.ts';
import { problemResponse } from './problem.ts';

/** `POST /api/events`: answers when everything valid is durable; 202 when it is held, since the history is away. */
export async function postEvents(runtime: Runtime, request: Request): Promise<Response> {
  const { journal, config } = runtime;
  const header = senderHeader(request);
  const reception = await Reception.begin(runtime, { protocol: 'events', peerAddress: peerOf(request), header });
  const { tally } = reception;
  const body = {
    body: request.body,
    contentType: header('content-type'),
    contentEncoding: header('content-encoding'),
    contentLength: header('content-length'),
    idempotencyKey: header('idempotency-key'),
    service: new URL(request.url).searchParams.get('service'),
    gate: runtime.bodyGate,
    onBytes: reception.onBytes,
  };
  const result = () => ({ ...tally.answer((seq) => formatPosition(journal.epoch, seq)) });
  let intake: EventIntake | undefined;
  try {
    const isText = body.contentType?.trim().toLowerCase().startsWith('text/plain');
    if (isText) refuseForeignPage(header, config.access.allowedOrigins);
    await ingestBody(body, config.ingest, (idempotencyKey, cutsLong) => {
      intake = reception.intake({ idempotencyKey, cutsLong });
      return intake;
    });
    if (tally.accepted > 0 || tally.rejected === 0) {
      return Response.json(result(), { status: tally.isHeld ? 202 : 200 });
    }
    const message = `none of the ${tally.rejected} events was valid; see "errors"`;
    return problemResponse(new AppError('nothing-accepted', message), result());
  } catch (error) {
    // What was stored before the failure is told, so that a sender need not guess; of a stream also where its rest begins.
    const hasLines = /^application\/(?:x-ndjson|ndjson|jsonl)\b/i.test(body.contentType?.trim() ?? '');
    const next = hasLines && intake ? { nextLine: intake.itemsDone + 1 } : {};
    return problemResponse(reception.fail(error), { ...result(), ...next });
  } finally {
    reception.close();
  }
}
