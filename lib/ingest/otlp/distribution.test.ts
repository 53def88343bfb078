import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Buckets, distributionOf, minus, quantileOf } from './distribution.ts';

const UNKNOWN = { min: undefined, max: undefined };
const counts = (length: number) => fc.array(fc.nat({ max: 50 }), { minLength: length, maxLength: length });
const explicit: fc.Arbitrary<Buckets> = fc
  .uniqueArray(fc.integer({ min: -100, max: 100 }), { minLength: 1, maxLength: 6 })
  .chain((bounds) =>
    fc.record({ bounds: fc.constant(bounds.sort((a, b) => a - b)), counts: counts(bounds.length + 1) }),
  );
const buckets = fc.record({
  offset: fc.integer({ min: -30, max: 30 }),
  counts: fc.array(fc.nat({ max: 50 }), { maxLength: 8 }),
});
const exponential = fc.record({
  ...{ scale: fc.integer({ min: -2, max: 4 }), zeroCount: fc.nat({ max: 9 }), zeroThreshold: fc.constant(0) },
  ...{ positive: buckets, negative: buckets },
});

function totalOf(given: Buckets): number {
  return distributionOf(given, UNKNOWN).counts.reduce((sum, count) => sum + count, 0);
}

test('a quantile lies between the outermost edges, and a higher one is not below a lower one', () => {
  fc.assert(
    fc.property(fc.oneof(explicit, exponential), (given) => {
      const distribution = distributionOf(given, UNKNOWN);
      const values = [0, 0.25, 0.5, 0.95, 1].map((quantile) => quantileOf(distribution, quantile));
      if (totalOf(given) === 0) return expect(values.every((value) => value === undefined)).toBe(true);
      const known = values.map(Number);
      expect(known).toEqual([...known].sort((a, b) => a - b));
      expect(known[0]).toBeGreaterThanOrEqual(Number(distribution.edges[0]));
      expect(known.at(-1)).toBeLessThanOrEqual(Number(distribution.edges.at(-1)));
    }),
    { seed: 1, numRuns: 500 },
  );
});

test('the outermost buckets end at the extremes, where they are known', () => {
  const given = { bounds: [1, 2], counts: [0, 0, 10] };
  expect(quantileOf(distributionOf(given, UNKNOWN), 0.5)).toBe(2);
  expect(quantileOf(distributionOf(given, { min: undefined, max: 4 }), 0.5)).toBe(3);
});

describe('what came since', () => {
  test('of explicit buckets is the difference, or unknown where one has become less', () => {
    fc.assert(
      fc.property(explicit, (given) => {
        if (!('bounds' in given)) throw new Error('expected bounds');
        const doubled = { bounds: given.bounds, counts: given.counts.map((count) => count * 2) };
        expect(minus(doubled, given)).toEqual(given);
        if (totalOf(given) > 0) expect(minus(given, doubled)).toBeUndefined();
      }),
      { seed: 1 },
    );
  });

  test('of exponential buckets is as many as came, however much coarser they were made', () => {
    fc.assert(
      fc.property(exponential, exponential, fc.nat({ max: 3 }), (before, more, steps) => {
        const fresh = { ...more, scale: before.scale };
        const sum = addedUp(before, fresh, steps);
        const since = minus(sum, before);
        expect(since && totalOf(since)).toBe(totalOf(fresh));
      }),
      { seed: 1, numRuns: 500 },
    );
  });
});

type Exponential = Extract<Buckets, { scale: number }>;

/** Both in one, on a scale that is coarser by so many steps. */
function addedUp(a: Exponential, b: Exponential, steps: number): Exponential {
  const side = (name: 'positive' | 'negative') => {
    const held = new Map<number, number>();
    for (const { offset, counts: list } of [a[name], b[name]]) {
      for (const [index, count] of list.entries()) {
        const at = Math.floor((offset + index) / 2 ** steps);
        held.set(at, (held.get(at) ?? 0) + count);
      }
    }
    const places = [...held.keys()];
    const offset = places.length > 0 ? Math.min(...places) : 0;
    const length = places.length > 0 ? Math.max(...places) - offset + 1 : 0;
    return { offset, counts: Array.from({ length }, (_, index) => held.get(offset + index) ?? 0) };
  };
  const zeroCount = a.zeroCount + b.zeroCount;
  return { ...a, scale: a.scale - steps, zeroCount, positive: side('positive'), negative: side('negative') };
}
