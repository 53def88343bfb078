import { createHash } from 'node:crypto';
import type { AppendChain } from '@/lib/core/append-chain.ts';
import { AppError } from '@/lib/core/errors.ts';
import { formatPosition } from '@/lib/core/position.ts';
import type { BodyMark } from '@/lib/ingest/begun-bodies.ts';
import type { EventIntake } from '@/lib/ingest/event-intake.ts';
import { prepareMessage } from '@/lib/wire/proto/event-message.ts';
import type { PublishRequest, PublishResponse } from '@/lib/wire/proto/messages.ts';
import type { Runtime } from '../create-runtime.ts';
import type { Reception } from '../reception.ts';

const KEY_CHARS_MAX = 200;

/** The events of one request on their way into the journal, in two steps: batches are begun in order and end together. */
export class PublishBatch {
  readonly #runtime: Runtime;
  readonly #request: PublishRequest;
  readonly #reception: Reception;
  readonly #intake: EventIntake;
  /** Characters of the events taken: what it holds in memory. */
  chars = 0;

  /**
   * Throws bad-request for a key that is too long, and rate-limited.
   * @param chain the batches of its call: behind one that was refused all are
   */
  constructor(runtime: Runtime, reception: Reception, request: PublishRequest, chain?: AppendChain) {
    this.#runtime = runtime;
    this.#request = request;
    this.#reception = reception;
    try {
      this.#intake = reception.intake({ idempotencyKey: keyOf(request), chain });
    } catch (error) {
      reception.close();
      throw reception.fail(error);
    }
    this.#intake.resume(markOfBatch(request));
  }

  /** Checks the events and hands them to the journal; what goes wrong there is thrown by `finish`. */
  async begin(): Promise<void> {
    const nowMs = Date.now();
    try {
      for (const message of this.#request.events ?? []) {
        const prepared = prepareMessage(message, nowMs);
        if (prepared.ok) this.chars += prepared.event.body.length;
        await this.#intake.takePrepared(prepared);
      }
      await this.#intake.flush();
    } catch {
      // The intake keeps it.
    }
    this.#reception.onBytes(this.chars);
  }

  /** Resolves when all that was valid is durable, or held. Throws an AppError when it cannot be stored. */
  async finish(): Promise<PublishResponse> {
    const { journal } = this.#runtime;
    const { tally } = this.#reception;
    try {
      await this.#intake.finish();
    } catch (error) {
      throw this.#reception.fail(error);
    } finally {
      this.#reception.close();
    }
    const { accepted, rejected, first, last, errors } = tally.answer((seq) => formatPosition(journal.epoch, seq));
    return {
      ...{ accepted, rejected, first: first ?? '', last: last ?? '', durable: !tally.isHeld },
      errors: errors.map(({ line, error }) => ({ index: line - 1, error })),
    };
  }
}

function keyOf({ idempotencyKey = '' }: PublishRequest): string | undefined {
  if (idempotencyKey.length <= KEY_CHARS_MAX) return idempotencyKey || undefined;
  const says = `expected at most ${KEY_CHARS_MAX} characters, got ${idempotencyKey.length}`;
  throw new AppError('bad-request', `idempotency_key: ${says}`);
}

/** Its bytes are gone when it comes here. */
function markOfBatch({ events = [] }: PublishRequest): BodyMark {
  return { size: events.length, digest: () => createHash('sha256').update(JSON.stringify(events)).digest('base64url') };
}
