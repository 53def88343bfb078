import { CLOSE_REASONS, type CloseReason } from '@/lib/core/close-reason.ts';

/** What a server-side connection is doing. `replaying` catches up for the first time, `lagging` has fallen behind. */
export type ConnectionState = 'connecting' | 'replaying' | 'live' | 'lagging' | 'closing' | 'closed';

/** The legal moves; any other is a programmer's error. */
const MOVES: Readonly<Record<ConnectionState, readonly ConnectionState[]>> = {
  connecting: ['replaying', 'live', 'closing', 'closed'],
  replaying: ['live', 'closing', 'closed'],
  live: ['lagging', 'closing', 'closed'],
  lagging: ['live', 'closing', 'closed'],
  closing: ['closed'],
  closed: [],
};

export function canMove(from: ConnectionState, to: ConnectionState): boolean {
  return MOVES[from].includes(to);
}

/** Throws on an illegal move, so that a test finds it. */
export function move(from: ConnectionState, to: ConnectionState): ConnectionState {
  if (!canMove(from, to)) throw new Error(`a connection cannot move from ${from} to ${to}`);
  return to;
}

export function byeOf(reason: CloseReason, retryMs: number) {
  const { code, reconnect } = CLOSE_REASONS[reason];
  return { code, reason, reconnect, retryMs };
}
