import { createHash } from 'node:crypto';
import { AppError } from '@/lib/core/errors.ts';
import type { SourceEvent } from '@/lib/core/source.ts';
import { encodingOf } from '@/lib/ingest/body-bytes.ts';
import { ByteGate } from '@/lib/ingest/byte-gate.ts';
import { type HttpProtocol, type IngestHead, Refused } from '@/lib/ingest/http-protocol.ts';
import { readWhole } from '@/lib/ingest/whole-body.ts';
import type { Runtime } from '../create-runtime.ts';
import { Reception } from '../reception.ts';
import { peerOf } from './client-address.ts';

/** Bodies of all senders in memory at once; what comes beyond is told to come again. */
const gate = new ByteGate(256 * 1024 * 1024);
const KEY_CHARS_MAX = 200;
/** A body may be full of what is no event: after so many the event loop gets a turn. */
const REFUSED_PER_TURN = 1000;

/** Answers a request of a protocol that others have defined, in its own terms, when everything valid is durable. */
export async function postProtocol(runtime: Runtime, request: Request, protocol: HttpProtocol): Promise<Response> {
  const url = new URL(request.url);
  const header = (name: string): string | null => request.headers.get(name);
  const head: IngestHead = { method: request.method, path: url.pathname, query: url.searchParams, header };
  const reception = new Reception(runtime, { protocol: protocol.name, peerAddress: peerOf(request), header });
  try {
    await take(runtime, request, protocol, head, reception);
    return protocol.answer(reception.tally, head);
  } catch (error) {
    return protocol.refuse(reception.fail(error), reception.tally, head);
  } finally {
    reception.close();
  }
}

async function take(
  runtime: Runtime,
  request: Request,
  protocol: HttpProtocol,
  head: IngestHead,
  reception: Reception,
): Promise<void> {
  // Before the body is read: who may not send is not listened to.
  reception.admit();
  const { body, release } = await readWhole({
    body: request.body,
    encoding: protocol.encodingOf?.(head) ?? encodingOf(head.header('content-encoding')),
    contentLength: Number(head.header('content-length') ?? 0),
    bytesMax: protocol.bytesMax ?? runtime.config.ingest.jsonBytesMax,
    gate,
    onBytes: reception.onBytes,
  });
  try {
    const { tally } = reception;
    const items = protocol.read(body, head)[Symbol.iterator]();
    let next = items.next();
    const intake = reception.intake({ ...nameOf(protocol, head, body, next.value), cutsLong: true });
    try {
      for (; !next.done; next = items.next()) {
        if (!(next.value instanceof Refused)) await intake.take(next.value);
        else {
          intake.refuse(next.value.says, next.value.count);
          if (tally.rejected % REFUSED_PER_TURN === 0) await new Promise((resolve) => setImmediate(resolve));
        }
      }
      await intake.flush();
    } finally {
      await intake.settle();
    }
    await intake.finish();
  } finally {
    release();
  }
}

/**
 * A retry is recognised by its key, or, where a body carries its own times, by the body itself. One whose first event has no
 * time may well be meant twice.
 */
function nameOf(
  { name, isRepeatable }: HttpProtocol,
  { header }: IngestHead,
  body: Buffer,
  first: SourceEvent | Refused | undefined,
): { idempotencyKey?: string; bodyDigest?: string } {
  const given = header('idempotency-key');
  if (given !== null && given.length > KEY_CHARS_MAX) {
    const says = `Idempotency-Key: expected at most ${KEY_CHARS_MAX} characters, got ${given.length}`;
    throw new AppError('bad-request', says);
  }
  if (given) return { idempotencyKey: given };
  const isUntimed = first === undefined || (!(first instanceof Refused) && first.time === undefined);
  return !isRepeatable || isUntimed ? {} : bodyName(name, body);
}

/** Names a body by what is in it. */
export function bodyName(protocol: string, body: Uint8Array): { idempotencyKey: string; bodyDigest: string } {
  const bodyDigest = createHash('sha256').update(body).digest('base64url');
  return { idempotencyKey: `${protocol}:${bodyDigest}`, bodyDigest };
}
