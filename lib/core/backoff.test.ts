import fc from 'fast-check';
import { expect, test } from 'vitest';
import { backoffMs } from './backoff.ts';

const options = { minMs: 1000, maxMs: 30_000 };

test('the ceiling doubles with each attempt up to the maximum', () => {
  const nearlyOne = () => 0.999999;
  expect(
    [0, 1, 2, 5, 50, 5000].map((attempt) => Math.round(backoffMs(attempt, options, nearlyOne) / 100) * 100),
  ).toEqual([1000, 2000, 4000, 30_000, 30_000, 30_000]);
});

test('a delay never leaves the range from half the minimum to the maximum', () => {
  fc.assert(
    fc.property(fc.nat(), fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }), (attempt, random) => {
      const ms = backoffMs(attempt, options, () => random);
      expect(ms).toBeGreaterThanOrEqual(500);
      expect(ms).toBeLessThanOrEqual(30_000);
    }),
    { seed: 1 },
  );
});
