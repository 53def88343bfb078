import type { CloseReason } from './close-reason.ts';

/**
 * The life of a server-side connection. `connecting`: asked for, nothing written yet; `connected`: the transport is open;
 * `authenticating`: who asks is being found out; `active`: it is served; `idle`: served, and nothing that its filter lets
 * through has come for a while; `closing`: the goodbye is on its way; `closed`: everything it held is free.
 */
export const CONNECTION_STATES = [
  'connecting',
  'connected',
  'authenticating',
  'active',
  'idle',
  'closing',
  'closed',
] as const;
export type ConnectionState = (typeof CONNECTION_STATES)[number];

/** What a connection that is served is doing: catching up for the first time, at the head, or fallen behind. */
export const ACTIVITIES = ['replaying', 'live', 'lagging'] as const;
export type Activity = (typeof ACTIVITIES)[number];

/** Every legal move; any other is a programmer's error. */
export const CONNECTION_MOVES: Readonly<Record<ConnectionState, readonly ConnectionState[]>> = {
  connecting: ['connected', 'closing', 'closed'],
  connected: ['authenticating', 'closing', 'closed'],
  authenticating: ['active', 'closing', 'closed'],
  active: ['idle', 'closing', 'closed'],
  idle: ['active', 'closing', 'closed'],
  closing: ['closed'],
  closed: [],
};

/** Only an active connection changes what it does; an idle one is live. */
export const ACTIVITY_MOVES: Readonly<Record<Activity, readonly Activity[]>> = {
  replaying: ['live'],
  live: ['lagging'],
  lagging: ['live'],
};

/** One entry of a connection's story: where it went, when, and why. */
export type ConnectionStep = {
  readonly state: ConnectionState;
  readonly activity: Activity | undefined;
  readonly atMs: number;
  readonly cause: string;
};

export const STEPS_MAX = 32;

/**
 * The state of one connection and the newest steps that led there. Throws on an illegal move, so that a test finds it.
 */
export class ConnectionLife {
  #state: ConnectionState = 'connecting';
  #activity: Activity | undefined;
  readonly #steps: ConnectionStep[];
  /** Set with the move to `closing` or straight to `closed`; the first reason stays. */
  reason: CloseReason | undefined;

  constructor(atMs: number, cause: string) {
    this.#steps = [{ state: 'connecting', activity: undefined, atMs, cause }];
  }

  get state(): ConnectionState {
    return this.#state;
  }
  /** undefined before it is active and after it has begun to close. */
  get activity(): Activity | undefined {
    return this.#activity;
  }
  /** Newest last, at most STEPS_MAX: the first one and the newest are kept. */
  get steps(): readonly ConnectionStep[] {
    return this.#steps;
  }
  get isOver(): boolean {
    return this.#state === 'closing' || this.#state === 'closed';
  }

  move(to: ConnectionState, atMs: number, cause: string): void {
    if (!CONNECTION_MOVES[this.#state].includes(to)) {
      throw new Error(`a connection cannot move from ${this.#state} to ${to} (${cause})`);
    }
    if (to === 'active' && this.#state === 'authenticating') this.#activity = 'replaying';
    else if (to === 'closing' || to === 'closed') this.#activity = undefined;
    this.#state = to;
    this.#note(atMs, cause);
  }

  act(to: Activity, atMs: number, cause: string): void {
    const from = this.#activity;
    if (this.#state !== 'active' || from === undefined || !ACTIVITY_MOVES[from].includes(to)) {
      throw new Error(`a connection that is ${this.#state} and ${from ?? 'does nothing'} cannot be ${to} (${cause})`);
    }
    this.#activity = to;
    this.#note(atMs, cause);
  }

  #note(atMs: number, cause: string): void {
    if (this.#steps.length >= STEPS_MAX) this.#steps.splice(1, 1);
    this.#steps.push({ state: this.#state, activity: this.#activity, atMs, cause });
  }
}
