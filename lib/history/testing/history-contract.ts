import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { compileFilter } from '@/lib/core/filter.ts';
import { eventInput, filterOf, logAt, prepared, searchableEvent } from '@/lib/core/testing/arbitraries.ts';
import { topicEvent, topicFilterOf } from '@/lib/core/testing/topic-arbitraries.ts';
import type { HistoryStore } from '../history-port.ts';
import { Appender } from './batches.ts';
import { opening } from './opening-contract.ts';
import { appendMany, headSeenByOthers, pageCount, readAll, readBackAll, T0 } from './reading.ts';

export type OpenStore = { store: HistoryStore; file: string; reopen(): HistoryStore; dispose(): Promise<void> };

type Context = { opened: OpenStore; appender: Appender };

const PARTS = ['opening', 'appending', 'reading', 'retention'] as const;
type Part = (typeof PARTS)[number];

/** What every durable history must do; a store that only hands calls on may be asked for some parts of it. */
export function historyContract(name: string, make: () => Promise<OpenStore>, parts: readonly Part[] = PARTS): void {
  describe(name, () => {
    const context = {} as Context;
    beforeEach(async () => {
      context.opened = await make();
      context.appender = new Appender(context.opened.store);
      await context.opened.store.open();
    });
    afterEach(() => context.opened.dispose());
    if (parts.includes('opening')) opening(context);
    if (parts.includes('appending')) appending(context);
    if (parts.includes('reading')) reading(context);
    if (parts.includes('retention')) retention(context);
  });
}

function appending(context: Context): void {
  test('bodies come back byte for byte, in order, whatever is in them', async () => {
    const bodies: string[] = [];
    const arrays = fc.array(eventInput, { minLength: 1, maxLength: 40 });
    for (const inputs of fc.sample(arrays, { seed: 5, numRuns: 12 })) {
      const events = inputs.map((input) => prepared(input));
      await context.appender.append(events, T0);
      bodies.push(...events.map((event) => event.body));
    }
    const rows = await readAll(context.opened.store, {});
    expect(rows.map((row) => row.body)).toEqual(bodies);
    expect(rows.map((row) => row.seq)).toEqual(bodies.map((_, index) => index + 1));
    expect(rows.map((row) => row.kind)).toEqual(bodies.map((body) => JSON.parse(body).kind));
  });

  test('a batch that does not fit is taken not at all', async () => {
    await context.appender.append([logAt('one')], T0);
    context.appender.headSeq = 0;
    const metric = prepared({ kind: 'metric', name: 'm', value: 1 });
    await expect(context.appender.append([metric], T0)).rejects.toThrow();
    await expect(context.appender.append([logAt('again')], T0)).rejects.toThrow();
    expect(await context.opened.store.bounds()).toEqual({ oldestSeq: 1, headSeq: 1 });
    expect((await context.opened.store.open()).series).toEqual([]);
    context.appender.headSeq = 1;
    await context.appender.append([logAt('two')], T0);
    expect(await readAll(context.opened.store, {})).toHaveLength(2);
  });

  test('clients of MQTT are kept until they expire or are too many, the ones seen last for longest', async () => {
    const { store } = context.opened;
    const row = (key: string, seenMs: number, expiresMs = Number.MAX_SAFE_INTEGER) => {
      const place = { epoch: 'AAAAAAAA', seq: 2 ** 40, sentSeq: 2 ** 40 + 7, packetId: 65_535 };
      return { key, subscriptions: '[["tailrace/#",1]]', ...place, seenMs, expiresMs };
    };
    const saved = [row("a'b\u{1f6b0}", T0), row('old', T0 - 5), row('short', T0, T0 + 1000)];
    await store.saveMqttSessions({ saved, removed: [], nowMs: T0, keptMax: 10 });
    expect(await store.mqttSession("a'b\u{1f6b0}")).toEqual(row("a'b\u{1f6b0}", T0));
    expect(await store.mqttSession('other')).toBeUndefined();
    await store.saveMqttSessions({ saved: [], removed: [], nowMs: T0 + 1000, keptMax: 10 });
    expect(await store.mqttSession('short')).toBeUndefined();
    await store.saveMqttSessions({ saved: [row('new', T0 + 9)], removed: [], nowMs: T0 + 1000, keptMax: 2 });
    expect(await store.mqttSession('old')).toBeUndefined();
    const removed = ['new'];
    await store.saveMqttSessions({ saved: [row("a'b\u{1f6b0}", T0 + 10)], removed, nowMs: T0 + 1000, keptMax: 2 });
    expect(await store.mqttSession('new')).toBeUndefined();
    await store.close();
    expect(await context.opened.reopen().mqttSession("a'b\u{1f6b0}")).toEqual(row("a'b\u{1f6b0}", T0 + 10));
  });

  test('receipts tell what a key has stored', async () => {
    await context.appender.append([logAt('a'), logAt('b')], T0, [{ key: 'k#0', digest: 'd', firstSeq: 1, lastSeq: 2 }]);
    expect(await context.opened.store.receipts(['k#0', 'k#1'])).toEqual([
      { key: 'k#0', digest: 'd', firstSeq: 1, lastSeq: 2 },
    ]);
    expect(await context.opened.store.receipts([])).toEqual([]);
  });

  test('a place in time is the first event that is not older', async () => {
    const times = [0, 10, 10, 20, 15, 30];
    for (const offset of times) await context.appender.append([logAt('m', T0 + offset * 1000)], T0 + offset * 1000);
    expect(await context.opened.store.seqAtTime(T0 - 1e9)).toBe(1);
    expect(await context.opened.store.seqAtTime(T0)).toBe(1);
    expect(await context.opened.store.seqAtTime(T0 + 10_000)).toBe(2);
    expect(await context.opened.store.seqAtTime(T0 + 10_000.5)).toBe(4);
    expect(await context.opened.store.seqAtTime(T0 + 16_000)).toBe(4);
    expect(await context.opened.store.seqAtTime(T0 + 30_001)).toBe(7);
  });
}

