import { AppError } from '@/lib/core/errors.ts';
import { EVENT_BYTES_MAX } from '@/lib/core/event.ts';
import { markOf } from './begun-bodies.ts';
import { bodyBytes, encodingOf } from './body-bytes.ts';
import type { ByteGate } from './byte-gate.ts';
import type { EventIntake } from './event-intake.ts';
import { ingestText } from './ingest-text.ts';
import { LineSplitter } from './line-splitter.ts';
import { readWhole } from './whole-body.ts';

export type IngestLimits = { readonly jsonBytesMax: number; readonly streamBytesMax: number };

export type IngestRequest = {
  readonly body: ReadableStream<Uint8Array> | null;
  readonly contentType: string | null;
  readonly contentEncoding: string | null;
  readonly contentLength: string | null;
  readonly idempotencyKey: string | null;
  /** The service of lines of text that name none. */
  readonly service?: string | null;
  /** What JSON, which must be whole, may hold in memory together with other bodies. */
  readonly gate: ByteGate;
  /** Told what comes over the line. */
  onBytes(bytes: number): void;
};

/** What `tail -f` sends must not wait for a full chunk: after so long without more it is stored. */
const IDLE_MS_MAX = 50;
/** A body that says to be no longer has an end soon: not cut by the pace of its pieces, a chunk of it is stored whole or not. */
const SHORT_BYTES_MAX = 4 * 1024 * 1024;
const KEY_CHARS_MAX = 200;

/**
 * Takes the events of one request into the journal. Resolves when all that was valid is durable. Throws an AppError when
 * the body cannot be read or stored; the tally then says what had been stored before.
 */
export async function ingestBody(
  request: IngestRequest,
  limits: IngestLimits,
  open: (idempotencyKey: string | undefined, cutsLong: boolean) => EventIntake,
): Promise<void> {
  const type = (request.contentType ?? '').split(';')[0]?.trim().toLowerCase() ?? '';
  // Who sends lines of text has not made them, and can do nothing about one that is too long.
  const intake = open(checkKey(request.idempotencyKey), type === 'text/plain');
  await intake.takeAll(async () => {
    if (type === 'application/x-ndjson' || type === 'application/ndjson' || type === 'application/jsonl') {
      const isShort = Number(request.contentLength ?? Number.NaN) <= SHORT_BYTES_MAX;
      await ingestLines(bytesOf(request, limits.streamBytesMax), intake, isShort);
    } else if (type === 'application/json') {
      await ingestJson(request, limits.jsonBytesMax, intake);
    } else if (type === 'text/plain') {
      await ingestText(bytesOf(request, limits.streamBytesMax), intake, request.service || undefined);
    } else {
      const got = type ? `"${type.slice(0, 60)}"` : 'none';
      throw new AppError(
        'unsupported-media-type',
        `expected Content-Type application/json, application/x-ndjson or text/plain, got ${got}`,
      );
    }
  });
}

function bytesOf(request: IngestRequest, bytesMax: number): AsyncGenerator<Buffer> {
  if (Number(request.contentLength ?? 0) > bytesMax) {
    throw new AppError('body-too-large', `expected a body of at most ${bytesMax} bytes, got ${request.contentLength}`);
  }
  return bodyBytes(request.body, encodingOf(request.contentEncoding), bytesMax, request.onBytes);
}

function checkKey(key: string | null): string | undefined {
  if (key === null || key === '') return undefined;
  if (key.length <= KEY_CHARS_MAX) return key;
  throw new AppError('bad-request', `Idempotency-Key: expected at most ${KEY_CHARS_MAX} characters, got ${key.length}`);
}

async function ingestJson(request: IngestRequest, bytesMax: number, intake: EventIntake): Promise<void> {
  const { body, release } = await readWhole({
    body: request.body,
    encoding: encodingOf(request.contentEncoding),
    contentLength: Number(request.contentLength ?? 0),
    bytesMax,
    gate: request.gate,
    onBytes: request.onBytes,
  });
  try {
    const parsed = parseJson(body);
    intake.resume(markOf(body));
    intake.arrive();
    for (const input of Array.isArray(parsed) ? (parsed as unknown[]) : [parsed]) await intake.take(input);
  } finally {
    release();
  }
}

function parseJson(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString('utf8').replace(/^\ufeff/, ''));
  } catch (error) {
    throw new AppError('bad-request', `the body is not valid JSON: ${(error as Error).message}`);
  }
}

async function ingestLines(bytes: AsyncIterable<Buffer>, intake: EventIntake, isShort: boolean): Promise<void> {
  const splitter = new LineSplitter(EVENT_BYTES_MAX);
  let idle: NodeJS.Timeout | undefined;
  try {
    for await (const piece of bytes) {
      clearTimeout(idle);
      intake.arrive();
      for (const line of splitter.feed(piece)) await intake.takeLine(line);
      // A failure is kept by the intake, which throws it at the next line or the end.
      if (!isShort && !intake.isNamed) idle = setTimeout(() => intake.flush().catch(() => undefined), IDLE_MS_MAX);
    }
  } finally {
    clearTimeout(idle);
  }
  for (const line of splitter.end()) await intake.takeLine(line);
}
