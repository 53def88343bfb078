import fc from 'fast-check';
import { expect, test } from 'vitest';
import { CommitTimes } from './commit-times.ts';
import { HerdWatch } from './herd.ts';

test('a lag in events is told in time: within the resolution of what is kept', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 1, max: 300 }), { minLength: 1, maxLength: 400 }), (gapsMs) => {
      const times = new CommitTimes();
      const commits: number[] = [];
      let nowMs = 1000;
      for (const gapMs of gapsMs) {
        nowMs += gapMs;
        commits.push(nowMs);
        times.note(commits.length, nowMs);
      }
      for (let seq = 0; seq < commits.length; seq += 1) {
        const trueMs = nowMs - (commits[seq] ?? 0);
        expect(times.ageAfterMs(seq, nowMs) - trueMs).toBeGreaterThanOrEqual(0);
        expect(times.ageAfterMs(seq, nowMs) - trueMs).toBeLessThan(20);
      }
      expect(times.ageAfterMs(commits.length, nowMs)).toBe(0);
    }),
    { seed: 2 },
  );
});

test('beyond what is kept a lag is at least as long as what is', () => {
  const times = new CommitTimes();
  for (let seq = 1; seq <= 20_000; seq += 1) times.note(seq, seq * 25);
  expect(times.ageAfterMs(0, 20_000 * 25)).toBe((8192 - 1) * 25);
  expect(times.ageAfterMs(19_990, 20_000 * 25)).toBe(9 * 25);
});

test('the herd is the busiest second over the mean one of the last burst', () => {
  const watch = new HerdWatch();
  for (const arrivals of [0, 3, 0]) watch.second(arrivals, 0);
  expect(watch.last).toBeUndefined();
  const burst = [100, 400, 100, 0, 0, 0];
  for (const [index, arrivals] of burst.entries()) watch.second(arrivals, 5000 + index * 1000);
  expect(watch.last).toEqual({ atMs: 4000, connections: 600, seconds: 3, factor: 2 });
  watch.second(2, 20_000);
  expect(watch.last?.connections).toBe(600);
  watch.second(50, 30_000);
  expect(watch.last).toMatchObject({ connections: 50, factor: 1 });
});
