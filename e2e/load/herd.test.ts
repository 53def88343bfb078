import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { herdOf } from './herd.ts';
import { slopeOf } from './slope.ts';

const bins = (...tenths: [at: number, count: number][]): number[] => {
  const all = Array<number>(Math.max(...tenths.map(([at]) => at)) + 1).fill(0);
  for (const [at, count] of tenths) all[at] = count;
  return all;
};

describe('the herd factor', () => {
  test('is the busiest second over the mean second, whatever the wait before', () => {
    expect(herdOf(bins([15, 50], [29, 50], [36, 100]))).toEqual({ returned: 200, peakPerSecond: 100, factor: 1.5 });
    expect(herdOf(bins([15, 50], [25, 50], [35, 50]))?.factor).toBe(1);
  });

  test('is the number of seconds when all but few come in one of them', () => {
    expect(herdOf(bins([10, 9998], [20, 1], [39, 1]))?.factor).toBeCloseTo(3, 2);
  });

  test('is none when nobody came back', () => {
    expect(herdOf([])).toBeUndefined();
    expect(herdOf([0, 0, 0])).toBeUndefined();
  });

  test('lies between 1 and the number of seconds', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(1000), { minLength: 1, maxLength: 200 }), (counts) => {
        const herd = herdOf(counts);
        if (!herd) return expect(counts.every((count) => count === 0)).toBe(true);
        expect(herd.returned).toBe(counts.reduce((sum, count) => sum + count, 0));
        expect(herd.factor).toBeGreaterThanOrEqual(1 - 1e-9);
        expect(herd.factor).toBeLessThanOrEqual(counts.length / 10 + 1);
      }),
      { seed: 3 },
    );
  });
});

describe('the slope', () => {
  test('of points on a line is the line, without doubt', () => {
    const slope = slopeOf([0, 1, 2, 3, 4].map((x) => [x, 10 + 3 * x]));
    expect(slope?.perUnit).toBeCloseTo(3);
    expect(slope?.error).toBeCloseTo(0);
  });

  test('of noise is not told from zero, of noise on a climb it is', () => {
    const noise = Array.from({ length: 60 }, (_, x) => Math.sin(x * 12.9898) * 100);
    const flat = slopeOf(noise.map((y, x) => [x, y]));
    const climb = slopeOf(noise.map((y, x) => [x, y + 10 * x]));
    expect(flat?.perUnit).toBeLessThan(2 * (flat?.error ?? 0));
    expect(climb?.perUnit).toBeGreaterThan(2 * (climb?.error ?? 0));
  });

  test('of a walk that leads nowhere in particular is doubted more than that of noise', () => {
    let height = 0;
    const walk = Array.from({ length: 200 }, (_, x) => {
      height = 0.95 * height + Math.sin(x * 12.9898);
      return [x, height] as const;
    });
    const shuffled = walk.map(([x], index) => [x, walk[(index * 77) % 200]?.[1] ?? 0] as const);
    expect(slopeOf(walk)?.error).toBeGreaterThan(2 * (slopeOf(shuffled)?.error ?? 0));
  });

  test('of too few points, or of one moment, is none', () => {
    expect(
      slopeOf([
        [0, 1],
        [1, 2],
      ]),
    ).toBeUndefined();
    expect(
      slopeOf([
        [1, 1],
        [1, 2],
        [1, 3],
      ]),
    ).toBeUndefined();
  });
});
