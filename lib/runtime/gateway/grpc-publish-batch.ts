import { AppError, ERROR_STATUS, isAppError } from '@/lib/core/errors.ts';
import { formatPosition } from '@/lib/core/position.ts';
import type { PreparedEvent } from '@/lib/core/prepared-event.ts';
import { CHUNK_LIMITS, ChunkAppender } from '@/lib/ingest/chunk-appender.ts';
import { IngestTally } from '@/lib/ingest/ingest-tally.ts';
import type { EventSink } from '@/lib/ingest/named-appends.ts';
import { prepareMessage } from '@/lib/wire/proto/event-message.ts';
import type { PublishRequest, PublishResponse } from '@/lib/wire/proto/messages.ts';
import type { Runtime } from '../create-runtime.ts';

/** Checking an event takes about 10 µs: after so many the event loop gets a turn. */
const EVENTS_PER_TURN = 100;
const KEY_CHARS_MAX = 200;

/** The events of one request on their way into the journal, in two steps: batches are begun in order and end together. */
export class PublishBatch {
  readonly #runtime: Runtime;
  readonly #request: PublishRequest;
  readonly #tally = new IngestTally();
  readonly #appender: ChunkAppender;
  /** Characters of the events taken: what it holds in memory. */
  chars = 0;

  /** Throws bad-request for a key that is too long. */
  constructor(runtime: Runtime, sink: EventSink, request: PublishRequest) {
    const { idempotencyKey = '' } = request;
    if (idempotencyKey.length > KEY_CHARS_MAX) {
      const says = `expected at most ${KEY_CHARS_MAX} characters, got ${idempotencyKey.length}`;
      throw new AppError('bad-request', `idempotency_key: ${says}`);
    }
    this.#runtime = runtime;
    this.#request = request;
    this.#appender = new ChunkAppender(sink, this.#tally, idempotencyKey || undefined);
  }

  /** Checks the events and hands them to the journal; what goes wrong there is thrown by `finish`. */
  async begin(): Promise<void> {
    const nowMs = Date.now();
    let chunk: PreparedEvent[] = [];
    let chars = 0;
    const append = (): Promise<void> => {
      const events = chunk;
      [chunk, chars] = [[], 0];
      return this.#appender.add(events).catch(() => undefined);
    };
    for (const [index, message] of (this.#request.events ?? []).entries()) {
      const prepared = prepareMessage(message, nowMs);
      if (prepared.ok) {
        chunk.push(prepared.event);
        chars += prepared.event.body.length;
        this.chars += prepared.event.body.length;
      } else this.#tally.reject(index + 1, prepared.error);
      if (chunk.length >= CHUNK_LIMITS.eventsMax || chars >= CHUNK_LIMITS.charsMax) await append();
      if ((index + 1) % EVENTS_PER_TURN === 0) await new Promise((resolve) => setImmediate(resolve));
    }
    await append();
  }

  /** Resolves when all that was valid is durable, or held. Throws an AppError when it cannot be stored. */
  async finish(): Promise<PublishResponse> {
    const { ingestTotals, journal, log } = this.#runtime;
    try {
      await this.#appender.finish();
    } catch (error) {
      log.warn({ err: error, journal: false }, 'publishing failed');
      if (!isAppError(error) || ERROR_STATUS[error.code] >= 500) ingestTotals.failed += 1;
      throw error;
    } finally {
      ingestTotals.add(this.#tally);
    }
    const { accepted, rejected, first, last, errors } = this.#tally.answer((seq) => formatPosition(journal.epoch, seq));
    return {
      ...{ accepted, rejected, first: first ?? '', last: last ?? '', durable: !this.#tally.isHeld },
      errors: errors.map(({ line, error }) => ({ index: line - 1, error })),
    };
  }
}
