import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { CLIENT_TRANSPORTS } from '@/lib/core/client-transport.ts';
import {
  beginChoice,
  type ChoiceInput,
  type ChoiceState,
  choose,
  FAULTS,
  type Fault,
  REST,
  reviewAtMs,
  STEADY_MS,
} from './transport-choice.ts';
import { TRANSPORT_WISHES, TRIES_MAX } from './transport-try.ts';

const order = CLIENT_TRANSPORTS;
const fresh = (atMs = 0) => beginChoice({ order, wish: 'automatic', rests: {} }, atMs);
const fault = (kind: Fault, atMs = 0): ChoiceInput => ({ type: 'fault', fault: kind, atMs });
const run = (state: ChoiceState, ...inputs: ChoiceInput[]) => inputs.reduce(choose, state);

describe('the choice of a transport', () => {
  test('begins with the first in the order', () => {
    expect(fresh()).toMatchObject({ transport: 'sse', why: 'it is the first in the order' });
    expect(beginChoice({ order: ['poll', 'ws'], wish: 'automatic', rests: {} }, 0).transport).toBe('poll');
  });

  test.each(Object.entries(FAULTS))('leaves one that is %s after as many strikes as its rule says', (name, rule) => {
    const kind = name as Fault;
    let state = run(fresh(), { type: 'begin', atMs: 0 });
    for (let strike = 1; strike < rule.strikes; strike += 1) {
      state = choose(state, fault(kind));
      expect(state.transport).toBe('sse');
    }
    state = choose(state, fault(kind, 7));
    expect(state).toMatchObject({ transport: 'ws', why: `SSE ${rule.says}` });
    expect(state.rests.sse).toEqual({ untilMs: 7 + REST.minMs, times: 1 });
    expect(state.tried.at(-1)).toMatchObject({ transport: 'sse', outcome: 'failed', why: rule.says, endedAtMs: 7 });
  });

  test('gives one that has been open the benefit of the doubt when it cannot be opened again', () => {
    const state = run(fresh(), { type: 'opened', atMs: 1 }, fault('unopened'), fault('unopened'));
    expect(state.transport).toBe('sse');
    expect(choose(state, { type: 'opened', atMs: 2 }).strikes).toEqual({});
    expect(choose(state, fault('unopened')).transport).toBe('ws');
  });

  test('forgets strikes at the next heartbeat that is on time', () => {
    const late = run(fresh(), fault('late'), fault('late'), { type: 'on-time', atMs: 5 });
    expect(run(late, fault('late'), fault('late')).transport).toBe('sse');
  });

  test('never leaves one that was chosen by hand', () => {
    let state = choose(fresh(), { type: 'wish', wish: 'http', why: 'it was chosen by hand', atMs: 0 });
    for (const kind of Object.keys(FAULTS)) for (let i = 0; i < 5; i += 1) state = choose(state, fault(kind as Fault));
    expect(state).toMatchObject({ transport: 'http', wish: 'http', why: 'it was chosen by hand' });
  });

  test('tries the preferred one again when its rest is over, and leaves it alone twice as long when it fails again', () => {
    let state = choose(fresh(), fault('mute', 0));
    expect(reviewAtMs(state)).toBe(REST.minMs);
    expect(choose(state, { type: 'review', atMs: REST.minMs - 1 }).transport).toBe('ws');
    state = choose(state, { type: 'review', atMs: REST.minMs });
    expect(state.transport).toBe('sse');
    state = choose(state, fault('mute', REST.minMs));
    expect(state.transport).toBe('ws');
    expect(state.rests.sse).toEqual({ untilMs: 3 * REST.minMs, times: 2 });
  });

  test('forgets what was held against one that has worked for a good while', () => {
    let state = run(choose(fresh(), fault('mute', 0)), { type: 'review', atMs: REST.minMs });
    state = choose(state, { type: 'opened', atMs: REST.minMs });
    expect(choose(state, { type: 'on-time', atMs: REST.minMs + 1 }).rests.sse).toBeDefined();
    expect(choose(state, { type: 'on-time', atMs: REST.minMs + STEADY_MS }).rests.sse).toBeUndefined();
  });

  test('begins on a new page with what worked on the last one, until the rest of the preferred one is over', () => {
    const rests = { sse: { untilMs: 1_000, times: 1 } };
    const soon = beginChoice({ order, wish: 'automatic', rests }, 999);
    expect(soon).toMatchObject({ transport: 'ws', why: 'it worked last time, when SSE did not' });
    expect(beginChoice({ order, wish: 'automatic', rests }, 1_000).transport).toBe('sse');
  });

  test('goes round by the back-off, not at once, when nothing works', () => {
    const state = run(fresh(), ...[1, 2, 3, 4].map((atMs) => fault('mute', atMs)));
    expect(state).toMatchObject({ transport: 'sse', isExhausted: true });
  });

  test('writes the same failure of the same transport into one line', () => {
    let state = fresh();
    for (let atMs = 0; atMs < 50; atMs += 1) {
      const ended = { type: 'ended', cause: 'the server cannot be reached', failed: true, atMs } as const;
      state = run(state, { type: 'begin', atMs }, ended);
    }
    expect(state.tried).toHaveLength(1);
    expect(state.tried[0]).toMatchObject({ times: 50, atMs: 0, endedAtMs: 49, outcome: 'failed' });
  });
});

