import { createHash } from 'node:crypto';
import { AppError } from '@/lib/core/errors.ts';
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

/** Answers a request of a protocol that others have defined, in its own terms, when everything valid is durable. */
export async function postProtocol(runtime: Runtime, request: Request, protocol: HttpProtocol): Promise<Response> {
  const url = new URL(request.url);
  const header = (name: string): string | null => request.headers.get(name);
  const head: IngestHead = { method: request.method, path: url.pathname, query: url.searchParams, header };
  const asked = { protocol: protocol.name, peerAddress: peerOf(request), header };
  const reception = await Reception.begin(runtime, asked);
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
    const intake = reception.intake({ idempotencyKey: keyOf(protocol, head, body), cutsLong: true });
    try {
      for (const item of protocol.read(body, head)) {
        if (item instanceof Refused) intake.refuse(item.says, item.count);
        else await intake.take(item);
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

/** A retry is recognised by its key, or, where a body carries its own times, by the body itself. */
function keyOf({ name, isRepeatable }: HttpProtocol, { header }: IngestHead, body: Buffer): string | undefined {
  const given = header('idempotency-key');
  if (given !== null && given.length > KEY_CHARS_MAX) {
    const says = `Idempotency-Key: expected at most ${KEY_CHARS_MAX} characters, got ${given.length}`;
    throw new AppError('bad-request', says);
  }
  if (given) return given;
  return isRepeatable && body.length > 0
    ? `${name}:${createHash('sha256').update(body).digest('base64url')}`
    : undefined;
}
