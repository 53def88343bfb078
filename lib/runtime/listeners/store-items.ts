import type { SourceEvent } from '@/lib/core/source.ts';
import { Refused } from '@/lib/ingest/http-protocol.ts';
import type { Reception } from '../reception.ts';
import type { Turn } from '../turns.ts';

/** What a parser gives: an event, or why there is none. */
export type Item = SourceEvent | Refused;

/**
 * Stores items in their order. Resolves when all that were valid are durable, or held; rejects with the first failure.
 * @param turn among those that came by the same line; done when all items are on their way
 */
export async function storeItems(
  items: Iterable<Item>,
  reception: Reception,
  idempotencyKey: string | undefined,
  turn?: Turn,
): Promise<void> {
  const intake = reception.intake({ idempotencyKey, cutsLong: true });
  const feed = async (): Promise<void> => {
    await turn?.comes;
    for (const item of items) {
      const wait = item instanceof Refused ? intake.refuse(item.says, item.count) : intake.take(item);
      if (wait) await wait;
    }
  };
  await intake.takeAll(feed, turn?.done);
}

/** Items that can be counted when storing them has failed in the middle. */
export class CountedItems implements Iterable<Item> {
  readonly #items: Iterator<Item>;
  #count = 0;

  constructor(items: Iterable<Item>) {
    this.#items = items[Symbol.iterator]();
  }

  /** Without `return`: leaving a loop early does not end what is iterated. */
  [Symbol.iterator](): Iterator<Item> {
    return { next: () => this.#next() };
  }

  /** Of all, also of those that nobody has asked for. */
  total(): number {
    while (!this.#next().done);
    return this.#count;
  }

  #next(): IteratorResult<Item> {
    const next = this.#items.next();
    if (!next.done) this.#count += 1;
    return next;
  }
}