const kinds = Object.keys(FAULTS) as Fault[];
const anyInput = fc.oneof(
  { weight: 4, arbitrary: fc.record({ type: fc.constant('fault' as const), fault: fc.constantFrom(...kinds) }) },
  { weight: 4, arbitrary: fc.record({ type: fc.constantFrom('begin', 'opened', 'on-time', 'review') }) },
  {
    weight: 2,
    arbitrary: fc.record({ type: fc.constant('ended' as const), cause: fc.string(), failed: fc.boolean() }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      type: fc.constant('wish' as const),
      wish: fc.constantFrom(...TRANSPORT_WISHES),
      why: fc.constant('so'),
    }),
  },
);
const walk = fc.array(fc.tuple(anyInput, fc.integer({ min: 0, max: 400_000 })), { maxLength: 200 });
const anyOrder = fc.shuffledSubarray([...CLIENT_TRANSPORTS], { minLength: 1 });

function* states(chosen: typeof order | (typeof order)[number][], steps: [unknown, number][]) {
  let atMs = 0;
  let state = beginChoice({ order: chosen, wish: 'automatic', rests: {} }, 0);
  for (const [input, afterMs] of steps) {
    atMs += afterMs;
    const before = state;
    state = choose(before, { ...(input as object), atMs } as ChoiceInput);
    yield { before, state, atMs, type: (input as ChoiceInput).type };
  }
}

test('whatever happens, the transport is the wished one or one of the order, and what is kept is bounded', () => {
  fc.assert(
    fc.property(anyOrder, walk, (chosen, steps) => {
      for (const { state } of states(chosen, steps)) {
        if (state.wish === 'automatic') expect(chosen).toContain(state.transport);
        else expect(state.transport).toBe(state.wish);
        expect(state.tried.length).toBeLessThanOrEqual(TRIES_MAX);
        expect(state.why).not.toBe('');
      }
    }),
    { numRuns: 200, seed: 5 },
  );
});

test('whatever happens, nobody goes back to one that rests while another does not, unless he is asked to', () => {
  fc.assert(
    fc.property(anyOrder, walk, (chosen, steps) => {
      for (const { before, state, atMs, type } of states(chosen, steps)) {
        if (state.transport === before.transport || type === 'wish') continue;
        const isResting = (state.rests[state.transport]?.untilMs ?? 0) > atMs;
        const areAllResting = chosen.every((name) => (state.rests[name]?.untilMs ?? 0) > atMs);
        if (isResting)
          expect({ areAllResting, exhausted: state.isExhausted }).toEqual({ areAllResting: true, exhausted: true });
      }
    }),
    { numRuns: 200, seed: 6 },
  );
});

test('whatever happens, automatic changes of transport get rarer: each needs a fault or a rest that is over', () => {
  fc.assert(
    fc.property(anyOrder, walk, (chosen, steps) => {
      for (const { before, state, type } of states(chosen, steps)) {
        if (state.transport !== before.transport) expect(['fault', 'review', 'wish']).toContain(type);
      }
    }),
    { numRuns: 100, seed: 8 },
  );
});
