import { createHash } from 'node:crypto';
import type { PreparedEvent } from '@/lib/core/prepared-event.ts';
import type { IngestTally } from './ingest-tally.ts';
import type { EventSink, Placed } from './named-appends.ts';

/** Chunks on their way to the disk at once: enough to keep it busy, few enough to bound memory. */
const IN_FLIGHT_MAX = 4;

/**
 * Sends chunks of valid events to the journal, a few at a time, and waits when the disk is behind: that is how a
 * streamed body is held back. With an Idempotency-Key a chunk that is stored already is counted, not stored again.
 */
export class ChunkAppender {
  readonly #sink: EventSink;
  readonly #tally: IngestTally;
  readonly #idempotencyKey: string | undefined;
  readonly #bodyDigest: string | undefined;
  readonly #inFlight = new Set<Promise<void>>();
  #failure: unknown;
  #index = 0;

  /** @param bodyDigest where the key is made of the body itself: it then stands for its events, which need no other */
  constructor(sink: EventSink, tally: IngestTally, idempotencyKey: string | undefined, bodyDigest?: string) {
    this.#sink = sink;
    this.#tally = tally;
    this.#idempotencyKey = idempotencyKey;
    this.#bodyDigest = bodyDigest;
  }

  /** Under an Idempotency-Key chunks must be cut by their content alone. */
  get isNamed(): boolean {
    return this.#idempotencyKey !== undefined;
  }

  async add(events: readonly PreparedEvent[]): Promise<void> {
    if (events.length === 0) return;
    const index = this.#index++;
    const task = this.#store(events, index).then(
      (placed) => this.#tally.accept(placed),
      (error: unknown) => {
        this.#failure ??= error;
      },
    );
    this.#inFlight.add(task);
    void task.finally(() => this.#inFlight.delete(task));
    if (this.#inFlight.size >= IN_FLIGHT_MAX) await Promise.race(this.#inFlight);
    if (this.#failure) throw this.#failure;
  }

  /** Resolves when everything added has been stored or refused. */
  async settle(): Promise<void> {
    await Promise.all(this.#inFlight);
  }

  /** Resolves when everything added is durable. Rejects with the first failure. */
  async finish(): Promise<void> {
    await this.settle();
    if (this.#failure) throw this.#failure;
  }

  #store(events: readonly PreparedEvent[], index: number): Promise<Placed> {
    if (this.#idempotencyKey === undefined) return this.#sink.append(events);
    const digest = this.#bodyDigest ?? digestOf(events);
    return this.#sink.append(events, { key: `${this.#idempotencyKey}#${index}`, digest });
  }
}

/** Without `time` an event is given the time of its arrival, which differs in a repeat, so times do not count. */
function digestOf(events: readonly PreparedEvent[]): string {
  const hash = createHash('sha256');
  for (const { body } of events) hash.update(body.replace(/"time":"[^"]*"/, '')).update('\n');
  return hash.digest('base64url');
}
