import { Readable } from 'node:stream';
import type { ReadableStream as NodeReadableStream } from 'node:stream/web';
import { createGunzip } from 'node:zlib';
import { AppError } from '@/lib/core/errors.ts';

/**
 * A request's body piece by piece, decompressed, never whole: what is too large is noticed after `bytesMax` bytes, also
 * when a small archive holds much. Throws body-too-large, unsupported-media-type or bad-request.
 */
export async function* bodyBytes(
  body: ReadableStream<Uint8Array> | null,
  contentEncoding: string | null,
  bytesMax: number,
): AsyncGenerator<Buffer> {
  if (!body) return;
  let bytes = 0;
  for await (const piece of decoded(body, contentEncoding)) {
    bytes += piece.length;
    if (bytes > bytesMax) {
      throw new AppError(
        'body-too-large',
        `expected a body of at most ${bytesMax} bytes; split it, or stream it as NDJSON`,
      );
    }
    yield piece;
  }
}

async function* decoded(body: ReadableStream<Uint8Array>, contentEncoding: string | null): AsyncGenerator<Buffer> {
  const raw = Readable.fromWeb(body as NodeReadableStream<Uint8Array>);
  const encoding = (contentEncoding ?? 'identity').trim().toLowerCase();
  if (encoding === 'identity' || encoding === '') {
    for await (const piece of raw) yield asBuffer(piece as Uint8Array);
    return;
  }
  if (encoding !== 'gzip' && encoding !== 'x-gzip') {
    raw.destroy();
    throw new AppError(
      'unsupported-media-type',
      `expected Content-Encoding gzip or none, got "${encoding.slice(0, 40)}"`,
    );
  }
  const gunzip = createGunzip();
  raw.on('error', (error) => gunzip.destroy(error));
  try {
    for await (const piece of raw.pipe(gunzip)) yield piece as Buffer;
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && String(error.code).startsWith('Z_'))) throw error;
    throw new AppError('bad-request', `the body is not valid gzip: ${error.message}`);
  } finally {
    raw.destroy();
    gunzip.destroy();
  }
}

function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
