import { expect, test } from 'vitest';
import { RunningTotals } from './running-totals.ts';
import { SeriesMemory } from './series-memory.ts';

test('what has been silent the longest is forgotten when there is no more room', () => {
  const memory = new SeriesMemory<number[]>(10, (entry) => entry.length);
  memory.set('a', [1, 2, 3, 4]);
  memory.set('b', [1, 2, 3, 4]);
  memory.set('a', [1, 2, 3]);
  memory.set('c', [1, 2, 3, 4]);
  expect([memory.get('a')?.length, memory.get('b')?.length, memory.get('c')?.length]).toEqual([3, undefined, 4]);
});

test('one entry that is larger than all the room is kept, and nothing beside it', () => {
  const memory = new SeriesMemory<number[]>(3, (entry) => entry.length);
  memory.set('a', [1]);
  memory.set('b', [1, 2, 3, 4]);
  expect([memory.size, memory.get('b')?.length]).toEqual([1, 4]);
});

test('of very many series of deltas only the newest are remembered', () => {
  const totals = new RunningTotals();
  for (let index = 0; index < 300_000; index += 1) {
    totals.add(`series ${index}`, { startNanos: 1, timeNanos: 2, delta: 1 });
  }
  // Forgotten, so it begins anew; the newest goes on.
  expect(totals.add('series 0', { startNanos: 2, timeNanos: 3, delta: 1 })).toMatchObject({ value: 1, beginsNanos: 2 });
  expect(totals.add('series 299999', { startNanos: 2, timeNanos: 3, delta: 1 })).toMatchObject({ value: 2 });
});
