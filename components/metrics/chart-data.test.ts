import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { MetricPoint } from '@/lib/wire/pages.ts';
import { summarize, toLine, toRows, valueAt } from './chart-data.ts';

const point = (timeS: number, value: number, spread = 0): MetricPoint => [
  timeS * 1000,
  value,
  value - spread,
  value + spread,
  value,
  spread > 0 ? 2 : 1,
];
const gauge = (...points: MetricPoint[]) => toLine(points, false, 1000);
const counter = (...points: MetricPoint[]) => toLine(points, true, 1000);

describe('toLine', () => {
  test('a counter is drawn as its rate a second', () => {
    expect(counter(point(0, 10), point(1, 30), point(3, 130)).points.map(({ value }) => value)).toEqual([20, 50]);
  });

  test('a counter that was restarted shows no rate for the step in which nobody knows it', () => {
    expect(counter(point(0, 100), point(1, 5), point(2, 8)).points).toMatchObject([{ timeMs: 2000, value: 3 }]);
  });
});

describe('toRows', () => {
  test('one missing bucket is no gap, three are', () => {
    const rows = toRows([gauge(point(0, 1), point(1, 1), point(3, 1), point(4, 1), point(8, 1), point(9, 1))]);
    expect(rows.map(({ t, v0 }) => [t, v0])).toEqual([
      [0, 1],
      [1000, 1],
      [3000, 1],
      [4000, 1],
      [4001, null],
      [8000, 1],
      [9000, 1],
    ]);
  });

  test('a source that samples every ten seconds has no gaps in buckets of a second', () => {
    const rows = toRows([gauge(point(0, 1), point(10, 2), point(20, 3))]);
    expect(rows.some(({ v0 }) => v0 === null)).toBe(false);
  });

  test('lines with different times do not break each other', () => {
    const rows = toRows([gauge(point(0, 0), point(2, 2)), gauge(point(1, 5))]);
    expect(rows).toEqual([
      { t: 0, v0: 0 },
      { t: 1000, v0: 1, v1: 5 },
      { t: 2000, v0: 2 },
    ]);
  });

  test('a bucket of several samples has a band', () => {
    expect(toRows([gauge(point(0, 5, 2), point(1, 5))])).toEqual([
      { t: 0, v0: 5, b0: [3, 7] },
      { t: 1000, v0: 5 },
    ]);
  });

  test('rows are in time order and hold every point of every line', () => {
    const line = fc
      .uniqueArray(fc.integer({ min: 0, max: 200 }), { maxLength: 40 })
      .map((times) => gauge(...times.sort((a, b) => a - b).map((time) => point(time, time * 3))));
    fc.assert(
      fc.property(fc.array(line, { maxLength: 4 }), (lines) => {
        const rows = toRows(lines);
        expect(rows.map(({ t }) => t)).toEqual(rows.map(({ t }) => t).sort((a, b) => a - b));
        for (const [column, { points }] of lines.entries()) {
          for (const { timeMs, value } of points) {
            expect(rows.find(({ t }) => t === timeMs)?.[`v${column}`]).toBe(value);
          }
        }
      }),
      { seed: 1 },
    );
  });
});

describe('summaries', () => {
  test('the least and most are those of the samples, not of the means', () => {
    expect(summarize(gauge(point(0, 5, 4), point(1, 6)))).toEqual({ last: 6, min: 1, max: 9 });
    expect(summarize(gauge())).toBeUndefined();
  });

  test('under the cursor stands a measured value or nothing', () => {
    const line = gauge(point(0, 1), point(1, 2), point(9, 3));
    expect([0, 1400, 5000, 9500].map((timeMs) => valueAt(line, timeMs))).toEqual([1, 2, undefined, 3]);
  });
});
