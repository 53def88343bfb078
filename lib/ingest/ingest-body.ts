import { AppError } from '@/lib/core/errors.ts';
import { EVENT_BYTES_MAX } from '@/lib/core/event.ts';
import { type PreparedEvent, prepareEvent } from '@/lib/core/prepared-event.ts';
import { bodyBytes } from './body-bytes.ts';
import { CHUNK_LIMITS, ChunkAppender } from './chunk-appender.ts';
import type { IngestTally } from './ingest-tally.ts';
import { type Line, LineSplitter } from './line-splitter.ts';
import type { EventSink } from './named-appends.ts';

export type IngestLimits = { readonly jsonBytesMax: number; readonly streamBytesMax: number };

export type IngestRequest = {
  readonly body: ReadableStream<Uint8Array> | null;
  readonly contentType: string | null;
  readonly contentEncoding: string | null;
  readonly contentLength: string | null;
  readonly idempotencyKey: string | null;
};

/** Parsing a line takes about 10 µs: after so many the event loop gets a turn. */
const LINES_PER_TURN = 100;
/** What `tail -f` sends must not wait for a full chunk: after so long without more it is stored. */
const IDLE_MS_MAX = 50;
const KEY_CHARS_MAX = 200;

/**
 * Takes the events of one request into the journal. Resolves when all that was valid is durable. Throws an AppError when
 * the body cannot be read or stored; `tally` then says what had been stored before.
 */
export async function ingestBody(
  request: IngestRequest,
  sink: EventSink,
  limits: IngestLimits,
  tally: IngestTally,
  nowMs: () => number,
): Promise<void> {
  const type = (request.contentType ?? '').split(';')[0]?.trim().toLowerCase() ?? '';
  const appender = new ChunkAppender(sink, tally, checkKey(request.idempotencyKey));
  try {
    if (type === 'application/x-ndjson' || type === 'application/ndjson' || type === 'application/jsonl') {
      await ingestLines(bytesOf(request, limits.streamBytesMax), appender, tally, nowMs);
    } else if (type === 'application/json') {
      await ingestJson(bytesOf(request, limits.jsonBytesMax), appender, tally, nowMs);
    } else {
      const got = type ? `"${type.slice(0, 60)}"` : 'none';
      throw new AppError(
        'unsupported-media-type',
        `expected Content-Type application/json or application/x-ndjson, got ${got}`,
      );
    }
  } finally {
    // Also after a failure: what is on its way is stored, and has to be counted in the answer.
    await appender.settle();
  }
  await appender.finish();
}

function bytesOf(request: IngestRequest, bytesMax: number): AsyncGenerator<Buffer> {
  if (Number(request.contentLength ?? 0) > bytesMax) {
    throw new AppError('body-too-large', `expected a body of at most ${bytesMax} bytes, got ${request.contentLength}`);
  }
  return bodyBytes(request.body, request.contentEncoding, bytesMax);
}

function checkKey(key: string | null): string | undefined {
  if (key === null || key === '') return undefined;
  if (key.length <= KEY_CHARS_MAX) return key;
  throw new AppError('bad-request', `Idempotency-Key: expected at most ${KEY_CHARS_MAX} characters, got ${key.length}`);
}

async function ingestJson(
  bytes: AsyncIterable<Buffer>,
  appender: ChunkAppender,
  tally: IngestTally,
  nowMs: () => number,
): Promise<void> {
  const pieces: Buffer[] = [];
  for await (const piece of bytes) pieces.push(piece);
  let parsed: unknown;
  try {
    parsed = JSON.parse(
      Buffer.concat(pieces)
        .toString('utf8')
        .replace(/^\ufeff/, ''),
    );
  } catch (error) {
    throw new AppError('bad-request', `the body is not valid JSON: ${(error as Error).message}`);
  }
  const chunks = new EventChunks(appender, tally, nowMs);
  chunks.arrive();
  for (const input of Array.isArray(parsed) ? (parsed as unknown[]) : [parsed]) await chunks.take(input);
  await chunks.flush();
}

async function ingestLines(
  bytes: AsyncIterable<Buffer>,
  appender: ChunkAppender,
  tally: IngestTally,
  nowMs: () => number,
): Promise<void> {
  const splitter = new LineSplitter(EVENT_BYTES_MAX);
  const chunks = new EventChunks(appender, tally, nowMs);
  let idle: NodeJS.Timeout | undefined;
  try {
    for await (const piece of bytes) {
      clearTimeout(idle);
      chunks.arrive();
      for (const line of splitter.feed(piece)) await chunks.takeLine(line);
      // A failure is kept by the appender, which throws it at the next line or the end.
      if (!appender.isNamed) idle = setTimeout(() => chunks.flush().catch(() => undefined), IDLE_MS_MAX);
    }
  } finally {
    clearTimeout(idle);
  }
  for (const line of splitter.end()) await chunks.takeLine(line);
  await chunks.flush();
}

/** Gathers valid events into chunks and counts the others, giving the event loop a turn in between. */
class EventChunks {
  readonly #appender: ChunkAppender;
  readonly #tally: IngestTally;
  readonly #nowMs: () => number;
  #events: PreparedEvent[] = [];
  #chars = 0;
  #line = 0;
  #arrivedMs = 0;

  constructor(appender: ChunkAppender, tally: IngestTally, nowMs: () => number) {
    this.#appender = appender;
    this.#tally = tally;
    this.#nowMs = nowMs;
  }

  /** What comes now arrives together: asking the clock for each line would cost a tenth of parsing it. */
  arrive(): void {
    this.#arrivedMs = this.#nowMs();
  }

  /** Returns a promise only when there is something to wait for: awaiting each line would cost more than parsing it. */
  takeLine(line: Line): Promise<void> | undefined {
    if (line === null) {
      this.#line += 1;
      this.#tally.reject(this.#line, `expected a line of at most ${EVENT_BYTES_MAX} bytes`);
      return undefined;
    }
    if (line.trim() === '') {
      this.#line += 1;
      return undefined;
    }
    let input: unknown;
    try {
      input = JSON.parse(line);
    } catch (error) {
      this.#line += 1;
      this.#tally.reject(this.#line, `not valid JSON: ${(error as Error).message}`);
      return undefined;
    }
    return this.take(input);
  }

  take(input: unknown): Promise<void> | undefined {
    this.#line += 1;
    const prepared = prepareEvent(input, this.#arrivedMs);
    if (prepared.ok) this.#keep(prepared.event);
    else this.#tally.reject(this.#line, prepared.error);
    if (this.#events.length >= CHUNK_LIMITS.eventsMax || this.#chars >= CHUNK_LIMITS.charsMax) return this.flush();
    if (this.#line % LINES_PER_TURN === 0) return new Promise((resolve) => setImmediate(resolve));
    return undefined;
  }

  #keep(event: PreparedEvent): void {
    this.#events.push(event);
    this.#chars += event.body.length;
  }

  flush(): Promise<void> {
    const events = this.#events;
    this.#events = [];
    this.#chars = 0;
    return this.#appender.add(events);
  }
}
