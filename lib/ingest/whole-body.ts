import { uncompress } from 'snappy';
import { AppError } from '@/lib/core/errors.ts';
import { bodyBytes, type ContentCoding } from './body-bytes.ts';
import type { ByteGate } from './byte-gate.ts';

export type WholeBodyRequest = {
  readonly body: ReadableStream<Uint8Array> | null;
  readonly encoding: ContentCoding;
  /** As the sender says; 0 where it does not. */
  readonly contentLength: number;
  /** After decompression. */
  readonly bytesMax: number;
  readonly gate: ByteGate;
  /** What has not come by then is given up, so that slow bodies cannot keep the memory from others. */
  readonly waitMsMax?: number;
  /** Told what comes over the line. */
  onBytes(bytes: number): void;
};

export type WholeBody = { readonly body: Buffer; release(): void };

/** 8 MiB in this time need a line of about 1 Mbit/s. */
const BODY_WAIT_MS_MAX = 60_000;

/**
 * A body that cannot be read piece by piece, decompressed, in memory that `gate` has room for until `release`. Throws
 * body-too-large, bad-request or storage-overloaded.
 */
export async function readWhole(request: WholeBodyRequest): Promise<WholeBody> {
  const { body, encoding, contentLength, bytesMax, gate, onBytes, waitMsMax = BODY_WAIT_MS_MAX } = request;
  let held = 0;
  const hold = (bytes: number): void => {
    gate.take(bytes);
    held += bytes;
  };
  const release = (): void => {
    gate.release(held);
    held = 0;
  };
  const slow = new AbortController();
  const timer = setTimeout(() => slow.abort(tooSlow(waitMsMax)), waitMsMax);
  try {
    if (contentLength > bytesMax) throw tooLarge(bytesMax, contentLength);
    const pieces: Buffer[] = [];
    const coding = encoding === 'snappy' ? 'identity' : encoding;
    for await (const piece of bodyBytes(body, coding, bytesMax, onBytes, slow.signal)) {
      hold(piece.length);
      pieces.push(piece);
    }
    const raw = Buffer.concat(pieces);
    return { body: encoding === 'snappy' ? await unsnap(raw, bytesMax, hold) : raw, release };
  } catch (error) {
    release();
    throw error;
  } finally {
    clearTimeout(timer);
  }
}

/** Snappy's block format: it begins with the length of what it holds, so a bomb is known before it is opened. */
async function unsnap(raw: Buffer, bytesMax: number, hold: (bytes: number) => void): Promise<Buffer> {
  if (raw.length === 0) return raw;
  const length = readVarint(raw);
  if (length === undefined) throw new AppError('bad-request', 'the body is not valid snappy: it has no length');
  if (length > bytesMax) throw tooLarge(bytesMax, length);
  hold(length);
  try {
    return (await uncompress(raw, { asBuffer: true })) as Buffer;
  } catch (error) {
    throw new AppError('bad-request', `the body is not valid snappy: ${(error as Error).message}`);
  }
}

function readVarint(bytes: Buffer): number | undefined {
  let value = 0;
  for (let at = 0; at < 5; at += 1) {
    const byte = bytes[at];
    if (byte === undefined) return undefined;
    value += (byte & 0x7f) * 2 ** (7 * at);
    if (byte < 0x80) return value;
  }
  return undefined;
}

/** Not a fault of what was sent: the sender is told to come again, not that it may forget it. */
function tooSlow(waitMs: number): AppError {
  const says = `the body did not come within ${waitMs} ms, and the memory that it held is for others; send it again`;
  return new AppError('storage-overloaded', says, { retryAfterS: 1 });
}

function tooLarge(bytesMax: number, bytes: number): AppError {
  return new AppError('body-too-large', `expected a body of at most ${bytesMax} bytes, got ${bytes}; send it in parts`);
}
