import { ACTIVITIES, type Activity } from '@/lib/core/connection-state.ts';
import { formatPosition } from '@/lib/core/position.ts';
import type { JournalView } from '@/lib/journal/journal-view.ts';
import type { ConnectionDetail, ConnectionQuery, ConnectionRow } from '@/lib/wire/connection-pages.ts';
import type { ClosedConnections } from './closed-connections.ts';
import type { StreamHub } from './stream-hub.ts';
import type { StreamSession } from './stream-session.ts';

export type Place = { readonly journal: JournalView; readonly hub: StreamHub };

/** A session as the list of connections shows it. */
export function rowOf(session: StreamSession, { journal, hub }: Place, nowMs: number): ConnectionRow {
  const { id, peer, life, clock, cursor } = session;
  const { ackedSeq, ackedMs, roundTripMs } = clock;
  const at = (seq: number): string => formatPosition(journal.epoch, seq);
  return {
    id,
    transport: peer.transport,
    address: peer.address,
    state: life.state,
    ...(life.activity && { activity: life.activity }),
    ...(peer.user !== undefined && { user: peer.user }),
    filter: { ...session.group.filter.filter, services: [...(session.group.filter.filter.services ?? [])] },
    position: at(cursor),
    lagEvents: Math.max(0, journal.headSeq - cursor),
    lagMs: hub.commitTimes.ageAfterMs(cursor, nowMs),
    ...(ackedSeq !== undefined && { ackedPosition: at(ackedSeq), ackedLagEvents: journal.headSeq - ackedSeq }),
    ...(ackedMs !== undefined && { ackedAtMs: ackedMs }),
    ...(roundTripMs !== undefined && { roundTripMs }),
    eventsSent: session.writer.eventsSent,
    bytesSent: session.writer.bytesSent,
    queuedBytes: session.writer.queuedBytes,
    openedMs: clock.openedMs,
    lastActivityMs: session.lastActivityMs,
    reconnects: Math.max(clock.reconnects, peer.isReturning ? 1 : 0),
    userAgent: peer.userAgent,
    ...(clock.endedMs !== undefined && { closedMs: clock.endedMs }),
    ...(life.reason && { reason: life.reason }),
  };
}

export function detailOf(session: StreamSession, place: Place, nowMs: number): ConnectionDetail {
  const steps = session.life.steps.map(({ activity, ...step }) => ({ ...step, ...(activity && { activity }) }));
  return { row: rowOf(session, place, nowMs), steps };
}

/** The rows that a query asks for, and how many match it. Rows are made only for those that are returned. */
export function queryRows(
  query: ConnectionQuery,
  place: Place,
  closed: ClosedConnections,
  nowMs: number,
): { matching: number; rows: ConnectionRow[] } {
  const sessions = [...place.hub.sessions.values()].filter((session) => matches(session, query));
  const sign = query.order === 'asc' ? 1 : -1;
  const keys = new Map(sessions.map((session) => [session, SORT_KEYS[query.sort](session, place)]));
  sessions.sort((a, b) => sign * compare(keys.get(a) ?? 0, keys.get(b) ?? 0) || (a.id < b.id ? -1 : 1));
  const rows = sessions.slice(0, query.limit).map((session) => rowOf(session, place, nowMs));
  const gone = query.closed === '1' ? closed.newest().filter(({ row }) => rowMatches(row, query)) : [];
  rows.push(...gone.slice(0, query.limit - rows.length).map(({ row }) => row));
  return { matching: sessions.length + gone.length, rows };
}

const SORT_KEYS: Readonly<Record<ConnectionQuery['sort'], (session: StreamSession, place: Place) => number | string>> =
  {
    lag: (session, { journal }) => journal.headSeq - session.cursor,
    age: (session) => -session.clock.openedMs,
    bytes: (session) => session.writer.bytesSent,
    events: (session) => session.writer.eventsSent,
    queue: (session) => session.writer.queuedBytes,
    activity: (session) => session.lastActivityMs,
    roundTrip: (session) => session.clock.roundTripMs ?? -1,
    address: (session) => session.peer.address,
  };

function compare(a: number | string, b: number | string): number {
  if (typeof a === 'string' || typeof b === 'string') return String(a).localeCompare(String(b));
  return a - b;
}

function matches(session: StreamSession, { state, q }: ConnectionQuery): boolean {
  const { life, peer, group, id } = session;
  if (state !== undefined && (isActivity(state) ? life.activity : life.state) !== state) return false;
  return isFound(q, id, peer.address, peer.user, peer.userAgent, group.key);
}

function rowMatches(row: ConnectionRow, { state, q }: ConnectionQuery): boolean {
  if (state !== undefined && row.state !== state) return false;
  return isFound(q, row.id, row.address, row.user, row.userAgent, JSON.stringify(row.filter));
}

function isActivity(state: string): state is Activity {
  return (ACTIVITIES as readonly string[]).includes(state);
}

function isFound(q: string | undefined, ...texts: (string | undefined)[]): boolean {
  if (!q) return true;
  const wanted = q.toLowerCase();
  return texts.some((text) => text?.toLowerCase().includes(wanted));
}
