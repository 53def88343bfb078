import fc from 'fast-check';
import { expect, test } from 'vitest';
import { isAppError } from '@/lib/core/errors.ts';
import { logAt, prepared } from '@/lib/core/testing/arbitraries.ts';
import { MemoryHistory } from '@/lib/history/testing/memory-history.ts';
import { readAfter } from './journal-reader.ts';
import { makeJournal } from './testing/make-journal.ts';

const logs = (count: number, text = 'm') => Array.from({ length: count }, (_, index) => logAt(`${text}${index}`));
const everything = { filter: {}, matches: () => true };
const limits = { eventsMax: 1e6, bytesMax: 1e9 };
const codeOf = async (promise: Promise<unknown>): Promise<unknown> => {
  const error = await promise.then(
    () => undefined,
    (caught: unknown) => caught,
  );
  return isAppError(error) ? error.code : error;
};

test('positions are gap-free and in commit order, whatever is appended at the same time and whichever commits fail', async () => {
  const step = fc.record({
    size: fc.integer({ min: 1, max: 30 }),
    failure: fc.constantFrom(undefined, 'before', 'after'),
    pause: fc.boolean(),
  });
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 12 }), async (steps) => {
      const { journal, store } = makeJournal({ batchEventsMax: 40 });
      await journal.open();
      store.failNext = steps.flatMap(({ failure }) => (failure ? [failure] : []));
      const outcomes: Promise<{ firstSeq: number; text: string } | undefined>[] = [];
      for (const [index, { size, pause }] of steps.entries()) {
        const events = logs(size, `${index}-`);
        outcomes.push(
          journal.append(events).then(
            ({ firstSeq, lastSeq }) => {
              expect(lastSeq - firstSeq + 1).toBe(size);
              expect(journal.headSeq).toBeGreaterThanOrEqual(lastSeq);
              return { firstSeq, text: events.map((event) => event.body).join() };
            },
            () => undefined,
          ),
        );
        if (pause) await new Promise((resolve) => setImmediate(resolve));
      }
      const placed = await Promise.all(outcomes);
      const rows = (await store.read({ filter: {}, direction: 'backward', from: 1e9, limit: 1e9 })).rows.reverse();
      expect(rows.map((row) => row.seq)).toEqual(rows.map((_, index) => index + 1));
      expect(journal.headSeq).toBe(rows.length);
      const ring = await readAfter(journal, 0, journal.headSeq, everything, limits);
      expect(ring.events.map((event) => event.body)).toEqual(rows.map((row) => row.body));
      // Exactly what was promised is there, once, in one piece.
      const stored = placed.flatMap((each) => (each ? [each] : [])).sort((a, b) => a.firstSeq - b.firstSeq);
      expect(stored.map((each) => each.text).join()).toBe(rows.map((row) => row.body).join());
      expect(journal.pendingEvents).toBe(0);
    }),
    { seed: 1, numRuns: 60 },
  );
});

test('appends of one turn share a commit, and a batch has a bound', async () => {
  const { journal, store } = makeJournal({ batchEventsMax: 100 });
  await journal.open();
  await Promise.all(Array.from({ length: 25 }, () => journal.append(logs(10))));
  expect(store.batches.map((batch) => batch.count)).toEqual([100, 100, 50]);
  await journal.append(logs(150));
  expect(store.batches.at(-1)?.count).toBe(150);
});

test('when the store fails everybody in the commit is told, and the next commit takes the same seqs', async () => {
  const { journal, store } = makeJournal();
  await journal.open();
  store.failNext = ['before'];
  const metric = prepared({ kind: 'metric', name: 'cpu', value: 1 });
  const refused = [journal.append(logs(2)), journal.append([metric])].map(codeOf);
  expect(await Promise.all(refused)).toEqual(['storage-unavailable', 'storage-unavailable']);
  expect(journal.headSeq).toBe(0);
  expect(journal.ring.size).toBe(0);
  expect(await journal.append([metric])).toEqual({ firstSeq: 1, lastSeq: 1 });
  // The series of the failed commit was not stored, so it is sent again.
  expect(store.batches[0]?.series.map((series) => series.name)).toEqual(['cpu']);
});

test('a commit that the store made before it died is recognised, not repeated', async () => {
  const { journal, store } = makeJournal();
  await journal.open();
  store.failNext = ['after'];
  expect(await journal.append(logs(3))).toEqual({ firstSeq: 1, lastSeq: 3 });
  expect(store.headSeq).toBe(3);
  expect(await journal.append(logs(1))).toEqual({ firstSeq: 4, lastSeq: 4 });
});

test('when not even the head can be asked, the next append first finds out what was stored', async () => {
  const { journal, store } = makeJournal();
  await journal.open();
  let commits = 0;
  journal.onCommit(() => {
    commits += 1;
  });
  store.failNext = ['after'];
  store.boundsFail = 1;
  expect(await codeOf(journal.append(logs(3)))).toBe('storage-unavailable');
  expect(commits).toBe(0);
  expect(await journal.append(logs(1))).toEqual({ firstSeq: 4, lastSeq: 4 });
  expect(commits).toBe(2);
  expect((await readAfter(journal, 0, 4, everything, limits)).events.map((event) => event.seq)).toEqual([1, 2, 3, 4]);
});