function reading(context: Context): void {
  test('every filter finds exactly what the filter itself lets through, forward and backward', async () => {
    const events = fc.sample(searchableEvent, { seed: 6, numRuns: 400 });
    await context.appender.append(events, T0);
    for (const filter of fc.sample(filterOf, { seed: 7, numRuns: 120 })) {
      const matches = compileFilter(filter);
      const expected = events.flatMap((event, index) => (matches(event) ? [index + 1] : []));
      expect(
        (await readAll(context.opened.store, filter)).map((row) => row.seq),
        JSON.stringify(filter),
      ).toEqual(expected);
      const back = await context.opened.store.read({ filter, direction: 'backward', from: 401, limit: 1000 });
      expect(back.rows.map((row) => row.seq).reverse(), JSON.stringify(filter)).toEqual(expected);
    }
  });

  test('a filter with topics finds exactly what it lets through, whatever of it SQL can express', async () => {
    const events = fc.sample(topicEvent, { seed: 9, numRuns: 300 });
    await context.appender.append(events, T0);
    for (const filter of fc.sample(topicFilterOf, { seed: 10, numRuns: 120 })) {
      const matches = compileFilter(filter);
      const expected = events.flatMap((event, index) => (matches(event) ? [index + 1] : []));
      const found = await readAll(context.opened.store, filter, { limit: 70 });
      expect(
        found.map((row) => row.seq),
        JSON.stringify(filter),
      ).toEqual(expected);
      const back = await readBackAll(context.opened.store, filter, { limit: 70 });
      expect(back.reverse(), JSON.stringify(filter)).toEqual(expected);
    }
  });

  test('pages of any size, in both directions and bounded by bytes, join without a hole or a repeat', async () => {
    const events = fc.sample(searchableEvent, { seed: 8, numRuns: 41 });
    await context.appender.append(events, T0);
    for (const filter of [{}, { q: 'error' }, { kind: 'log' as const }]) {
      const expected = (await readAll(context.opened.store, filter)).map((row) => row.seq);
      for (const limits of [{ limit: 1 }, { limit: 7 }, { limit: 1000, bytesMax: 500 }, { limit: 50, bytesMax: 1 }]) {
        expect((await readAll(context.opened.store, filter, limits)).map((row) => row.seq)).toEqual(expected);
        const back = await readBackAll(context.opened.store, filter, limits);
        expect(back.reverse()).toEqual(expected);
      }
    }
  });

  test('a page is bounded by bytes, but never empty for it', async () => {
    const events = Array.from({ length: 20 }, () => logAt('x'.repeat(10_000)));
    await context.appender.append(events, T0);
    const page = await context.opened.store.read({
      filter: {},
      direction: 'forward',
      from: 0,
      limit: 100,
      bytesMax: 35_000,
    });
    expect(page.rows).toHaveLength(4);
    expect(page.scannedTo).toBe(4);
    const back = await context.opened.store.read({
      filter: {},
      direction: 'backward',
      from: 21,
      limit: 100,
      bytesMax: 1,
    });
    expect(back.rows.map((row) => row.seq)).toEqual([20]);
  });

  test('a rare event beyond a window of 20,000 rows is found from both sides', async () => {
    await appendMany(context.appender, 45_000, (index) => (index === 100 || index === 44_000 ? 'needle' : 'hay'));
    const filter = { q: 'needle' };
    const first = await context.opened.store.read({ filter, direction: 'forward', from: 101, limit: 10 });
    expect(first).toMatchObject({ rows: [], scannedTo: 20_101 });
    expect((await readAll(context.opened.store, filter)).map((row) => row.seq)).toEqual([101, 44_001]);
    const back = await context.opened.store.read({ filter, direction: 'backward', from: 45_001, limit: 10 });
    expect(back.rows.map((row) => row.seq)).toEqual([44_001, 101]);
    expect(back.scannedTo).toBe(1);
    const capped = await context.opened.store.read({ filter, direction: 'forward', from: 0, upTo: 50, limit: 10 });
    expect(capped).toMatchObject({ rows: [], scannedTo: 50 });
  });
}

