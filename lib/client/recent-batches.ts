import { distance, reaches } from './cursor.ts';
import type { StreamBatch } from './stream-batch.ts';
import type { TabNeed } from './tab-protocol.ts';
import { covers } from './view-set.ts';

export const RECENT_EVENTS_MAX = 5_000;
export const RECENT_BATCHES_MAX = 1_000;

/**
 * The newest batches of the running stream. A page is a moment older than the stream, so nearly every view that opens
 * lacks a few events: with these at hand the stream need not begin anew for it, nor every badge flicker.
 */
export class RecentBatches {
  #batches: StreamBatch[] = [];
  #events = 0;

  clear(): void {
    this.#batches = [];
    this.#events = 0;
  }

  remember(batch: StreamBatch): void {
    // Behind a gap or in another journal, what came before leads nowhere.
    if (batch.notices.some((notice) => notice.kind !== 'caught-up')) {
      this.clear();
      return;
    }
    this.#batches.push(batch.notices.length === 0 ? batch : { ...batch, notices: [] });
    this.#events += batch.events.length;
    let first = 0;
    while (this.#events > RECENT_EVENTS_MAX || this.#batches.length - first > RECENT_BATCHES_MAX) {
      this.#events -= this.#batches[first]?.events.length ?? 0;
      first += 1;
    }
    if (first > 0) this.#batches.splice(0, first);
  }

  /** The batches that bring a need up to now; none when they do not reach back far enough, or are too narrow. */
  since({ cursor, filter }: TabNeed): readonly StreamBatch[] {
    const index = this.#batches.findIndex((batch) => (distance(cursor, batch.toCursor) ?? 0) > 0);
    const first = this.#batches[index];
    if (!first || !reaches(first.fromCursor, cursor) || !covers(first.filter, filter)) return [];
    return this.#batches.slice(index);
  }
}
