import { Readable } from 'node:stream';
import type { ReadableStream as NodeReadableStream } from 'node:stream/web';
import { createGunzip, createInflate } from 'node:zlib';
import { AppError, isAppError } from '@/lib/core/errors.ts';

/** How a body may be compressed; snappy is the block format, which cannot be read piece by piece. */
export type ContentCoding = 'identity' | 'gzip' | 'deflate' | 'snappy';

/**
 * What a Content-Encoding asks for. Throws unsupported-media-type for what is neither gzip, nor none, nor one of `more`.
 */
export function encodingOf<More extends ContentCoding = never>(
  header: string | null,
  more: readonly More[] = [],
): 'identity' | 'gzip' | More {
  const name = (header ?? '').trim().toLowerCase();
  if (name === '' || name === 'identity') return 'identity';
  if (name === 'gzip' || name === 'x-gzip') return 'gzip';
  const known = more.find((coding) => coding === name);
  if (known) return known;
  const expected = ['gzip', ...more].join(', ');
  throw new AppError(
    'unsupported-media-type',
    `expected Content-Encoding ${expected} or none, got "${name.slice(0, 40)}"`,
  );
}

/**
 * A request's body piece by piece, decompressed, never whole: what is too large is noticed after `bytesMax` bytes, also
 * when a small archive holds much. Throws body-too-large or bad-request.
 * @param onBytes told what comes over the line, before decompression
 * @param signal ends the reading with its reason
 */
export async function* bodyBytes(
  body: ReadableStream<Uint8Array> | null,
  encoding: Exclude<ContentCoding, 'snappy'>,
  bytesMax: number,
  onBytes: (bytes: number) => void = () => undefined,
  signal?: AbortSignal,
): AsyncGenerator<Buffer> {
  if (!body) return;
  let bytes = 0;
  for await (const piece of decoded(body, encoding, onBytes, signal)) {
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

async function* decoded(
  body: ReadableStream<Uint8Array>,
  encoding: Exclude<ContentCoding, 'snappy'>,
  onBytes: (bytes: number) => void,
  signal: AbortSignal | undefined,
): AsyncGenerator<Buffer> {
  const raw = Readable.fromWeb(body as NodeReadableStream<Uint8Array>);
  const stop = (): void => void raw.destroy(signal?.reason as Error);
  signal?.addEventListener('abort', stop);
  const decoder = encoding === 'identity' ? undefined : encoding === 'gzip' ? createGunzip() : createInflate();
  raw.on('error', (error) => decoder?.destroy(error));
  if (decoder) raw.on('data', (piece: Uint8Array) => onBytes(piece.length));
  try {
    for await (const piece of decoder ? raw.pipe(decoder) : raw) {
      if (!decoder) onBytes((piece as Uint8Array).length);
      yield asBuffer(piece as Uint8Array);
    }
  } catch (error) {
    throw bodyError(error, encoding);
  } finally {
    signal?.removeEventListener('abort', stop);
    raw.destroy();
    decoder?.destroy();
  }
}

/** What ends a body before its end is the sender's or its line's doing. */
function bodyError(error: unknown, encoding: ContentCoding): AppError {
  if (isAppError(error)) return error;
  const { message, code } = error as NodeJS.ErrnoException;
  const isDamaged = code?.startsWith('Z_') === true;
  return new AppError(
    'bad-request',
    isDamaged ? `the body is not valid ${encoding}: ${message}` : `the body broke off: ${message}`,
  );
}

function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
