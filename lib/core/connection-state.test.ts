import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { byeOf, CLOSE_REASONS } from './close-reason.ts';
import {
  ACTIVITIES,
  ACTIVITY_MOVES,
  CONNECTION_MOVES,
  CONNECTION_STATES,
  ConnectionLife,
  type ConnectionState,
  STEPS_MAX,
} from './connection-state.ts';

const LEGAL = new Set([
  'connecting connected',
  'connecting closing',
  'connecting closed',
  'connected authenticating',
  'connected closing',
  'connected closed',
  'authenticating active',
  'authenticating closing',
  'authenticating closed',
  'active idle',
  'active closing',
  'active closed',
  'idle active',
  'idle closing',
  'idle closed',
  'closing closed',
]);

/** The shortest way into each state. */
const WAY: Record<ConnectionState, ConnectionState[]> = {
  connecting: [],
  connected: ['connected'],
  authenticating: ['connected', 'authenticating'],
  active: ['connected', 'authenticating', 'active'],
  idle: ['connected', 'authenticating', 'active', 'idle'],
  closing: ['closing'],
  closed: ['closed'],
};

function lifeIn(state: ConnectionState): ConnectionLife {
  const life = new ConnectionLife(0, 'asked for');
  for (const step of WAY[state]) life.move(step, 1, 'on the way');
  return life;
}

describe('the life of a connection', () => {
  const pairs = CONNECTION_STATES.flatMap((from) => CONNECTION_STATES.map((to) => [from, to] as const));
  test.each(pairs)('%s to %s', (from, to) => {
    const life = lifeIn(from);
    expect(life.state).toBe(from);
    if (LEGAL.has(`${from} ${to}`)) {
      life.move(to, 7, 'because');
      expect(life.state).toBe(to);
      expect(life.steps.at(-1)).toMatchObject({ state: to, atMs: 7, cause: 'because' });
    } else expect(() => life.move(to, 7, 'because')).toThrow(/cannot move/);
  });

  test('only an active one does something, and only replaying, live and lagging in their order', () => {
    const life = lifeIn('authenticating');
    expect(() => life.act('live', 0, 'too early')).toThrow(/cannot be live/);
    life.move('active', 0, 'begins');
    expect(life.activity).toBe('replaying');
    expect(() => life.act('lagging', 0, 'no')).toThrow(/cannot be lagging/);
    life.act('live', 0, 'caught up');
    life.act('lagging', 0, 'full');
    life.act('live', 0, 'caught up');
    life.move('idle', 0, 'quiet');
    expect(life.activity).toBe('live');
    expect(() => life.act('lagging', 0, 'idle ones do not')).toThrow(/cannot be lagging/);
    life.move('closing', 0, 'bye');
    expect(life.activity).toBeUndefined();
  });

  test('its story is bounded: the first step and the newest stay', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 3 * STEPS_MAX }), (flips) => {
        const life = lifeIn('active');
        for (let index = 0; index < flips; index += 1) life.move(index % 2 ? 'active' : 'idle', index, `flip ${index}`);
        expect(life.steps.length).toBeLessThanOrEqual(STEPS_MAX);
        expect(life.steps[0]?.state).toBe('connecting');
        if (flips > 0) expect(life.steps.at(-1)?.cause).toBe(`flip ${flips - 1}`);
      }),
      { seed: 3 },
    );
  });

  test('every state can be left but the last, and whatever happens the end can be reached', () => {
    for (const state of CONNECTION_STATES) {
      expect(CONNECTION_MOVES[state].length > 0).toBe(state !== 'closed');
      if (state !== 'closed') expect(CONNECTION_MOVES[state]).toContain('closed');
    }
    for (const activity of ACTIVITIES) expect(ACTIVITY_MOVES[activity].length).toBeGreaterThan(0);
  });
});

test('close reasons are numbered apart, by who ends and whether to come back', () => {
  const rows = Object.values(CLOSE_REASONS);
  expect(new Set(rows.map(({ code }) => code)).size).toBe(rows.length);
  for (const { code, reconnect, side } of rows) {
    expect(side).toBe(code < 2000 ? 'client' : 'server');
    expect(reconnect).toBe(code < 3000);
  }
  expect(byeOf('draining', 70)).toEqual({ code: 2000, reason: 'draining', reconnect: true, retryMs: 70 });
});
