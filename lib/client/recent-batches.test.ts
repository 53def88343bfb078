import { expect, test } from 'vitest';
import type { StreamedEvent } from '@/lib/core/event.ts';
import { RECENT_EVENTS_MAX, RecentBatches } from './recent-batches.ts';
import type { StreamBatch } from './stream-batch.ts';

const at = (seq: number) => `EpochAA1.${seq}`;

function batch(from: number, to: number, change: Partial<StreamBatch> = {}): StreamBatch {
  const events = Array.from({ length: to - from }, (_, index): StreamedEvent => {
    const base = {
      kind: 'log',
      time: '2026-01-01T00:00:00.000Z',
      level: 'info',
      service: 'web',
      message: 'm',
    } as const;
    return { ...base, position: at(from + index + 1), prev: at(from + index) };
  });
  return { filter: {}, fromCursor: at(from), toCursor: at(to), replay: false, notices: [], events, ...change };
}

test('the recent batches bring a need up to now, or nothing when they do not reach back to it', () => {
  const recent = new RecentBatches();
  for (const from of [10, 20, 30]) recent.remember(batch(from, from + 10));
  const since = (seq: number) => recent.since({ filter: {}, cursor: at(seq) }).map((one) => one.toCursor);
  expect(since(10)).toEqual([at(20), at(30), at(40)]);
  expect(since(25)).toEqual([at(30), at(40)]);
  expect(since(40)).toEqual([]);
  expect(since(9)).toEqual([]);
  expect(recent.since({ filter: {}, cursor: 'EpochBB2.25' })).toEqual([]);
});

test('the recent batches of a narrow stream are none to a wider need', () => {
  const recent = new RecentBatches();
  recent.remember(batch(10, 20, { filter: { kind: 'log' } }));
  expect(recent.since({ filter: {}, cursor: at(12) })).toEqual([]);
  expect(recent.since({ filter: { kind: 'log', q: 'm' }, cursor: at(12) })).toHaveLength(1);
});

test('the recent batches say nothing twice of a reconnection and forget what lies before a gap', () => {
  const recent = new RecentBatches();
  recent.remember(batch(10, 20, { notices: [{ kind: 'caught-up', atMs: 1, downMs: 5, lost: 0 }] }));
  expect(recent.since({ filter: {}, cursor: at(10) })[0]?.notices).toEqual([]);
  const gap = { from: at(20), to: at(25), missed: 5, reason: 'retention' as const, atMs: 1 };
  recent.remember(batch(20, 30, { notices: [{ kind: 'gap', gap }] }));
  expect(recent.since({ filter: {}, cursor: at(15) })).toEqual([]);
});

test('the recent batches are bounded', () => {
  const recent = new RecentBatches();
  for (let from = 0; from < 20_000; from += 100) recent.remember(batch(from, from + 100));
  const held = recent.since({ filter: {}, cursor: at(20_000 - RECENT_EVENTS_MAX) });
  expect(held.flatMap((one) => one.events)).toHaveLength(RECENT_EVENTS_MAX);
  expect(recent.since({ filter: {}, cursor: at(20_000 - RECENT_EVENTS_MAX - 1) })).toEqual([]);
});
