import { z } from 'zod';
import { AppError } from '@/lib/core/errors.ts';
import { type Filter, filterFromQuery } from '@/lib/core/filter.ts';
import { parseFrom, parseLastEventId, type StreamStart } from './stream-start.ts';

export type StreamRequest = {
  readonly filter: Filter;
  readonly start: StreamStart;
  /** Replay at so many times the pace at which the events happened; undefined: as fast as the client reads. */
  readonly speed: number | undefined;
};

const SPEED_MAX = 10_000;

/**
 * Reads what a client asks for. `Last-Event-ID` wins over the query: an address with an old cursor would otherwise be
 * replayed from there at every automatic reconnect. Throws bad-request.
 */
export function parseStreamRequest(query: URLSearchParams, lastEventId: string | null, nowMs: number): StreamRequest {
  const cursor = lastEventId || query.get('lastEventId') || query.get('last_event_id');
  return {
    filter: parseFilter(query),
    start: cursor ? parseLastEventId(cursor) : parseFrom(query.get('from'), nowMs),
    speed: parseSpeed(query.get('speed')),
  };
}

/** The filter part of any request's query. Throws bad-request. */
export function parseFilter(query: URLSearchParams): Filter {
  try {
    return filterFromQuery(query);
  } catch (error) {
    if (!(error instanceof z.ZodError)) throw error;
    const [issue] = error.issues;
    throw new AppError('bad-request', `${String(issue?.path[0] ?? 'query')}: ${issue?.message ?? 'not understood'}`);
  }
}

function parseSpeed(text: string | null): number | undefined {
  if (text === null || text === '') return undefined;
  const speed = Number(text);
  if (speed > 0 && speed <= SPEED_MAX) return speed;
  throw new AppError(
    'bad-request',
    `speed: expected a number above 0 and up to ${SPEED_MAX}, got "${text.slice(0, 20)}"`,
  );
}
