import { expect, test } from 'vitest';
import { figuresOf, figureWord, isRunning, isWhole, stepTest, type TestRun, type TestStep } from './test-line.ts';

const id = 'abc';
const line = { id, position: 'AAAAAAAA.7', durable: true, storedInMs: 4 };
const ALL: readonly TestStep[] = [
  { kind: 'answered', id, atMs: 110, line },
  { kind: 'arrived', id, atMs: 120 },
  { kind: 'painted', id, atMs: 130 },
];

function play(...steps: readonly TestStep[]): TestRun {
  const begun: TestStep = { kind: 'begun', id, atMs: 100 };
  const run = [begun, ...steps].reduce<TestRun | undefined>(stepTest, undefined);
  if (!run) throw new Error('expected a run');
  return run;
}

test('the line is whole when it is stored and painted, whichever came first', () => {
  const [answered, arrived, painted] = ALL as [TestStep, TestStep, TestStep];
  for (const run of [play(answered, arrived, painted), play(arrived, painted, answered)]) {
    expect(isWhole(run)).toBe(true);
    expect(isRunning(run)).toBe(false);
    expect(figuresOf(run).map(({ name, ms }) => [name, ms])).toEqual([
      ['ingest', 6],
      ['stored', 4],
      ['on screen', 30],
    ]);
  }
});

test('a second arrival changes no figure', () => {
  const run = play(...ALL, { kind: 'arrived', id, atMs: 900 }, { kind: 'painted', id, atMs: 950 });
  expect(figuresOf(run)[2]?.ms).toBe(30);
});

test('steps of another line, or after the end, change nothing', () => {
  const run = play({ kind: 'arrived', id: 'other', atMs: 120 });
  expect(run.arrivedMs).toBeUndefined();
  const refused = play({ kind: 'refused', id, says: 'the server is shutting down' });
  expect(refused.failure).toBe('It was not stored: the server is shutting down');
  expect(stepTest(refused, ALL[1] as TestStep)).toBe(refused);
});

test('the sentence names the step that did not happen', () => {
  const up: TestStep = { kind: 'given-up', id, afterMs: 10_000, stream: 'waiting' };
  expect(play(up).failure).toBe('The server did not answer within 10 s that it is stored.');
  expect(play(ALL[0] as TestStep, up).failure).toBe(
    "It is stored at AAAAAAAA.7, but did not come by this browser's stream within 10 s (the stream is waiting).",
  );
  expect(play(ALL[0] as TestStep, ALL[1] as TestStep, up).failure).toContain('painted no frame within 10 s');
  expect(play(...ALL, up).failure).toBeUndefined();
});

test('figures are short: a tenth matters below ten, no longer above', () => {
  expect([0.04, 0.83, 9.96, 31.4, 1234].map(figureWord)).toEqual(['0.0 ms', '0.8 ms', '10.0 ms', '31 ms', '1.2 s']);
});
