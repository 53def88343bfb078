import type { Filter } from '@/lib/core/filter.ts';
import type { JournalView } from './journal-view.ts';

export type ReadableEvent = { readonly seq: number; readonly kind: string; readonly body: string };

export type JournalPage = {
  /** Matching events in journal order. */
  readonly events: readonly ReadableEvent[];
  /** Everything up to here has been judged; the reader's cursor goes here. */
  readonly scannedTo: number;
  /** Above `after + 1` when retention has removed what the reader wanted next; 0 when nothing can be missing. */
  readonly oldestSeq: number;
};

export type CompiledFilter = {
  readonly filter: Filter;
  readonly matches: (event: { kind: 'log' | 'metric'; rank: number; service: string; body: string }) => boolean;
};

export type PageLimits = { readonly eventsMax: number; readonly bytesMax: number };

/** Judging an entry costs far less than sending one, but a rare filter must not hold the loop either. */
const RING_SCAN_MAX = 20_000;

/**
 * The events after a seq up to another: at once when the ring holds them, else from the history. Rejects as the history
 * does, and with the signal's reason when it is aborted.
 */
export function readAfter(
  journal: JournalView,
  after: number,
  upTo: number,
  filter: CompiledFilter,
  limits: PageLimits,
  signal?: AbortSignal,
): JournalPage | Promise<JournalPage> {
  if (journal.ring.covers(after)) return readRing(journal, after, upTo, filter, limits);
  // What is held is in the ring alone: the history must not be taken to have looked at it.
  const last = Math.min(upTo, journal.durableSeq);
  const query = {
    filter: filter.filter,
    direction: 'forward',
    from: after,
    upTo: last,
    limit: limits.eventsMax,
    bytesMax: limits.bytesMax,
  } as const;
  return journal.store.read(query, signal).then(({ rows, scannedTo, oldestSeq }) => ({
    events: rows,
    scannedTo: Math.min(scannedTo, Math.max(after, last)),
    oldestSeq,
  }));
}

/** Only for a seq that the ring covers. */
export function readRing(
  journal: JournalView,
  after: number,
  upTo: number,
  { matches }: CompiledFilter,
  limits: PageLimits,
): JournalPage {
  const events: ReadableEvent[] = [];
  const last = Math.min(upTo, after + RING_SCAN_MAX);
  let bytes = 0;
  let seq = after;
  while (seq < last && events.length < limits.eventsMax && bytes < limits.bytesMax) {
    const entry = journal.ring.get(seq + 1);
    if (!entry) break;
    seq += 1;
    if (!matches(entry)) continue;
    events.push(entry);
    bytes += entry.body.length;
  }
  return { events, scannedTo: seq, oldestSeq: 0 };
}

/**
 * What the ring holds before a seq, newest first: for a first page while the history is away. `scannedTo` is where older
 * ones begin, whether the history has them or not.
 */
export function readRingBackward(
  journal: JournalView,
  before: number,
  { matches }: CompiledFilter,
  limit: number,
): { rows: ReadableEvent[]; scannedTo: number } {
  const rows: ReadableEvent[] = [];
  const oldest = Math.max(journal.ring.oldestSeq ?? before, before - RING_SCAN_MAX);
  let seq = before;
  while (seq > oldest && rows.length < limit) {
    seq -= 1;
    const entry = journal.ring.get(seq);
    if (entry && matches(entry)) rows.push(entry);
  }
  return { rows, scannedTo: seq };
}
