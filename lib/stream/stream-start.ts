import { AppError } from '@/lib/core/errors.ts';
import { parseAgeMs, parseTimeMs } from '@/lib/core/event-time.ts';
import { type Position, parsePosition } from '@/lib/core/position.ts';
import type { JournalView } from '@/lib/journal/journal-view.ts';
import type { GapReason, StreamState } from '@/lib/wire/frames.ts';

/** Where a client asks its stream to begin. */
export type StreamStart =
  | { readonly kind: 'now' }
  | { readonly kind: 'position'; readonly position: Position }
  | { readonly kind: 'time'; readonly timeMs: number }
  /** A cursor that is none: told in the first frame, since an error status would end a native EventSource for good. */
  | { readonly kind: 'malformed' };

/** Where it begins in truth: after `afterSeq`, and how that continues what the client has. */
export type ResolvedStart = {
  readonly afterSeq: number;
  readonly state: StreamState;
  readonly missed?: number;
  readonly reason?: GapReason;
};

/** Reads `from`: "now", a position, an ISO time, or an age. Throws bad-request. */
export function parseFrom(from: string | null, nowMs: number): StreamStart {
  if (from === null || from === '' || from === 'now') return { kind: 'now' };
  const position = parsePosition(from);
  if (position) return { kind: 'position', position };
  const ageMs = parseAgeMs(from);
  if (ageMs !== undefined) return { kind: 'time', timeMs: nowMs - ageMs };
  const timeMs = parseTimeMs(from);
  if (timeMs !== undefined) return { kind: 'time', timeMs };
  const shown = JSON.stringify(from.slice(0, 60));
  throw new AppError(
    'bad-request',
    `from: expected "now", a position, an ISO time or an age such as "-15m", got ${shown}`,
  );
}

/** Reads a Last-Event-ID, which a browser sends by itself: nonsense is answered, never refused. */
export function parseLastEventId(id: string): StreamStart {
  const position = parsePosition(id);
  return position ? { kind: 'position', position } : { kind: 'malformed' };
}

/**
 * Rejects with the signal's reason when it is aborted while the history is being asked. A client may come from another
 * process that has seen more of the journal, and "now" is not before it asked.
 */
export async function resolveStart(
  journal: JournalView,
  start: StreamStart,
  signal?: AbortSignal,
): Promise<ResolvedStart> {
  await journal.refresh();
  switch (start.kind) {
    case 'now':
      return { afterSeq: journal.headSeq, state: 'live' };
    case 'malformed':
      return { afterSeq: journal.headSeq, state: 'reset', reason: 'malformed' };
    case 'time': {
      const afterSeq = Math.min((await journal.store.seqAtTime(start.timeMs, signal)) - 1, journal.headSeq);
      return { afterSeq, state: afterSeq < journal.headSeq ? 'replay' : 'live' };
    }
    case 'position':
      return resolvePosition(journal, start.position);
  }
}

function resolvePosition(journal: JournalView, { epoch, seq }: Position): ResolvedStart {
  const { headSeq } = journal;
  // The ring may still hold what retention has removed from the history.
  const oldestSeq = Math.min(journal.oldestSeq, journal.ring.oldestSeq ?? journal.oldestSeq);
  if (epoch === journal.parent?.epoch) return continueParent(journal.parent.seq, seq, oldestSeq);
  // All that this journal holds is new to a client that comes from another one.
  if (epoch !== journal.epoch) return { afterSeq: oldestSeq - 1, state: 'reset', reason: 'epoch' };
  if (seq > headSeq) return { afterSeq: headSeq, state: 'reset', reason: 'future' };
  if (seq + 1 < oldestSeq) {
    return { afterSeq: oldestSeq - 1, state: 'gap', missed: oldestSeq - 1 - seq, reason: 'retention' };
  }
  return { afterSeq: seq, state: seq < headSeq ? 'replay' : 'live' };
}

/**
 * The epoch ended because positions after `parentSeq` were given away and never stored. Up to there its events are those
 * of the present one, so the client goes on with the next event, in either case told that positions begin anew.
 */
function continueParent(parentSeq: number, seq: number, oldestSeq: number): ResolvedStart {
  if (seq > parentSeq) return { afterSeq: parentSeq, state: 'reset', missed: seq - parentSeq, reason: 'not-stored' };
  if (seq + 1 < oldestSeq) {
    return { afterSeq: oldestSeq - 1, state: 'reset', missed: oldestSeq - 1 - seq, reason: 'retention' };
  }
  return { afterSeq: seq, state: 'reset', reason: 'epoch' };
}
