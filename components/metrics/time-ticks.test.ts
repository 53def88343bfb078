import fc from 'fast-check';
import { expect, test } from 'vitest';
import { ticksInside, timeTicks } from './time-ticks.ts';

const HOUR_MS = 3_600_000;

test('an hour has round ticks', () => {
  const fromMs = Date.UTC(2026, 10, 23, 14, 2, 11);
  const minutes = timeTicks(fromMs, fromMs + HOUR_MS, 4).map((tick) => new Date(tick).toISOString().slice(11, 16));
  expect(minutes).toEqual(['14:15', '14:30', '14:45', '15:00']);
});

test('six hours are round in the zone of the reader, even where it is half an hour off', () => {
  const ticks = timeTicks(0, 6 * HOUR_MS, 3, 5.5 * HOUR_MS);
  expect(ticks.every((tick) => (tick + 5.5 * HOUR_MS) % (2 * HOUR_MS) === 0)).toBe(true);
});

test('ticks are inside the window, rise, and are no more than asked for', () => {
  const spans = fc.integer({ min: 60_000, max: 30 * 86_400_000 });
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 2e12 }), spans, fc.integer({ min: 1, max: 8 }), (fromMs, spanMs, count) => {
      const ticks = timeTicks(fromMs, fromMs + spanMs, count);
      const inside = ticks.every((tick) => tick >= fromMs && tick <= fromMs + spanMs);
      const rising = ticks.every((tick, index) => index === 0 || tick > (ticks[index - 1] ?? 0));
      return inside && rising && ticks.length <= count;
    }),
    { seed: 1 },
  );
});

test('a label that would leave the chart at the right is left out, and one with seconds needs more room', () => {
  const px = (timeMs: number) => (120_000 - timeMs) / 1000;
  expect(ticksInside([0, 60_000, 120_000], px)).toEqual([0, 60_000]);
  expect(ticksInside([60_000, 75_000, 90_000, 100_000], px)).toEqual([60_000, 75_000, 90_000]);
  expect(ticksInside([60_000, 104_000], (timeMs) => px(timeMs) + 14)).toEqual([60_000, 104_000]);
});
