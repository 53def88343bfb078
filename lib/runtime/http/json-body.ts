import { AppError } from '@/lib/core/errors.ts';
import { ByteGate } from '@/lib/ingest/byte-gate.ts';
import { readWhole } from '@/lib/ingest/whole-body.ts';

const BYTES_MAX = 64 * 1024;
/** Anybody may begin to log in: what all of them have sent of it, and for how long it is waited for. */
const gate = new ByteGate(16 * 1024 * 1024);
const WAIT_MS_MAX = 10_000;

/**
 * A body of JSON, or nothing at all; never more of it than `bytesMax`, whatever its head says. Rejects with bad-request,
 * body-too-large and storage-overloaded.
 */
export async function jsonBody(request: Request, bytesMax = BYTES_MAX, waitMsMax = WAIT_MS_MAX): Promise<unknown> {
  const contentLength = Number(request.headers.get('content-length') ?? 0);
  const asked = { body: request.body, encoding: 'identity', contentLength, bytesMax, gate, waitMsMax } as const;
  const { body, release } = await readWhole({ ...asked, onBytes: () => undefined });
  try {
    return body.length === 0 ? {} : JSON.parse(body.toString());
  } catch {
    throw new AppError('bad-request', 'expected a body of JSON');
  } finally {
    release();
  }
}
