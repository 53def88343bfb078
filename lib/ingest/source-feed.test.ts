import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { PreparedEvent } from '@/lib/core/prepared-event.ts';
import { Sender } from './sender.ts';
import { SourceFeed } from './source-feed.ts';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

function setUp() {
  const stored: string[] = [];
  const lost: number[] = [];
  const state = { away: false, attempts: 0, sizes: [] as number[] };
  const feed = new SourceFeed({
    async append(events: readonly PreparedEvent[]) {
      state.attempts += 1;
      await Promise.resolve();
      if (state.away) throw new Error('away');
      state.sizes.push(events.length);
      stored.push(...events.map((event) => JSON.parse(event.body).message));
    },
    now: () => Date.UTC(2026, 0, 1),
    onLost: (count) => lost.push(count),
  });
  const sender = new Sender({ protocol: 'built-in', address: 'test' }, 0);
  const take = feed.sinkOf(sender);
  const send = (from: number, count: number) =>
    take(Array.from({ length: count }, (_, index) => ({ kind: 'log' as const, message: `m${from + index}` })));
  return { feed, stored, lost, state, send, take, sender };
}

test('events are stored in order, in appends of bounded size; invalid ones are counted', async () => {
  const { feed, stored, state, send, take, sender } = setUp();
  send(0, 5000);
  take([{ kind: 'metric', name: 'm', value: Number.NaN }]);
  await vi.advanceTimersByTimeAsync(0);
  expect(stored).toEqual(Array.from({ length: 5000 }, (_, index) => `m${index}`));
  expect(Math.max(...state.sizes)).toBeLessThanOrEqual(2000);
  expect(feed).toMatchObject({ lost: 0, refused: 1 });
  expect(sender).toMatchObject({ accepted: 5000, rejected: 1 });
});

test('while the store is away it is asked once a second, and nothing is lost or reordered', async () => {
  const { feed, stored, lost, state, send } = setUp();
  state.away = true;
  send(0, 3000);
  await vi.advanceTimersByTimeAsync(3500);
  expect(state.attempts).toBe(4);
  send(3000, 10);
  expect(state.attempts).toBe(4);
  state.away = false;
  await vi.advanceTimersByTimeAsync(1000);
  expect(stored).toEqual(Array.from({ length: 3010 }, (_, index) => `m${index}`));
  expect(feed.lost).toBe(0);
  expect(lost).toEqual([]);
});

test('beyond the buffer the oldest go, are counted exactly, and are told once the store is back', async () => {
  const { feed, stored, lost, state, send } = setUp();
  state.away = true;
  send(0, 19_000);
  await vi.advanceTimersByTimeAsync(10);
  send(19_000, 6000);
  await vi.advanceTimersByTimeAsync(2000);
  expect(feed.lost).toBe(5000);
  expect(lost).toEqual([]);
  state.away = false;
  await vi.advanceTimersByTimeAsync(1000);
  expect(stored).toHaveLength(20_000);
  expect(stored[0]).toBe('m5000');
  expect(stored.at(-1)).toBe('m24999');
  expect(lost).toEqual([5000]);
});

test('the buffer keeps its bound also when a failed append comes back to it', async () => {
  const { feed, stored, state, send } = setUp();
  state.away = true;
  send(0, 2000);
  send(2000, 20_000);
  await vi.advanceTimersByTimeAsync(10);
  expect(feed.lost).toBe(2000);
  state.away = false;
  await vi.advanceTimersByTimeAsync(1000);
  expect(stored).toHaveLength(20_000);
});

test('closing ends everything, also while an append is failing', async () => {
  const { feed, state, send } = setUp();
  state.away = true;
  send(0, 10);
  feed.close();
  await vi.advanceTimersByTimeAsync(0);
  expect(vi.getTimerCount()).toBe(0);
  send(10, 10);
  await vi.advanceTimersByTimeAsync(5000);
  expect(state.attempts).toBe(1);
});
