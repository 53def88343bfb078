import { AppError } from '@/lib/core/errors.ts';
import { encodingOf } from '@/lib/ingest/body-bytes.ts';
import type { HttpProtocol, IngestHead } from '@/lib/ingest/http-protocol.ts';
import { readWhole } from '@/lib/ingest/whole-body.ts';
import type { Runtime } from '../create-runtime.ts';
import { Reception, type ReceptionContext } from '../reception.ts';
import { peerOf } from './client-address.ts';
import { type AllowedOrigins, refuseForeignPage, senderHeader } from './foreign-page.ts';
import { type ItemsName, storeItems } from './store-items.ts';

const KEY_CHARS_MAX = 200;

/** What is asked of the runtime here. */
export type ProtocolContext = ReceptionContext &
  Pick<Runtime, 'bodyGate'> & {
    readonly config: {
      readonly ingest: { readonly jsonBytesMax: number };
      readonly access: { readonly allowedOrigins: AllowedOrigins };
    };
  };

/** Answers a request of a protocol that others have defined, in its own terms, when everything valid is durable. */
export async function postProtocol(
  runtime: ProtocolContext,
  request: Request,
  protocol: HttpProtocol,
): Promise<Response> {
  const url = new URL(request.url);
  const header = senderHeader(request);
  const head: IngestHead = { method: request.method, path: url.pathname, query: url.searchParams, header };
  const asked = { protocol: protocol.name, peerAddress: peerOf(request), header };
  const reception = await Reception.begin(runtime, asked);
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
  refuseForeignPage(head.header, runtime.config.access.allowedOrigins);
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
    const origin = `${head.path}?${head.query}`;
    const name = { protocol: protocol.name, key: keyIn(head), body, origin, ...repeatsOf(protocol, head, body) };
    await storeItems(reception, protocol.read(body, head), name);
  } finally {
    release();
  }
}

/** A protocol that looks at each body is sure of it; one that always repeats its times is asked for them. */
function repeatsOf({ isRepeatable }: HttpProtocol, head: IngestHead, body: Buffer): Pick<ItemsName, 'repeats'> {
  if (body.length === 0) return {};
  if (typeof isRepeatable !== 'function') return isRepeatable ? { repeats: 'when-timed' } : {};
  return isRepeatable(body, head) ? { repeats: 'certainly' } : {};
}

function keyIn({ header }: IngestHead): string | undefined {
  const given = header('idempotency-key');
  if (given !== null && given.length > KEY_CHARS_MAX) {
    const says = `Idempotency-Key: expected at most ${KEY_CHARS_MAX} characters, got ${given.length}`;
    throw new AppError('bad-request', says);
  }
  return given ?? undefined;
}
