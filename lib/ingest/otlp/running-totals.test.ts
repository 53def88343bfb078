import fc from 'fast-check';
import { expect, test } from 'vitest';
import { REMEMBERED_MAX, RunningTotals } from './running-totals.ts';

const LAST_NANOS = 1000;

/** Steps of one series as they come in: in any order, and some of them again. */
const arrivals = fc
  .uniqueArray(fc.record({ at: fc.integer({ min: 1, max: 100 }), delta: fc.nat({ max: 9 }) }), {
    selector: ({ at }) => at,
    minLength: 1,
    maxLength: REMEMBERED_MAX - 1,
  })
  .chain((steps) => fc.tuple(fc.constant(steps), fc.array(fc.constantFrom(...steps), { maxLength: 40 })));

test('however deltas come, and come again, each is in the total once, and the counter never runs backwards', () => {
  fc.assert(
    fc.property(arrivals, ([steps, repeats]) => {
      const totals = new RunningTotals();
      const told = new Map<number, number>();
      for (const { at, delta } of [...steps, ...repeats]) {
        const total = totals.add('series', { startNanos: at - 1, timeNanos: at, delta });
        if (total === 'too-late') throw new Error('expected all of them to be remembered');
        if (!total) continue;
        expect(total.value).toBe(told.get(at) ?? total.value);
        told.set(at, total.value);
      }
      const last = totals.add('series', { startNanos: 0, timeNanos: LAST_NANOS, delta: 1 });
      expect(last).toMatchObject({ value: 1 + steps.reduce((sum, { delta }) => sum + delta, 0) });
      const inOrder = [...told].sort(([a], [b]) => a - b).map(([, value]) => value);
      expect(inOrder).toEqual([...inOrder].sort((a, b) => a - b));
    }),
    { seed: 1, numRuns: 1000 },
  );
});
