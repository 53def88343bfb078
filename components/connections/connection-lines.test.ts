import { expect, test } from 'vitest';
import type { ConnectionSample } from '@/lib/wire/connection-pages.ts';
import {
  addSamples,
  chartSpanMs,
  foldLine,
  lagLines,
  SAMPLES_MAX,
  stateLines,
  turnoverLines,
} from './connection-lines.ts';

const START_MS = 1_800_000_000_000;

function sample(second: number, changes: Partial<ConnectionSample> = {}): ConnectionSample {
  return {
    atMs: START_MS + second * 1000,
    states: {},
    transports: {},
    opened: 0,
    refused: 0,
    closed: {},
    lagP50Ms: 0,
    lagP95Ms: 0,
    lagP99Ms: 0,
    eventsSent: 0,
    bytesSent: 0,
    ...changes,
  };
}
const seconds = (count: number, changes: (second: number) => Partial<ConnectionSample> = () => ({})) =>
  Array.from({ length: count }, (_, second) => sample(second, changes(second)));

test('samples add up over frames, at most a quarter of an hour, and a repeated one counts once', () => {
  const history = seconds(SAMPLES_MAX);
  const first = addSamples([], history, true);
  const next = addSamples(first, [sample(SAMPLES_MAX - 1), sample(SAMPLES_MAX)], false);
  expect(next).toHaveLength(SAMPLES_MAX);
  expect(next.at(-1)?.atMs).toBe(START_MS + SAMPLES_MAX * 1000);
  expect(next.at(-2)?.atMs).toBe(START_MS + (SAMPLES_MAX - 1) * 1000);
});

test('the first frame of another stream replaces what was kept, even after a restart of the server', () => {
  const kept = seconds(10);
  expect(addSamples(kept, [sample(5)], true)).toEqual([sample(5)]);
});

test('a fresh start is drawn over a minute, a long run over a quarter of an hour', () => {
  const nowMs = START_MS + 20_000;
  expect(chartSpanMs([], nowMs)).toBe(60_000);
  expect(chartSpanMs(seconds(20), nowMs)).toBe(60_000);
  expect(chartSpanMs(seconds(1), START_MS + 61_000)).toBe(300_000);
  expect(chartSpanMs(seconds(1), START_MS + 3_600_000)).toBe(900_000);
});

test('a line of a quarter of an hour has three hundred points, folded as their meaning asks', () => {
  const samples = seconds(900, (second) => ({ opened: second % 3 }));
  const opened = ({ opened }: ConnectionSample) => opened;
  const fold = (how: 'last' | 'mean' | 'max') => foldLine(samples, 900_000, how, opened);
  expect(fold('max').points).toHaveLength(300);
  expect(fold('max').cadenceMs).toBe(3000);
  expect(new Set(fold('max').points.map(({ value }) => value))).toEqual(new Set([2]));
  expect(new Set(fold('last').points.map(({ value }) => value))).toEqual(new Set([2]));
  expect(new Set(fold('mean').points.map(({ value }) => value))).toEqual(new Set([1]));
});

test('a new second changes only the newest point', () => {
  const before = foldLine(
    seconds(500, (s) => ({ opened: s })),
    900_000,
    'mean',
    ({ opened }) => opened,
  );
  const after = foldLine(
    seconds(501, (s) => ({ opened: s })),
    900_000,
    'mean',
    ({ opened }) => opened,
  );
  expect(after.points.slice(0, 166)).toEqual(before.points.slice(0, 166));
});

test('only states that occurred have a line, but there is always one', () => {
  const names = (samples: ConnectionSample[]) => stateLines(samples, 60_000).map(({ name }) => name);
  expect(names(seconds(3))).toEqual(['live']);
  expect(names(seconds(3, (second) => ({ states: { live: 3, lagging: second === 1 ? 1 : 0 } })))).toEqual([
    'live',
    'lagging',
  ]);
});

test('closes are told apart by their reason', () => {
  const samples = [sample(0, { opened: 4, closed: { age: 2, 'client-left': 1 } }), sample(1, { refused: 1 })];
  const lines = turnoverLines(samples, 60_000);
  expect(lines.map(({ name }) => name)).toEqual(['opened', 'refused', 'closed: client left', 'closed: age']);
  expect(lines.map(({ data }) => data.points[0]?.value)).toEqual([4, 0, 1, 2]);
});

test('no samples, no points: the chart can say that nothing was measured', () => {
  expect(lagLines([], 60_000).flatMap(({ data }) => data.points)).toEqual([]);
});
