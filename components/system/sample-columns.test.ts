import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { SYSTEM_METRIC_NAMES } from '@/lib/wire/system-pages.ts';
import { CHART_GROUPS } from './chart-groups.ts';
import { columnLine, joinSamples, stepOf } from './sample-columns.ts';
import { addressOfSystem, SYSTEM_RANGE_KEYS, systemRange } from './system-url.ts';
import { sample, seconds } from './testing/system-report.ts';

const at = (...times: number[]) => times.map((time) => sample(time * 1000, { cpu: time }));

describe('joinSamples', () => {
  test('adds new seconds at the end', () => {
    expect(joinSamples(at(1, 2), at(3))).toEqual(at(1, 2, 3));
    expect(joinSamples(at(1, 2), [])).toEqual(at(1, 2));
  });

  test('the history that comes again after a reconnect is not drawn twice', () => {
    expect(joinSamples(at(1, 2, 3), at(2, 3, 4, 5))).toEqual(at(1, 2, 3, 4, 5));
  });

  test('what was seen of a server that has been started anew stays', () => {
    expect(joinSamples(at(1, 2, 3), at(60, 61))).toEqual(at(1, 2, 3, 60, 61));
  });

  test('is bounded, ordered, and without repetition whatever frames come', () => {
    const frames = fc.array(
      fc
        .tuple(fc.integer({ min: 0, max: 3000 }), fc.integer({ min: 0, max: 900 }))
        .map(([first, count]) => at(...Array.from({ length: count }, (_, index) => first + index))),
      { maxLength: 8 },
    );
    fc.assert(
      fc.property(frames, (list) => {
        const times = list.reduce(joinSamples, []).map(({ atMs }) => atMs);
        expect(times).toEqual([...new Set(times)].sort((a, b) => a - b));
        expect(times.length).toBeLessThanOrEqual(960);
      }),
      { seed: 1, numRuns: 50 },
    );
  });
});

describe('columnLine', () => {
  test('seconds in which nothing was measured are absent', () => {
    const { points } = columnLine(seconds('cpu', [1, undefined, 3]), 'cpu', 0, 1000);
    expect(points.map(({ timeMs, value }) => [timeMs, value])).toEqual([
      [0, 1],
      [2000, 3],
    ]);
    expect(columnLine(seconds('cpu', [1, 2]), 'rssBytes', 0, 1000).points).toEqual([]);
  });

  test('several seconds become one point that keeps their least and most', () => {
    const { points } = columnLine(seconds('cpu', [1, 2, 90, 4]), 'cpu', 0, 3000);
    expect(points).toEqual([
      { timeMs: 0, value: 31, min: 1, max: 90 },
      { timeMs: 3000, value: 4, min: 4, max: 4 },
    ]);
  });

  test('a bucket that is complete does not change as the window moves on', () => {
    const samples = seconds(
      'cpu',
      Array.from({ length: 30 }, (_, second) => (second * 7) % 11),
    );
    const early = columnLine(samples.slice(0, 20), 'cpu', 0, 3000).points;
    const late = columnLine(samples, 'cpu', 6000, 3000).points;
    expect(late.slice(0, 3)).toEqual(early.slice(2, 5));
  });

  test('a small chart is given at most 300 points', () => {
    expect([60_000, 300_000, 900_000].map(stepOf)).toEqual([1000, 1000, 3000]);
  });
});

test('every metric has exactly one chart', () => {
  expect(CHART_GROUPS.flatMap(({ metrics }) => metrics).sort()).toEqual([...SYSTEM_METRIC_NAMES].sort());
});

test('the range survives the address, and nonsense falls back to the default', () => {
  for (const range of SYSTEM_RANGE_KEYS) {
    expect(systemRange(new URL(addressOfSystem(range), 'http://localhost').searchParams)).toBe(range);
  }
  expect(systemRange(new URLSearchParams('range=9y'))).toBe('5m');
});
