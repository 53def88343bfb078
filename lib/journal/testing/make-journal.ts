import type { CircuitBreaker } from '@/lib/core/circuit-breaker.ts';
import { GuardedHistory } from '@/lib/history/guarded-history.ts';
import type { HistoryStore } from '@/lib/history/history-port.ts';
import type { HoldMarker } from '@/lib/history/hold-marker.ts';
import { MemoryHistory } from '@/lib/history/testing/memory-history.ts';
import { Journal, type JournalOptions } from '../journal.ts';

export class ManualClock {
  ms = Date.UTC(2026, 0, 1);
  readonly now = (): number => this.ms;
}

/** A real journal over a history in memory; open it first. */
export function makeJournal(options: Partial<Omit<JournalOptions, 'store'>> & { store?: MemoryHistory } = {}) {
  const store = options.store ?? new MemoryHistory();
  const clock = new ManualClock();
  return { store, clock, journal: journalOver(store, clock, options) };
}

export function journalOver(
  store: HistoryStore,
  clock: ManualClock,
  options: Partial<Omit<JournalOptions, 'store'>>,
): Journal {
  return new Journal({
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
}

/** A marker in memory that can be as full as a disk. */
export class MemoryMarker implements HoldMarker {
  word: string | undefined;
  isFull = false;
  sets = 0;

  read(): Promise<string | undefined> {
    return Promise.resolve(this.word);
  }
  prepare(): Promise<void> {
    return this.clear();
  }
  async set(epoch: string): Promise<void> {
    if (this.isFull) throw new Error('no space left on device');
    this.word = epoch;
    this.sets += 1;
  }
  async clear(): Promise<void> {
    if (this.isFull) throw new Error('no space left on device');
    this.word = undefined;
  }
  close(): Promise<void> {
    return Promise.resolve();
  }
}

type HoldingOptions = Partial<Omit<JournalOptions, 'store' | 'hold'>> & {
  store?: MemoryHistory;
  marker?: MemoryMarker;
  eventsMax?: number;
  timeoutMs?: number;
};

/** A journal that holds events while its history is away; open it first. The breaker cools down in 20 ms. */
export function makeHoldingJournal({ eventsMax = 500, timeoutMs = 200, ...options }: HoldingOptions = {}) {
  const store = options.store ?? new MemoryHistory();
  const marker = options.marker ?? new MemoryMarker();
  const clock = new ManualClock();
  const errors: unknown[] = [];
  const guarded = new GuardedHistory(store, {
    slowMs: 10_000,
    timeoutMs,
    cooldownMs: 20,
    now: () => performance.now(),
  });
  const hold = { eventsMax, breaker: guarded.breaker, marker, onError: (error: unknown) => errors.push(error) };
  return { store, marker, clock, errors, guarded, journal: journalOver(guarded, clock, { ...options, hold }) };
}

/** Opens a breaker as failing calls do. */
export function trip(breaker: CircuitBreaker): void {
  while (breaker.state === 'closed') {
    const permit = breaker.tryCall();
    if (permit) breaker.settle(permit, 'failed', new Error('tripped'));
  }
}
