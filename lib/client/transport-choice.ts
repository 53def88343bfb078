import type { ClientTransport } from '@/lib/core/client-transport.ts';
import {
  BY_HAND,
  BY_ORDER,
  beginTry,
  endTry,
  openTry,
  type TransportTry,
  type TransportWish,
} from './transport-try.ts';
import { TRANSPORT_WORDS } from './transport-words.ts';

/** The first frame is written as soon as a stream is opened: who brings none for so long holds it back. */
export const FIRST_FRAME_MS = 4_000;
/** A heartbeat so much later than the quickest one has been held somewhere. */
export const LATE_MS = 2_000;
/** A stream that lived shorter was hardly open. */
export const BRIEF_MS = 5_000;
/** A stream whose first frame was slower than the one and that ended sooner than the other after it was handed on whole. */
export const WHOLE_MS = { waited: 1_000, lived: 250 } as const;
/** After so long without a fault, what was held against a transport is forgotten. */
export const STEADY_MS = 600_000;
/** How long one that failed is left alone: twice as long each time. */
export const REST = { minMs: 300_000, maxMs: 3_600_000 } as const;

export type Fault = 'unopened' | 'mute' | 'whole' | 'late' | 'burst' | 'silent' | 'brief';

/**
 * What counts against a transport, and how often in a row before it is left; all but the heartbeats only where the server
 * answers otherwise. One that has worked on this page gets the benefit of the doubt: the server may just have come back.
 */
export const FAULTS: Readonly<Record<Fault, { strikes: number; onceWorked: number; says: string }>> = {
  unopened: { strikes: 1, onceWorked: 3, says: 'could not be opened, although the server answers otherwise' },
  mute: {
    strikes: 1,
    onceWorked: 1,
    says: `brought nothing within ${FIRST_FRAME_MS / 1000} s, although the server answers otherwise: something on the way holds it back`,
  },
  whole: {
    strikes: 1,
    onceWorked: 1,
    says: 'brought everything at once when it was over: something on the way holds it back',
  },
  late: {
    strikes: 3,
    onceWorked: 3,
    says: 'brought three heartbeats in a row late: something on the way holds it back',
  },
  burst: {
    strikes: 2,
    onceWorked: 2,
    says: 'brought the heartbeats of several intervals at once, twice: something on the way holds it back',
  },
  silent: { strikes: 2, onceWorked: 2, says: 'fell silent twice, although the server answers otherwise' },
  brief: { strikes: 3, onceWorked: 3, says: `broke within ${BRIEF_MS / 1000} s of opening, three times in a row` },
};

/** A transport that failed: when it may be tried again, and how often it has failed. */
export type Rest = { readonly untilMs: number; readonly times: number };
export type Rests = Readonly<Partial<Record<ClientTransport, Rest>>>;

export type ChoiceState = {
  readonly order: readonly ClientTransport[];
  readonly wish: TransportWish;
  readonly transport: ClientTransport;
  readonly why: string;
  readonly rests: Rests;
  readonly strikes: Readonly<Partial<Record<Fault, number>>>;
  /** The transport has been open since it was chosen, first at this time. */
  readonly openedAtMs: number | undefined;
  readonly tried: readonly TransportTry[];
  /** All others rest as well: go over with the next attempt, which the back-off decides, not at once. */
  readonly isExhausted: boolean;
};

export type ChoiceInput = { readonly atMs: number } & (
  | { readonly type: 'begin' | 'opened' | 'on-time' | 'review' }
  | { readonly type: 'fault'; readonly fault: Fault }
  /** An attempt is over; what it says against the transport, if anything, comes as a fault. */
  | { readonly type: 'ended'; readonly cause: string; readonly failed: boolean }
  | { readonly type: 'wish'; readonly wish: TransportWish; readonly why: string }
);

/** Rests that have not ended come from the last page: what worked there is what is tried first here. */
export function beginChoice(
  given: Pick<ChoiceState, 'order' | 'wish' | 'rests'> & { why?: string; tried?: readonly TransportTry[] },
  atMs: number,
): ChoiceState {
  const order = given.order.length > 0 ? given.order : (['sse'] as const);
  const base = { order, wish: given.wish, rests: given.rests, strikes: {}, openedAtMs: undefined };
  const { tried = [] } = given;
  if (given.wish !== 'automatic') {
    return { ...base, tried, transport: given.wish, why: given.why ?? BY_HAND, isExhausted: false };
  }
  const { transport, isExhausted } = pick(order, given.rests, atMs);
  const skipped = order.slice(0, order.indexOf(transport)).map((name) => TRANSPORT_WORDS[name]);
  const why = skipped.length === 0 ? BY_ORDER : `it worked last time, when ${skipped.join(' and ')} did not`;
  return { ...base, tried, transport, why, isExhausted };
}