test('a store that has more than the journal knows is read again, not written to in vain for ever', async () => {
  const { journal, store } = makeJournal();
  await journal.open();
  const other = makeJournal({ store }).journal;
  await other.open();
  await other.append(logs(5));
  expect(await codeOf(journal.append(logs(1)))).toBe('storage-unavailable');
  expect(await journal.append(logs(1))).toEqual({ firstSeq: 6, lastSeq: 6 });
});

test('beyond what may wait an append is refused at once, with a time to come back', async () => {
  const { journal, store } = makeJournal({ pendingEventsMax: 50, pendingBytesMax: 20_000 });
  await journal.open();
  const first = journal.append(logs(45));
  expect(await codeOf(journal.append(logs(6)))).toBe('storage-overloaded');
  await expect(journal.append(logs(6))).rejects.toMatchObject({ retryAfterS: 2 });
  const second = journal.append(logs(5));
  expect(await codeOf(journal.append([logAt('x'.repeat(15_000))]))).toBe('storage-overloaded');
  await Promise.all([first, second]);
  // One that is larger than the bound is still taken when nothing waits: it could never be stored otherwise.
  await journal.append(logs(60));
  expect(store.headSeq).toBe(110);
  expect(journal.pendingEvents).toBe(0);
});

test('listeners hear of events only when these are durable and readable', async () => {
  const { journal, store } = makeJournal();
  await journal.open();
  const seen: number[][] = [];
  const stop = journal.onCommit(() => seen.push([journal.headSeq, store.headSeq, journal.ring.size]));
  await journal.append(logs(2));
  await journal.append(logs(1));
  stop();
  await journal.append(logs(1));
  expect(seen).toEqual([
    [2, 2, 2],
    [3, 3, 3],
  ]);
});

test('the time of arrival never goes back, not even over a restart with the clock set back', async () => {
  const { journal, store, clock } = makeJournal();
  await journal.open();
  const start = clock.ms;
  await journal.append(logs(1));
  clock.ms -= 60_000;
  await journal.append(logs(1));
  const again = makeJournal({ store });
  again.clock.ms = start - 3_600_000;
  await again.journal.open();
  await again.journal.append(logs(1));
  again.clock.ms = start + 5;
  await again.journal.append(logs(1));
  expect(store.batches.map((batch) => batch.receivedMs - start)).toEqual([0, 0, 0, 5]);
});

test('a restart goes on where the journal stood, with the newest events at hand', async () => {
  const store = new MemoryHistory();
  const before = makeJournal({ store }).journal;
  await before.open();
  await before.append([...logs(30), prepared({ kind: 'metric', name: 'cpu', value: 1, service: 'web' })]);
  const { journal } = makeJournal({ store });
  await journal.open();
  expect(journal).toMatchObject({ epoch: before.epoch, headSeq: 31, oldestSeq: 1 });
  expect(journal.services.list()).toEqual(['t', 'web']);
  const reads = store.reads;
  const page = await readAfter(journal, 0, 31, everything, limits);
  expect(page.events).toHaveLength(31);
  expect(store.reads).toBe(reads);
  await journal.append([prepared({ kind: 'metric', name: 'cpu', value: 2, service: 'web' })]);
  expect(store.batches.at(-1)?.series).toEqual([]);
});

test('the ring keeps the newest within its count and its bytes; older events come from the history', async () => {
  const { journal, store } = makeJournal({ ring: { eventsMax: 10, bytesMax: 5000 } });
  await journal.open();
  await journal.append(logs(25));
  expect(journal.ring.size).toBe(10);
  expect(journal.ring.oldestSeq).toBe(16);
  expect([journal.ring.covers(14), journal.ring.covers(15), journal.ring.covers(25)]).toEqual([false, true, true]);
  expect((await readAfter(journal, 3, 20, everything, limits)).events.map((event) => event.seq)).toEqual(
    Array.from({ length: 17 }, (_, index) => index + 4),
  );
  await journal.append([logAt('x'.repeat(4000)), logAt('y')]);
  expect(journal.ring.bytes).toBeLessThanOrEqual(5000);
  await journal.append([logAt('x'.repeat(9000))]);
  expect(journal.ring.size).toBe(1);
  expect(store.headSeq).toBe(28);
});

test('series have a bound: samples beyond it stay events but are not charted', async () => {
  const { journal, store } = makeJournal({ seriesMax: 2 });
  await journal.open();
  const metric = (name: string) => prepared({ kind: 'metric', name, value: 1 });
  await journal.append(['a', 'b', 'c', 'a', 'c'].map(metric));
  expect(journal.series).toMatchObject({ size: 2, refused: 2 });
  expect(Array.from(store.batches[0]?.samples ?? []).filter((_, index) => index % 3 === 0)).toEqual([1, 2, 1]);
  expect(journal.headSeq).toBe(5);
});
