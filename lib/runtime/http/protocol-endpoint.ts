import { createHash } from 'node:crypto';
import { AppError } from '@/lib/core/errors.ts';
import { encodingOf } from '@/lib/ingest/body-bytes.ts';
import { type HttpProtocol, type IngestHead, Refused } from '@/lib/ingest/http-protocol.ts';
import { readWhole } from '@/lib/ingest/whole-body.ts';
import type { Sender } from '@/lib/ingest/sender.ts';
import type { Runtime } from '../create-runtime.ts';
import { Reception, type ReceptionContext } from '../reception.ts';
import { peerOf } from './client-address.ts';

const KEY_CHARS_MAX = 200;

/** What is asked of the runtime here. */
export type ProtocolContext = ReceptionContext &
  Pick<Runtime, 'bodyGate'> & { readonly config: { readonly ingest: { readonly jsonBytesMax: number } } };

/** Answers a request of a protocol that others have defined, in its own terms, when everything valid is durable. */
export async function postProtocol(
  runtime: ProtocolContext,
  request: Request,
  protocol: HttpProtocol,
): Promise<Response> {
  const url = new URL(request.url);
  const header = (name: string): string | null => request.headers.get(name);
  const head: IngestHead = { method: request.method, path: url.pathname, query: url.searchParams, header };
  const reception = new Reception(runtime, { protocol: protocol.name, peerAddress: peerOf(request), header });
  if (protocol.errorsMax !== undefined) reception.tally.errorsMax = protocol.errorsMax;
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
  runtime: ProtocolContext,
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
    gate: runtime.bodyGate,
    onBytes: reception.onBytes,
  });
  try {
    const intake = reception.intake({ idempotencyKey: keyOf(protocol, head, body, reception.sender), cutsLong: true });
    try {
      for (const item of protocol.read(body, head)) {
        if (item instanceof Refused) await intake.refuse(item.says, item.count);
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

/**
 * A retry is recognised by its key, or, where a body says itself what is new in it, by the body: from the same sender to the
 * same address, since two machines may well say the same.
 */
function keyOf(
  { name, isRepeatable }: HttpProtocol,
  head: IngestHead,
  body: Buffer,
  { id }: Sender,
): string | undefined {
  const given = head.header('idempotency-key');
  if (given !== null && given.length > KEY_CHARS_MAX) {
    const says = `Idempotency-Key: expected at most ${KEY_CHARS_MAX} characters, got ${given.length}`;
    throw new AppError('bad-request', says);
  }
  if (given) return given;
  if (body.length === 0 || !(typeof isRepeatable === 'function' ? isRepeatable(body, head) : isRepeatable))
    return undefined;
  const where = JSON.stringify([id.address, id.credential, head.path, head.query.toString()]);
  return `${name}:${createHash('sha256').update(where).update(body).digest('base64url')}`;
}
