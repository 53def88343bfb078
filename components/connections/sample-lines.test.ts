import { expect, test } from 'vitest';
import { sampleLine } from './sample-lines.ts';

const samples = [
  { atMs: 1000, events: 5, bytes: 100, heartbeatDelayMs: null, phase: 'live' },
  { atMs: 2000, events: 0, bytes: 0, heartbeatDelayMs: 12, phase: 'live' },
] as const;

test('a second without a heartbeat has no delay, not a delay of zero', () => {
  expect(sampleLine(samples, 'heartbeatDelayMs', 0).points).toEqual([{ timeMs: 2000, value: 12, min: 12, max: 12 }]);
});

test('a quiet second is drawn as zero, and seconds before the window are left out', () => {
  expect(sampleLine(samples, 'events', 0).points.map(({ value }) => value)).toEqual([5, 0]);
  expect(sampleLine(samples, 'events', 1500).points).toHaveLength(1);
});
