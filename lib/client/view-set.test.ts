import { describe, expect, test } from 'vitest';
import type { StreamedEvent } from '@/lib/core/event.ts';
import type { Filter } from '@/lib/core/filter.ts';
import type { Notice, StreamBatch } from './stream-batch.ts';
import { covers, joinNeeds, ViewSet } from './view-set.ts';

const E = 'EpochAA1';
const at = (seq: number) => `${E}.${seq}`;
const event = (seq: number, epoch = E): StreamedEvent => ({
  kind: 'log',
  time: '2026-01-01T00:00:00.000Z',
  level: 'info',
  service: 'web',
  message: `m${seq}`,
  position: `${epoch}.${seq}`,
  prev: `${epoch}.${seq - 1}`,
});

function batch(from: number, seqs: number[], to: number, filter: Filter = {}, notices: Notice[] = []): StreamBatch {
  return {
    filter,
    fromCursor: at(from),
    toCursor: at(to),
    replay: false,
    notices,
    events: seqs.map((seq) => event(seq)),
  };
}

function setUp(filter: Filter, cursor: number) {
  const views = new ViewSet();
  const seen: string[] = [];
  const kinds: string[] = [];
  views.open({
    filter,
    cursor: at(cursor),
    onBatch: (part) => {
      seen.push(...part.events.map((one) => one.position));
      kinds.push(...part.notices.map((notice) => notice.kind));
    },
  });
  return { views, seen, kinds };
}

describe('the views of a tab', () => {
  test('drop what they have and take what is new', () => {
    const { views, seen } = setUp({}, 3);
    expect(views.accept(batch(1, [2, 3, 4], 5))).toBe(true);
    expect(seen).toEqual([at(4)]);
    expect(views.need?.cursor).toBe(at(5));
  });

  test('ask for what is missing when a batch begins after them', () => {
    const { views, seen } = setUp({}, 3);
    expect(views.accept(batch(4, [5], 5))).toBe(false);
    expect(seen).toEqual([]);
    expect(views.need?.cursor).toBe(at(3));
  });

  test('do not trust a batch of a narrower stream', () => {
    const { views, seen } = setUp({ kind: 'log' }, 3);
    expect(views.accept(batch(3, [], 9, { kind: 'log', level: 'error' }))).toBe(true);
    expect(views.need?.cursor).toBe(at(3));
    expect(seen).toEqual([]);
  });

  test('follow a journal that has gone back behind their cursor', () => {
    const { views, seen, kinds } = setUp({}, 60);
    const gap = { from: at(60), to: at(50), missed: 0, reason: 'future' as const, atMs: 1 };
    const notices: Notice[] = [{ kind: 'reset', gap }];
    expect(views.accept({ ...batch(60, [51, 52], 52, {}, notices) })).toBe(true);
    expect(seen).toEqual([at(51), at(52)]);
    expect(kinds).toEqual(['reset']);
    expect(views.need?.cursor).toBe(at(52));
  });

  test('do not hear twice of a gap that lies behind them', () => {
    const { views, kinds, seen } = setUp({}, 8);
    const gap = { from: at(2), to: at(5), missed: 3, reason: 'retention' as const, atMs: 1 };
    views.accept(batch(2, [6, 7, 8, 9], 9, {}, [{ kind: 'gap', gap }]));
    expect(kinds).toEqual([]);
    expect(seen).toEqual([at(9)]);
  });

  test('need the widest filter and the smallest cursor, another journal first', () => {
    const needs = [
      { filter: { kind: 'log', level: 'error' } as Filter, cursor: at(9) },
      { filter: { kind: 'log', level: 'warn' } as Filter, cursor: at(4) },
    ];
    expect(joinNeeds(needs, E)).toEqual({ filter: { kind: 'log', level: 'warn' }, cursor: at(4) });
    expect(joinNeeds([...needs, { filter: {}, cursor: 'EpochZZ9.77' }], E)).toEqual({
      filter: {},
      cursor: 'EpochZZ9.77',
    });
    expect(joinNeeds([], E)).toBeUndefined();
    expect(covers({ kind: 'log' }, { kind: 'log', q: 'x' })).toBe(true);
    expect(covers({ kind: 'log', q: 'x' }, { kind: 'log' })).toBe(false);
  });
});
