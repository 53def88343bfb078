import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type ConnectionInput, type ConnectionInputType, initialMachine, MOVES, step } from './connection-machine.ts';
import { PHASES } from './state.ts';

const TYPES = [...new Set(Object.values(MOVES).flatMap((moves) => Object.keys(moves) as ConnectionInputType[]))];

function input(type: ConnectionInputType, atMs: number): ConnectionInput {
  const base = { atMs, cause: `because of ${type}` };
  return type === 'failed' || type === 'offline'
    ? { ...base, type, attempt: 3, retryAtMs: atMs + 5 }
    : { ...base, type };
}

describe('the connection machine', () => {
  test('follows the table and nothing else, whatever happens', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...TYPES), { maxLength: 60 }), (types) => {
        let state = initialMachine(0);
        for (const [index, type] of types.entries()) {
          const target = MOVES[state.phase][type];
          const next = step(state, input(type, index + 1));
          expect(next.legal).toBe(target !== undefined);
          if (target === undefined) expect(next.state).toBe(state);
          else expect(next.state).toMatchObject({ phase: target, sinceMs: index + 1, cause: `because of ${type}` });
          expect('retryAtMs' in next.state).toBe(next.state.phase === 'waiting' || next.state.phase === 'offline');
          state = next.state;
        }
      }),
    );
  });

  test('can leave every phase and reach every phase', () => {
    const reached = new Set(Object.values(MOVES).flatMap((moves) => Object.values(moves)));
    expect([...reached].sort()).toEqual([...PHASES].sort());
    for (const phase of PHASES) expect(Object.values(MOVES[phase]).some((target) => target !== phase)).toBe(true);
  });

  test('forgets failed attempts once the stream is open', () => {
    const steps = ['connect', 'failed', 'connect', 'opened'] as const;
    const attempts: number[] = [];
    steps.reduce((state, type, index) => {
      const next = step(state, input(type, index)).state;
      attempts.push(next.attempt);
      return next;
    }, initialMachine(0));
    expect(attempts).toEqual([0, 3, 3, 0]);
  });

  test('does not go live from waiting', () => {
    expect(step({ ...initialMachine(0), phase: 'waiting', retryAtMs: 1 }, input('caught-up', 1)).legal).toBe(false);
  });
});
