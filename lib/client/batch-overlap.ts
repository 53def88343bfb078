import type { StreamedEvent } from '@/lib/core/event.ts';
import { distance, reaches } from './cursor.ts';
import type { Notice, StreamBatch } from './stream-batch.ts';

/** How a reader at some cursor goes on with a batch: what is new to it, and where it stands before the events. */
export type Continuation = { readonly cursor: string; readonly notices: readonly Notice[] };

/**
 * Undefined when the batch begins after the cursor: a hole. A reader that stands behind a gap or in the new journal
 * already goes on without the notice of it.
 */
export function continueAt(cursor: string, batch: StreamBatch): Continuation | undefined {
  let at = cursor;
  let joined = reaches(batch.fromCursor, cursor);
  const notices = batch.notices.filter((notice) => {
    if (notice.kind === 'caught-up') return true;
    const beyond = distance(notice.gap.to, at);
    // "future": the journal has gone back behind the cursor, so to be ahead of it means to be in the old one.
    const known = beyond !== undefined && (notice.gap.reason === 'future' ? beyond === 0 : beyond >= 0);
    joined ||= beyond !== undefined && beyond >= 0;
    if (!known) at = notice.gap.to;
    return !known;
  });
  return joined ? { cursor: at, notices } : undefined;
}

/** The events after a cursor, of a batch whose notices have been taken into account. */
export function eventsAfter(cursor: string, events: readonly StreamedEvent[]): readonly StreamedEvent[] {
  const known = (event: StreamedEvent) => reaches(event.position, cursor);
  const first = events[0];
  if (first === undefined || !known(first)) return events;
  const index = events.findIndex((event) => !known(event));
  return index < 0 ? [] : events.slice(index);
}

/** The later of a reader's cursor and a batch's end. */
export function later(cursor: string, toCursor: string): string {
  return (distance(cursor, toCursor) ?? 1) > 0 ? toCursor : cursor;
}