function retention(context: Context): void {
  describe('retention', () => {
    const keepAll = { ageMs: 1e12, bytesMax: 1e12 };

    test('removes by age in slices, and never the newest event', async () => {
      await appendMany(context.appender, 5000, () => 'old');
      await context.appender.append([logAt('young')], T0 + 100_000);
      const limits = { ageMs: 50_000, bytesMax: 1e12 };
      const first = await context.opened.store.retain(limits, T0 + 100_000);
      expect(first).toMatchObject({ removed: 2000, oldestSeq: 2001 });
      await context.opened.store.retain(limits, T0 + 100_000);
      expect(await context.opened.store.retain(limits, T0 + 100_000)).toMatchObject({ removed: 1000, oldestSeq: 5001 });
      expect(await context.opened.store.retain(limits, T0 + 1e9)).toMatchObject({ removed: 0, oldestSeq: 5001 });
      expect(await context.opened.store.bounds()).toEqual({ oldestSeq: 5001, headSeq: 5001 });
      const late = await context.opened.store.read({ filter: {}, direction: 'forward', from: 10, limit: 10 });
      expect(late).toMatchObject({ oldestSeq: 5001, scannedTo: 5001 });
    });

    test('removes by size until it fits, and gives the space back to the file system', async () => {
      await appendMany(context.appender, 12_000, () => 'x'.repeat(400));
      const before = await pageCount(context.opened.file);
      const limits = { ageMs: 1e12, bytesMax: 2 * 1024 * 1024 };
      let result = await context.opened.store.retain(limits, T0);
      for (let slice = 0; slice < 30 && result.removed > 0; slice += 1)
        result = await context.opened.store.retain(limits, T0);
      expect(result.bytes).toBeLessThanOrEqual(limits.bytesMax);
      expect((await context.opened.store.bounds()).headSeq).toBe(12_000);
      for (let slice = 0; slice < 10; slice += 1) await context.opened.store.retain(limits, T0);
      expect(await pageCount(context.opened.file)).toBeLessThan(before / 2);
    });

    test('what is appended after a slice is durable at once, for every other connection to see', async () => {
      await appendMany(context.appender, 6000, () => 'x'.repeat(400));
      await context.opened.store.retain({ ageMs: 1000, bytesMax: 1e12 }, T0 + 1e6);
      await context.appender.append([logAt('after')], T0 + 1e6);
      const metric = prepared({ kind: 'metric', name: 'm', value: 1 });
      await context.appender.append([metric], T0 + 1e6);
      expect(await headSeenByOthers(context.opened.file)).toBe(6002);
    });

    test('an empty history stays empty', async () => {
      expect(await context.opened.store.retain({ ageMs: 1, bytesMax: 1 }, T0)).toMatchObject({
        removed: 0,
        oldestSeq: 1,
      });
      expect(await context.opened.store.retain(keepAll, T0)).toMatchObject({ removed: 0 });
    });

    test('receipts are forgotten after a day', async () => {
      await context.appender.append([logAt('a')], T0, [{ key: 'k', digest: 'd', firstSeq: 1, lastSeq: 1 }]);
      await context.opened.store.retain(keepAll, T0 + 86_400_000);
      expect(await context.opened.store.receipts(['k'])).toHaveLength(1);
      await context.opened.store.retain(keepAll, T0 + 86_400_001);
      expect(await context.opened.store.receipts(['k'])).toHaveLength(0);
    });
  });
}
