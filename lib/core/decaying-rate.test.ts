import { expect, test } from 'vitest';
import { DecayingRate } from './decaying-rate.ts';

test('a steady flow is told as what it is a second', () => {
  const rate = new DecayingRate(10_000, 0);
  for (let ms = 100; ms <= 60_000; ms += 100) rate.add(5, ms);
  expect(rate.perSecond(60_000)).toBeGreaterThan(48);
  expect(rate.perSecond(60_000)).toBeLessThan(52);
});

test('a flow that has ended fades to nothing', () => {
  const rate = new DecayingRate(10_000, 0);
  rate.add(1000, 0);
  expect(rate.perSecond(0)).toBe(100);
  expect(rate.perSecond(10_000)).toBeCloseTo(36.8, 0);
  expect(rate.perSecond(200_000)).toBeLessThan(0.001);
});

test('a clock that is set back does not make it grow', () => {
  const rate = new DecayingRate(10_000, 50_000);
  rate.add(100, 50_000);
  expect(rate.perSecond(10_000)).toBe(10);
});