/** Pure. A changed `transport` means: go over to it where the stream stands. */
export function choose(state: ChoiceState, input: ChoiceInput): ChoiceState {
  const { atMs } = input;
  switch (input.type) {
    case 'begin':
      return { ...state, tried: beginTry(state.tried, state.transport, atMs, state.why) };
    case 'opened': {
      const { unopened: _, mute: __, ...strikes } = state.strikes;
      return { ...state, strikes, openedAtMs: state.openedAtMs ?? atMs, tried: openTry(state.tried) };
    }
    case 'on-time':
      return { ...state, strikes: {}, rests: forgiven(state, atMs) };
    case 'ended':
      return { ...state, tried: endTry(state.tried, atMs, input.failed ? 'failed' : 'ended', input.cause) };
    case 'fault':
      return struck(state, input.fault, atMs);
    case 'review':
      return reviewed(state, atMs);
    case 'wish':
      return wished(state, input.wish, input.why, atMs);
  }
}

/** When one that comes earlier in the order may be tried again; undefined when there is none, or nothing to choose. */
export function reviewAtMs({ wish, order, transport, rests }: ChoiceState): number | undefined {
  if (wish !== 'automatic') return undefined;
  const better = order.slice(0, Math.max(0, order.indexOf(transport)));
  if (better.length === 0) return undefined;
  return Math.min(...better.map((name) => rests[name]?.untilMs ?? 0));
}

function struck(state: ChoiceState, fault: Fault, atMs: number): ChoiceState {
  const count = (state.strikes[fault] ?? 0) + 1;
  const { strikes, onceWorked, says } = FAULTS[fault];
  const enough = count >= (state.openedAtMs === undefined ? strikes : onceWorked);
  // One that was chosen by hand stays, whatever happens.
  if (!enough || state.wish !== 'automatic') return { ...state, strikes: { ...state.strikes, [fault]: count } };
  const times = (state.rests[state.transport]?.times ?? 0) + 1;
  const restMs = Math.min(REST.minMs * 2 ** (times - 1), REST.maxMs);
  const rests = { ...state.rests, [state.transport]: { untilMs: atMs + restMs, times } };
  const tried = endTry(state.tried, atMs, 'failed', says);
  const { transport, isExhausted } = pick(state.order, rests, atMs);
  const why = `${TRANSPORT_WORDS[state.transport]} ${says}`;
  return { ...state, rests, tried, transport, why, isExhausted, strikes: {}, openedAtMs: undefined };
}

function reviewed(state: ChoiceState, atMs: number): ChoiceState {
  const dueMs = reviewAtMs(state);
  if (dueMs === undefined || dueMs > atMs) return state;
  const { transport } = pick(state.order, state.rests, atMs);
  if (transport === state.transport) return state;
  const why = `it comes before ${TRANSPORT_WORDS[state.transport]} in the order, and is tried again`;
  return goneOver(state, transport, why, atMs);
}

function wished(state: ChoiceState, wish: TransportWish, why: string, atMs: number): ChoiceState {
  if (wish !== 'automatic') return goneOver({ ...state, wish }, wish, why, atMs);
  // Who asks for it wants to know anew.
  const { transport } = pick(state.order, {}, atMs);
  return goneOver({ ...state, wish, rests: {} }, transport, BY_ORDER, atMs);
}

function goneOver(state: ChoiceState, transport: ClientTransport, why: string, atMs: number): ChoiceState {
  if (transport === state.transport) return { ...state, why };
  const tried = endTry(state.tried, atMs, 'ended', `gave way to ${TRANSPORT_WORDS[transport]}: ${why}`);
  return { ...state, transport, why, tried, strikes: {}, openedAtMs: undefined, isExhausted: false };
}

/** The first that does not rest; when all do, the one whose rest ends first. */
function pick(
  order: readonly ClientTransport[],
  rests: Rests,
  atMs: number,
): { transport: ClientTransport; isExhausted: boolean } {
  const free = order.find((name) => (rests[name]?.untilMs ?? 0) <= atMs);
  if (free) return { transport: free, isExhausted: false };
  const untilMs = (name: ClientTransport) => rests[name]?.untilMs ?? 0;
  const transport = order.reduce((best, name) => (untilMs(name) < untilMs(best) ? name : best));
  return { transport, isExhausted: true };
}

function forgiven({ rests, transport, openedAtMs }: ChoiceState, atMs: number): Rests {
  if (!rests[transport] || openedAtMs === undefined || atMs - openedAtMs < STEADY_MS) return rests;
  const { [transport]: _, ...others } = rests;
  return others;
}
