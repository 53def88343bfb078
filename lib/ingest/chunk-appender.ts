import { createHash } from 'node:crypto';
import type { AppendChain } from '@/lib/core/append-chain.ts';
import type { PreparedEvent } from '@/lib/core/prepared-event.ts';
import type { Begun } from './begun-bodies.ts';
import type { IngestTally } from './ingest-tally.ts';
import type { EventSink, Placed } from './named-appends.ts';

/** Chunks on their way to the disk at once: enough to keep it busy, few enough to bound memory. */
const IN_FLIGHT_MAX = 4;

export type AppenderOptions = {
  readonly sink: EventSink;
  readonly tally: IngestTally;
  readonly idempotencyKey?: string | undefined;
  /** Where the key is made of the body: a repeat of it is known by that alone, whatever its events have become. */
  readonly bodyDigest?: string | undefined;
  /** What else belongs behind each other with these chunks; absent: they alone. */
  readonly chain?: AppendChain | undefined;
};

type Chunk = { readonly items: number; placed?: Placed };

/**
 * Sends chunks of valid events to the journal, a few at a time, and waits when the disk is behind: that is how a
 * streamed body is held back. What is stored is always a beginning: behind a chunk that was refused all are. With an
 * Idempotency-Key a chunk that is stored already is counted, not stored again.
 */
export class ChunkAppender {
  readonly #options: AppenderOptions;
  readonly #chain: AppendChain;
  readonly #inFlight = new Set<Promise<void>>();
  /** In their order, those at whose turn nothing is known yet. */
  readonly #chunks: Chunk[] = [];
  #begun: Begun | undefined;
  #failure: unknown;
  #index = 0;

  constructor(options: AppenderOptions) {
    this.#options = options;
    this.#chain = options.chain ?? {};
  }

  /** Under an Idempotency-Key chunks must be cut by their content alone. */
  get isNamed(): boolean {
    return this.#options.idempotencyKey !== undefined;
  }

  /** How far what was added is stored without a hole; undefined: not at all. */
  get begun(): Begun | undefined {
    return this.#begun;
  }

  /** What comes goes on behind this. */
  resume(begun: Begun): void {
    this.#begun = begun;
  }

  /** @param items of the body, up to the end of this chunk */
  async add(events: readonly PreparedEvent[], items: number): Promise<void> {
    if (events.length === 0) return;
    const index = this.#index++;
    const chunk: Chunk = { items };
    this.#chunks.push(chunk);
    const task = this.#store(events, index).then(
      (placed) => {
        this.#options.tally.accept(placed);
        chunk.placed = placed;
        this.#advance();
      },
      (error: unknown) => {
        this.#failure ??= error;
        this.#chain.failure ??= error;
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

  #advance(): void {
    for (let [first] = this.#chunks; first?.placed; [first] = this.#chunks) {
      this.#chunks.shift();
      const { items, placed } = first;
      this.#begun = { items, placed: { ...placed, firstSeq: this.#begun?.placed.firstSeq ?? placed.firstSeq } };
    }
  }

  #store(events: readonly PreparedEvent[], index: number): Promise<Placed> {
    const { sink, idempotencyKey, bodyDigest } = this.#options;
    if (idempotencyKey === undefined) return sink.append(events, undefined, this.#chain);
    const digest = bodyDigest ?? digestOf(events);
    return sink.append(events, { key: `${idempotencyKey}#${index}`, digest }, this.#chain);
  }
}

/** Without `time` an event is given the time of its arrival, which differs in a repeat, so times do not count. */
function digestOf(events: readonly PreparedEvent[]): string {
  const hash = createHash('sha256');
  for (const { body } of events) hash.update(body.replace(/"time":"[^"]*"/, '')).update('\n');
  return hash.digest('base64url');
}
