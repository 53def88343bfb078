import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ProtoReader } from '../proto-reader.ts';
import { type GivenHistogram, writeRequestV2 } from '../testing/remote-write-bodies.ts';
import { type NativeHistogram, quantileOf, readNativeHistogram } from './native-histogram.ts';

/** The histogram stands behind the tag of its series, that of its labels, and its own. */
function read(given: GivenHistogram): NativeHistogram {
  const body = writeRequestV2([{ labels: {}, histograms: [given] }]);
  const reader = new ProtoReader(body, 'request');
  const enter = (number: number, within: number): number => {
    for (let tag = reader.field(within); tag >>> 3 !== number; tag = reader.field(within)) reader.skip(tag, within);
    return reader.end(within);
  };
  return readNativeHistogram(reader, enter(3, enter(5, body.length)));
}

describe('A native histogram', () => {
  test('has buckets that grow by powers of two, with gaps between its spans', () => {
    const { buckets } = read({
      timeMs: 1,
      schema: 1,
      positive: {
        spans: [
          [0, 2],
          [2, 1],
        ],
        deltas: [3, -1, 4],
      },
    });
    expect(buckets.map(({ count }) => count)).toEqual([3, 2, 6]);
    expect(buckets.map(({ upper }) => upper)).toEqual([1, 2 ** 0.5, 4]);
    expect(buckets[0]?.lower).toBeCloseTo(2 ** -0.5);
  });

  test('goes from the most negative over zero to the greatest', () => {
    const { buckets } = read({
      timeMs: 1,
      zero: { threshold: 0.5, count: 7 },
      negative: { spans: [[1, 2]], deltas: [1, 1] },
      positive: { spans: [[1, 1]], deltas: [5] },
    });
    expect(buckets).toEqual([
      { lower: -4, upper: -2, count: 2 },
      { lower: -2, upper: -1, count: 1 },
      { lower: -0.5, upper: 0.5, count: 7 },
      { lower: 1, upper: 2, count: 5 },
    ]);
  });

  test('has the bounds that its sender gives, the outermost open', () => {
    const histogram = read({
      timeMs: 1,
      schema: -53,
      custom: [1, 5],
      positive: { spans: [[0, 3]], deltas: [1, 1, 1] },
    });
    expect(histogram.buckets).toEqual([
      { lower: Number.NEGATIVE_INFINITY, upper: 1, count: 1 },
      { lower: 1, upper: 5, count: 2 },
      { lower: 5, upper: Number.POSITIVE_INFINITY, count: 3 },
    ]);
    expect(quantileOf(histogram, 0.01)).toBe(1);
    expect(quantileOf(histogram, 1)).toBe(5);
  });

  test('of floats has absolute counts', () => {
    const { buckets } = read({ timeMs: 1, positive: { spans: [[0, 2]], counts: [0.5, 1.5] } });
    expect(buckets.map(({ count }) => count)).toEqual([0.5, 1.5]);
  });

  test('does not make up the buckets that hostile spans promise', () => {
    const spans: [number, number][] = [
      [2 ** 30, 2 ** 31],
      [-(2 ** 31), 2 ** 32 - 1],
    ];
    expect(read({ timeMs: 1, positive: { spans, deltas: [1] } }).buckets).toHaveLength(1);
    expect(read({ timeMs: 1, positive: { spans, deltas: [] } }).buckets).toEqual([]);
  });

  test('without observations has no quantiles', () => {
    expect(quantileOf(read({ timeMs: 1 }), 0.5)).toBeUndefined();
  });
});

test('a quantile of what was observed lies in the bucket that holds it', () => {
  const values = fc.array(fc.double({ min: 0.001, max: 1e6, noNaN: true }), { minLength: 1, maxLength: 200 });
  const property = fc.property(
    values,
    fc.integer({ min: 0, max: 4 }),
    fc.double({ min: 0, max: 1, noNaN: true }),
    (given, schema, share) => {
      const index = (value: number) => Math.ceil(Math.log2(value) * 2 ** schema);
      const counts = new Map<number, number>();
      for (const value of given) counts.set(index(value), (counts.get(index(value)) ?? 0) + 1);
      const indices = [...counts.keys()].sort((a, b) => a - b);
      const spans = indices.map((at, place): [number, number] => [
        place === 0 ? at : at - (indices[place - 1] ?? 0) - 1,
        1,
      ]);
      const histogram = read({
        timeMs: 1,
        schema,
        positive: { spans, counts: indices.map((at) => counts.get(at) ?? 0) },
      });
      const quantile = quantileOf(histogram, share) ?? Number.NaN;
      const sorted = given.toSorted((a, b) => a - b);
      const rank = Math.max(0, Math.ceil(share * given.length - 1e-9) - 1);
      const growth = 2 ** (2 ** -schema);
      const exact = sorted[rank] ?? Number.NaN;
      expect(quantile).toBeGreaterThanOrEqual((exact / growth) * (1 - 1e-6));
      expect(quantile).toBeLessThanOrEqual(exact * growth * (1 + 1e-6));
    },
  );
  fc.assert(property, { seed: 5 });
});
