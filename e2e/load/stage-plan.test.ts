import { describe, expect, test } from 'vitest';
import { clockTime, durationMs } from './duration.ts';
import { parseStages, shareAt, stormTimes } from './stage-plan.ts';

const DEFAULTS = { ramp: 1000, hold: 2000, cool: 3000 };

describe('stages', () => {
  test('those that are named change, the others stay', () => {
    expect(parseStages('ramp=20s, hold=1.5m', DEFAULTS)).toEqual({ ramp: 20_000, hold: 90_000, cool: 3000 });
  });

  test.each(['ramp', 'ramp=20', 'storm=3s', 'hold=-3s', '', 'hold=1000h'])('%j is refused with a sentence', (text) => {
    expect(() => parseStages(text, DEFAULTS)).toThrow(/--stage: expected such as/);
  });

  test('viewers come and go in a straight line', () => {
    const shares = [0, 250, 500, 1000, 2000].map((ms) => shareAt('ramp', ms, DEFAULTS));
    expect(shares).toEqual([0, 0.25, 0.5, 1, 1]);
    expect([0, 1500, 3000, 9000].map((ms) => shareAt('cool', ms, DEFAULTS))).toEqual([1, 0.5, 0, 0]);
    expect([shareAt('hold', 0, DEFAULTS), shareAt('settle', 0, DEFAULTS), shareAt('after', 0, DEFAULTS)]).toEqual([
      1, 1, 0,
    ]);
  });

  test('a stage of no length is over at once', () => {
    expect(shareAt('ramp', 0, { ...DEFAULTS, ramp: 0 })).toBe(1);
  });

  test('one storm breaks in the middle, more are spread evenly', () => {
    expect(stormTimes(1, 60_000)).toEqual([30_000]);
    expect(stormTimes(3, 60_000)).toEqual([15_000, 30_000, 45_000]);
    expect(stormTimes(0, 60_000)).toEqual([]);
  });
});

test('durations are read with their unit only', () => {
  expect(['250ms', '20s', '1.5m', '2h'].map(durationMs)).toEqual([250, 20_000, 90_000, 7_200_000]);
  expect(['20', 's', '-1s', '1d', '1 s'].map(durationMs)).toEqual(Array(5).fill(undefined));
});

test('times are written for people', () => {
  expect([0, 65_000, 3_725_000].map(clockTime)).toEqual(['0:00', '1:05', '1:02:05']);
});
