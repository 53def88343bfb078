import fc from 'fast-check';
import { expect, test } from 'vitest';
import { KeyedBuckets } from './keyed-buckets.ts';
import { TokenBucket } from './token-bucket.ts';

test('over seconds no more passes than the rate and one burst, however it is asked', () => {
  const asks = fc.array(
    fc.record({ afterMs: fc.integer({ min: 0, max: 400 }), count: fc.integer({ min: 1, max: 30 }) }),
    {
      minLength: 20,
      maxLength: 200,
    },
  );
  fc.assert(
    fc.property(asks, fc.integer({ min: 1, max: 200 }), fc.integer({ min: 1, max: 100 }), (steps, perSecond, burst) => {
      const bucket = new TokenBucket(perSecond, burst, 0);
      const passed: { atMs: number; count: number }[] = [];
      let nowMs = 0;
      for (const { afterMs, count } of steps) {
        nowMs += afterMs;
        if (bucket.take(count, nowMs)) passed.push({ atMs: nowMs, count });
      }
      // Every window, not only from the start: a limiter that refills wrongly passes its first burst all the same.
      for (const [index, first] of passed.entries()) {
        let sum = 0;
        for (const { atMs, count } of passed.slice(index)) {
          sum += count;
          expect(sum).toBeLessThanOrEqual(burst + ((atMs - first.atMs) / 1000) * perSecond + 1e-6);
        }
      }
    }),
    { seed: 5 },
  );
});

test('who asks for one token each time one is due gets every one: the sustained rate is the rate', () => {
  const bucket = new TokenBucket(50, 10, 0);
  let taken = 0;
  for (let nowMs = 0; nowMs <= 5000; nowMs += 1) if (bucket.take(1, nowMs)) taken += 1;
  expect(taken).toBeGreaterThanOrEqual(10 + 5 * 50 - 1);
  expect(taken).toBeLessThanOrEqual(10 + 5 * 50);
});

test('a debt is paid off at the rate before anything else passes', () => {
  const bucket = new TokenBucket(100, 100, 0);
  bucket.spend(350, 0);
  expect(bucket.waitMs(1, 0)).toBe(2510);
  expect(bucket.take(1, 2500)).toBe(false);
  expect(bucket.take(1, 2511)).toBe(true);
  expect(bucket.waitMs(0, 2511)).toBe(0);
});

test('a clock that is set back neither brings nor takes tokens', () => {
  const bucket = new TokenBucket(10, 10, 100_000);
  bucket.spend(10, 100_000);
  expect(bucket.take(1, 0)).toBe(false);
  expect(bucket.take(1, 100)).toBe(true);
});

test('buckets by key are apart and bounded; one in use is not forgotten for a full one', () => {
  const buckets = new KeyedBuckets(1, 5, 3);
  buckets.of('a', 0).spend(5, 0);
  buckets.of('b', 0);
  buckets.of('c', 0);
  expect(buckets.of('d', 0).take(5, 0)).toBe(true);
  expect(buckets.size).toBeLessThanOrEqual(3);
  expect(buckets.of('a', 0).take(1, 0)).toBe(false);
  for (let key = 0; key < 100; key += 1) buckets.of(`key ${key}`, 0).spend(5, 0);
  expect(buckets.size).toBeLessThanOrEqual(3);
});
