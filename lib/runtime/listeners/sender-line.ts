import type { ResourceOwner } from '@/lib/core/ledger.ts';
import type { Cancellation } from '@/lib/stream/cancellation.ts';
import type { Reception } from '../reception.ts';
import type { Turn } from '../turns.ts';
import { admitPatiently } from './admit-patiently.ts';
import type { DoorLog } from './door-log.ts';
import type { GatherBeat } from './gather-beat.ts';
import type { QueueRoom } from './queue-room.ts';
import { CountedItems, type Item, storeItems } from './store-items.ts';

/** A batch is no larger, so that its sender's tally moves on and a failure is about few. */
const BATCH_EVENTS_MAX = 4000;
/** What an event takes in memory beside its text, about. */
const EVENT_BYTES = 300;
const LOST_AT_END = 'the server ended, or failed, before these messages were stored; they are lost';

export type LineParts = {
  readonly reception: Reception;
  readonly owner: ResourceOwner;
  readonly cancellation: Cancellation;
  readonly room: QueueRoom;
  readonly beat: GatherBeat;
  readonly log: DoorLog;
  /** Waiting to be stored, at most; beyond it the line is full. */
  readonly bytesMax: number;
  readonly onEnd: () => void;
};

/**
 * What one sender has sent and what is not stored yet, in its order: a bounded queue that is emptied in batches, one at a
 * time. Whoever fills it looks at `isFull`: a connection is then not read, a datagram is given up and counted.
 */
export class SenderLine {
  readonly reception: Reception;
  readonly #parts: LineParts;
  #items: Item[] = [];
  #sizes: number[] = [];
  #bytes = 0;
  #lost: { says: string; count: number } | undefined;
  #isAwaited = false;
  #running: Promise<void> | undefined;
  #admission: Promise<void> | undefined;
  #ended: Promise<void> | undefined;
  lastMs = 0;

  constructor(parts: LineParts) {
    this.#parts = parts;
    this.reception = parts.reception;
    parts.owner.acquire('listener');
  }

  get address(): string {
    return this.reception.sender.id.address;
  }
  get isFull(): boolean {
    return this.#bytes >= this.#parts.bytesMax || (this.#bytes > 0 && this.#parts.room.isFull);
  }
  get isIdle(): boolean {
    return this.#items.length === 0 && !this.#running;
  }

  /** @param bytes as it came; of the memory that it holds the larger part */
  push(item: Item, bytes: number): void {
    const size = bytes + EVENT_BYTES;
    this.#items.push(item);
    this.#sizes.push(size);
    this.#bytes += size;
    this.#parts.room.take(size);
    this.#wake();
  }

  /** Counts what was given up. */
  lose(says: string, count = 1): void {
    if (this.#lost && this.#lost.says !== says) this.#tellLost(this.reception);
    this.#lost = { says, count: (this.#lost?.count ?? 0) + count };
    this.#parts.log.note(says, count, this.address);
  }

  /** undefined while there is room; else a promise of it. */
  whenRoom(): Promise<void> | undefined {
    return this.isFull ? this.#parts.room.until(() => !this.isFull) : undefined;
  }

  /** Once, before anything is stored: a sender in debt waits. */
  admit(): Promise<void> {
    const { owner, cancellation } = this.#parts;
    this.#admission ??= admitPatiently(this.reception, owner, cancellation);
    return this.#admission;
  }

  /** Past the queue, for what comes in batches of its own. Rejects when not all could be stored; the rest is counted as lost. */
  async storeNow(items: Iterable<Item>, reception: Reception, turn?: Turn): Promise<void> {
    const { tally } = reception;
    const before = tally.rejected;
    const counted = new CountedItems(items);
    try {
      await storeItems(counted, reception, undefined, turn);
    } catch (error) {
      const lost = counted.total() - tally.accepted - (tally.rejected - before);
      if (lost > 0) this.lose(LOST_AT_END, lost);
      throw error;
    }
  }

  /** Resolves when all that was pushed is stored, or given up. */
  async settled(): Promise<void> {
    if (this.#items.length > 0) this.#start();
    await this.#running;
  }

  /** Nothing more comes. What waits is stored all the same; resolves when it is, and nothing is held any more. */
  end(): Promise<void> {
    this.#ended ??= this.settled().then(() => {
      const { owner, onEnd } = this.#parts;
      this.#tellLost(this.reception);
      this.reception.close();
      owner.release('listener');
      owner.close();
      onEnd();
    });
    return this.#ended;
  }

  #wake(): void {
    if (this.#running) return;
    if (this.#items.length >= BATCH_EVENTS_MAX) this.#start();
    else if (!this.#isAwaited) {
      this.#isAwaited = true;
      this.#parts.beat.await(() => {
        this.#isAwaited = false;
        this.#start();
      });
    }
  }

  #start(): void {
    if (this.#items.length === 0) return;
    this.#running ??= this.#storeAll().finally(() => {
      this.#running = undefined;
      if (this.#items.length > 0) this.#wake();
    });
  }

  async #storeAll(): Promise<void> {
    while (this.#items.length > 0) {
      await this.admit();
      const items = this.#items.splice(0, BATCH_EVENTS_MAX);
      const bytes = this.#sizes.splice(0, items.length).reduce((sum, size) => sum + size, 0);
      await this.#store(items);
      this.#bytes -= bytes;
      this.#parts.room.release(bytes);
    }
  }

  async #store(items: readonly Item[]): Promise<void> {
    const reception = this.reception.again();
    this.#tellLost(reception);
    try {
      await this.storeNow(items, reception);
    } catch (error) {
      reception.fail(error);
    } finally {
      reception.close();
    }
  }

  #tellLost({ tally }: Reception): void {
    if (this.#lost) tally.reject(0, this.#lost.says, this.#lost.count);
    this.#lost = undefined;
  }
}
