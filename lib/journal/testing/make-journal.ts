import { MemoryHistory } from '@/lib/history/testing/memory-history.ts';
import { Journal, type JournalOptions } from '../journal.ts';

export class ManualClock {
  ms = Date.UTC(2026, 0, 1);
  readonly now = (): number => this.ms;
}

/** A real journal over a history in memory; open it first. */
export function makeJournal(options: Partial<JournalOptions> & { store?: MemoryHistory } = {}) {
  const store = options.store ?? new MemoryHistory();
  const clock = new ManualClock();
  const journal = new Journal({
    clock,
    ring: { eventsMax: 1000, bytesMax: 1e6 },
    pendingEventsMax: 1000,
    pendingBytesMax: 1e6,
    batchEventsMax: 100,
    commitIntervalMs: 0,
    seriesMax: 100,
    ...options,
    store,
  });
  return { store, clock, journal };
}
