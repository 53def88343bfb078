import { AppError, isAppError } from '@/lib/core/errors.ts';
import type { PlacedEvent, TailraceEvent } from '@/lib/core/event.ts';
import { compileFilter, type Filter } from '@/lib/core/filter.ts';
import { formatPosition, parsePosition } from '@/lib/core/position.ts';
import { readRingBackward } from '@/lib/journal/journal-reader.ts';
import type { JournalView } from '@/lib/journal/journal-view.ts';
import type { HistoryPage } from '@/lib/wire/pages.ts';

export type EventsQuery = {
  readonly filter: Filter;
  readonly limit: number;
  /** Exclusive; without `before` and `after` the newest page is read. */
  readonly before?: string | undefined;
  readonly after?: string | undefined;
};

export const PAGE_EVENTS_MAX = 5000;

/**
 * A page of history, in journal order; what is held and not stored yet is not in it, the stream that goes on from `head`
 * brings it. Throws bad-request for a position that is none or of another journal.
 */
export async function readEvents(journal: JournalView, query: EventsQuery, signal?: AbortSignal): Promise<HistoryPage> {
  const headSeq = journal.durableSeq;
  const limit = Math.min(Math.max(1, query.limit), PAGE_EVENTS_MAX);
  const at = (seq: number): string => formatPosition(journal.epoch, seq);
  if (query.after !== undefined) {
    const after = seqIn(journal, 'after', query.after);
    const { rows, scannedTo } = await readForward(journal, { ...query, limit }, after, headSeq, signal);
    return { events: rows.map(toEvent(at)), head: at(headSeq), before: at(after + 1), after: at(scannedTo) };
  }
  const from = query.before === undefined ? headSeq + 1 : Math.min(seqIn(journal, 'before', query.before), headSeq + 1);
  const { rows, scannedTo, oldestSeq } = await readBackward(journal, query.filter, from, limit, signal);
  return {
    events: rows.reverse().map(toEvent(at)),
    head: at(headSeq),
    before: scannedTo > oldestSeq ? at(scannedTo) : null,
    after: at(from - 1),
  };
}

/** From the history; while that is away, what the ring holds of it: whoever opens the page now sees the newest lines. */
async function readBackward(
  journal: JournalView,
  filter: Filter,
  from: number,
  limit: number,
  signal: AbortSignal | undefined,
) {
  try {
    return await journal.store.read({ filter, direction: 'backward', from, limit }, signal);
  } catch (error) {
    const oldestSeq = journal.ring.oldestSeq ?? Number.POSITIVE_INFINITY;
    if (!isAppError(error) || error.code !== 'storage-unavailable' || from <= oldestSeq) throw error;
    const held = readRingBackward(journal, from, { filter, matches: compileFilter(filter) }, limit);
    return { ...held, oldestSeq: journal.oldestSeq };
  }
}

/** The store reads one window at a time going forward; a page goes on until it is full or the head is reached. */
async function readForward(
  journal: JournalView,
  { filter, limit }: EventsQuery,
  after: number,
  upTo: number,
  signal: AbortSignal | undefined,
) {
  const rows: { seq: number; body: string }[] = [];
  let scannedTo = after;
  const deadlineMs = performance.now() + 1500;
  while (scannedTo < upTo && rows.length < limit && performance.now() < deadlineMs) {
    const rest = { filter, direction: 'forward', from: scannedTo, upTo, limit: limit - rows.length } as const;
    const found = await journal.store.read(rest, signal);
    rows.push(...found.rows);
    if (found.scannedTo <= scannedTo) break;
    scannedTo = found.scannedTo;
  }
  return { rows, scannedTo };
}

function toEvent(at: (seq: number) => string) {
  return ({ seq, body }: { seq: number; body: string }): PlacedEvent => ({
    ...(JSON.parse(body) as TailraceEvent),
    position: at(seq),
  });
}

function seqIn(journal: JournalView, parameter: string, text: string): number {
  const position = parsePosition(text);
  if (!position) {
    throw new AppError(
      'bad-request',
      `${parameter}: expected a position such as "Ab3dE6gH.42", got ${JSON.stringify(text.slice(0, 60))}`,
    );
  }
  if (position.epoch === journal.epoch) return position.seq;
  // Up to where the epoch ended its positions name the same events as those of the present one.
  if (position.epoch === journal.parent?.epoch && position.seq <= journal.parent.seq) return position.seq;
  throw new AppError(
    'bad-request',
    `${parameter}: this position is of another journal than the present one, ${journal.epoch}; read the newest page instead`,
  );
}
