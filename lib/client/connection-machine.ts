import type { Phase } from './state.ts';

/** What can happen to a stream, each with the sentence that the screen shows as its cause. */
export type ConnectionInput = { readonly atMs: number; readonly cause: string } & (
  | { readonly type: 'connect' | 'restart' | 'opened' | 'opened-live' | 'caught-up' | 'silent' | 'refused' | 'stop' }
  /** `attempt` counts the failures since the stream was last open; `retryAtMs` says when the next one is due. */
  | { readonly type: 'failed' | 'offline'; readonly attempt: number; readonly retryAtMs: number }
);
export type ConnectionInputType = ConnectionInput['type'];

export type MachineState = { readonly sinceMs: number; readonly cause: string; readonly attempt: number } & (
  | { readonly phase: 'waiting' | 'offline'; readonly retryAtMs: number }
  | { readonly phase: Exclude<Phase, 'waiting' | 'offline'> }
);

const LOSSES = { silent: 'stale', failed: 'waiting', offline: 'offline', refused: 'closed' } as const;

/**
 * Every legal move. `connect` begins an attempt where none runs, `restart` replaces the one that does (another filter
 * or an earlier cursor is wanted). `offline` retries as well, because a server on this machine needs no network.
 */
export const MOVES: Readonly<Record<Phase, Readonly<Partial<Record<ConnectionInputType, Phase>>>>> = {
  idle: { connect: 'connecting' },
  connecting: { opened: 'replaying', 'opened-live': 'live', restart: 'connecting', stop: 'idle', ...LOSSES },
  replaying: { 'caught-up': 'live', restart: 'connecting', stop: 'idle', ...LOSSES },
  live: { restart: 'connecting', stop: 'idle', ...LOSSES },
  stale: { connect: 'connecting', restart: 'connecting', failed: 'waiting', offline: 'offline', stop: 'idle' },
  waiting: { connect: 'connecting', restart: 'connecting', offline: 'offline', stop: 'idle' },
  offline: { connect: 'connecting', restart: 'connecting', stop: 'idle' },
  closed: { connect: 'connecting', restart: 'connecting', stop: 'idle' },
};

export function initialMachine(atMs: number): MachineState {
  return { phase: 'idle', sinceMs: atMs, cause: 'not started', attempt: 0 };
}

/** Pure. An input that its phase does not know leaves the state as it is and says so: `legal` is false. */
export function step(state: MachineState, input: ConnectionInput): { state: MachineState; legal: boolean } {
  const phase = MOVES[state.phase][input.type];
  if (phase === undefined) return { state, legal: false };
  const base = { sinceMs: input.atMs, cause: input.cause };
  if (phase === 'waiting' || phase === 'offline') {
    // Only the inputs that carry a due time lead to these two phases.
    if (input.type !== 'failed' && input.type !== 'offline') return { state, legal: false };
    return { state: { ...base, phase, attempt: input.attempt, retryAtMs: input.retryAtMs }, legal: true };
  }
  const attempt = phase === 'replaying' || phase === 'live' ? 0 : state.attempt;
  return { state: { ...base, phase, attempt }, legal: true };
}

/** A stream that is open: the server answered and has not gone silent. */
export function isOpen(phase: Phase): boolean {
  return phase === 'replaying' || phase === 'live';
}

export function isLost(phase: Phase): boolean {
  return phase === 'stale' || phase === 'waiting' || phase === 'offline' || phase === 'closed';
}
