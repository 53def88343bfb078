import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Histogram } from './histogram.ts';

const durations = fc.array(fc.double({ min: 0.05, max: 1e6, noNaN: true }), { minLength: 1, maxLength: 300 });

describe('a histogram', () => {
  test('tells every quantile to 2.3 %, whatever came', () => {
    fc.assert(
      fc.property(durations, fc.double({ min: 0.01, max: 1, noNaN: true }), (values, share) => {
        const histogram = new Histogram();
        for (const value of values) histogram.record(value);
        const exact = values.toSorted((a, b) => a - b)[Math.max(1, Math.ceil(share * values.length)) - 1] ?? 0;
        expect(Math.abs(histogram.quantile(share) / exact - 1)).toBeLessThan(0.023);
        expect(histogram.maxMs).toBe(Math.max(...values));
      }),
      { seed: 7 },
    );
  });

  test('two that are added are one of all values', () => {
    const [all, first, second] = [new Histogram(), new Histogram(), new Histogram()];
    for (let ms = 1; ms <= 1000; ms += 1) {
      all.record(ms);
      (ms % 3 === 0 ? first : second).record(ms);
    }
    const sum = new Histogram();
    sum.add(first.take());
    sum.add(second.take());
    expect([sum.total, sum.quantile(0.5), sum.quantile(0.99), sum.maxMs]).toEqual([
      1000,
      all.quantile(0.5),
      all.quantile(0.99),
      1000,
    ]);
  });

  test('what was taken is not counted again', () => {
    const histogram = new Histogram();
    histogram.record(5);
    histogram.take();
    expect([histogram.total, histogram.maxMs]).toEqual([0, 0]);
    expect(histogram.quantile(0.5)).toBeNaN();
  });

  test('values beyond both ends are kept in the outermost buckets', () => {
    const histogram = new Histogram();
    for (const ms of [-3, 0, 1e12]) histogram.record(ms);
    expect(histogram.total).toBe(3);
    expect(histogram.quantile(0.5)).toBeLessThan(0.06);
    expect(histogram.maxMs).toBe(1e12);
  });
});
