import { expect, test } from 'vitest';
import { RhythmWatch } from './rhythm-watch.ts';

const EVERY_MS = 15_000;

/** Heartbeats are sent every 15 s from 0; each arrives when `arrivals` says. */
function hear(arrivals: readonly number[], bytes: (beat: number) => number = () => 0) {
  const watch = new RhythmWatch();
  return arrivals.map((atMs, beat) => {
    const sentMs = beat * EVERY_MS;
    const rhythm = { heartbeatDelayMs: atMs - sentMs, bytes: bytes(beat), heartbeatMs: EVERY_MS };
    return watch.heard(new Date(sentMs).toISOString(), rhythm, atMs);
  });
}

test('heartbeats that arrive as they are sent are on time, a short delay is nothing', () => {
  expect(hear([10, 15_900, 30_000, 46_900])).toEqual(['on-time', 'on-time', 'on-time', 'on-time']);
});

test('one that comes seconds later than the quickest is late', () => {
  expect(hear([10, 18_000, 36_000])).toEqual(['on-time', 'late', 'late']);
});

test('several intervals at once are one burst, however many come', () => {
  expect(hear([10, 60_000, 60_001, 60_002, 60_010, 75_000])).toEqual([
    ...['on-time', 'late', 'burst', undefined, undefined, 'on-time'],
  ]);
});

test('in a flood a browser hears late by itself: that says nothing about the line', () => {
  expect(hear([10, 18_000], (beat) => beat * 2_000_000)).toEqual(['on-time', undefined]);
});

test('a new connection begins anew', () => {
  const watch = new RhythmWatch();
  const rhythm = { heartbeatDelayMs: 0, bytes: 0, heartbeatMs: EVERY_MS };
  expect(watch.heard(new Date(0).toISOString(), rhythm, 0)).toBe('on-time');
  watch.begin();
  expect(watch.heard(new Date(EVERY_MS).toISOString(), rhythm, 10)).toBe('on-time');
  expect(watch.heard('whenever', rhythm, 20)).toBeUndefined();
});
