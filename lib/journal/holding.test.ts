import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { isAppError } from '@/lib/core/errors.ts';
import { logAt, prepared } from '@/lib/core/testing/arbitraries.ts';
import { MemoryHistory } from '@/lib/history/testing/memory-history.ts';
import type { Placement } from './append-queue.ts';
import { readAfter } from './journal-reader.ts';
import { MemoryMarker, makeHoldingJournal, trip } from './testing/make-journal.ts';

const logs = (count: number, text = 'm') => Array.from({ length: count }, (_, index) => logAt(`${text}${index}`));
const everything = { filter: {}, matches: () => true };
const limits = { eventsMax: 1e6, bytesMax: 1e9 };
const turn = () => new Promise<void>((resolve) => setImmediate(resolve));

/** Lets what is under way come to rest, then so much time go by. */
async function pass(ms: number): Promise<void> {
  for (let gone = 0; gone < ms; gone += 25) {
    await turn();
    await vi.advanceTimersByTimeAsync(25);
  }
  await turn();
}

async function settled<T>(promise: Promise<T>): Promise<T> {
  let done = false;
  const watch = promise.then(
    () => {
      done = true;
    },
    () => {
      done = true;
    },
  );
  for (let tries = 0; tries < 400 && !done; tries += 1) await pass(25);
  await watch;
  return promise;
}

const codeOf = (promise: Promise<unknown>) =>
  settled(promise).then(
    () => 'done',
    (error: unknown) => (isAppError(error) ? error.code : error),
  );

async function setUp(options: Parameters<typeof makeHoldingJournal>[0] = {}) {
  const parts = makeHoldingJournal(options);
  await parts.journal.open();
  const { journal, store } = parts;
  const stored = async () =>
    (await store.read({ filter: {}, direction: 'backward', from: 1e9, limit: 1e9 })).rows.reverse();
  const shown = async () => (await readAfter(journal, 0, journal.headSeq, everything, limits)).events;
  return { ...parts, stored, shown };
}

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] });
});
afterEach(() => {
  vi.useRealTimers();
});

describe('while the history is away', () => {
  test('events are numbered, shown and marked, and stored in order when it is back', async () => {
    const { journal, store, guarded, marker, stored, shown } = await setUp();
    await settled(journal.append(logs(2, 'before')));
    const heard: number[][] = [];
    journal.onCommit(() => heard.push([journal.headSeq, journal.durableSeq]));
    store.isDown = true;
    trip(guarded.breaker);
    expect(await settled(journal.append(logs(3, 'held')))).toEqual({ firstSeq: 3, lastSeq: 5, durable: false });
    expect(await settled(journal.append(logs(1, 'too')))).toEqual({ firstSeq: 6, lastSeq: 6, durable: false });
    expect(journal).toMatchObject({ headSeq: 6, durableSeq: 2, held: { events: 4, eventsMax: 500 } });
    expect(heard).toEqual([
      [5, 2],
      [6, 2],
    ]);
    expect((await shown()).map(({ seq }) => seq)).toEqual([1, 2, 3, 4, 5, 6]);
    expect([marker.word, marker.sets]).toEqual([journal.epoch, 1]);
    store.isDown = false;
    await pass(2000);
    expect(journal).toMatchObject({ headSeq: 6, durableSeq: 6, held: { events: 0 } });
    expect(heard.at(-1)).toEqual([6, 6]);
    expect((await stored()).map(({ body }) => body)).toEqual((await shown()).map(({ body }) => body));
    expect(marker.word).toBeUndefined();
    expect(vi.getTimerCount()).toBe(0);
  });

  test('what comes while the rest is being stored goes behind it', async () => {
    const { journal, store, guarded, stored } = await setUp();
    trip(guarded.breaker);
    await settled(journal.append(logs(1, 'a')));
    store.pause = () => new Promise((resolve) => setTimeout(resolve, 40));
    await pass(250);
    const [second, third] = [journal.append(logs(1, 'b')), journal.append(logs(1, 'c'))];
    await settled(Promise.all([second, third]));
    await pass(1000);
    expect((await settled(stored())).map(({ body }) => JSON.parse(body).message)).toEqual(['a0', 'b0', 'c0']);
    expect(journal.durableSeq).toBe(3);
  });

  test('when no more may be held appends are refused with a time to come back, and nothing behind them overtakes', async () => {
    const { journal, store, guarded } = await setUp({ eventsMax: 10 });
    store.isDown = true;
    trip(guarded.breaker);
    await settled(journal.append(logs(8)));
    const outcomes = [journal.append(logs(1)), journal.append(logs(5)), journal.append(logs(1))].map(codeOf);
    expect(await Promise.all(outcomes)).toEqual(['done', 'storage-unavailable', 'storage-unavailable']);
    expect(journal.headSeq).toBe(9);
    const refusal = await settled(journal.append(logs(5))).catch((error: unknown) => error);
    expect(refusal).toMatchObject({ retryAfterS: 1, message: expect.stringContaining('9 events wait for it') });
  });

  test('never more is held than the ring holds, by events and by bytes', async () => {
    const { journal, guarded, store } = await setUp({ ring: { eventsMax: 20, bytesMax: 5000 } });
    await settled(journal.append(logs(15)));
    store.isDown = true;
    trip(guarded.breaker);
    expect(await codeOf(journal.append([logAt('x'.repeat(4000))]))).toBe('done');
    expect(await codeOf(journal.append([logAt('x'.repeat(1000))]))).toBe('storage-unavailable');
    for (let count = 0; count < 30; count += 1) await codeOf(journal.append(logs(1)));
    expect(journal.headSeq - journal.durableSeq).toBe(journal.held.events);
    expect(journal.ring.covers(journal.durableSeq)).toBe(true);
    expect(journal.ring.size).toBeLessThanOrEqual(20);
    expect(journal.ring.bytes).toBeLessThanOrEqual(5000);
  });

  test('an append with a name is refused, since a repeat of it would not be recognised', async () => {
    const { journal, guarded, store } = await setUp();
    store.isDown = true;
    trip(guarded.breaker);
    const name = { key: 'k#0', digest: 'd' };
    expect(await codeOf(journal.append(logs(1), name))).toBe('storage-unavailable');
    expect(journal.headSeq).toBe(0);
    const [held, named] = [codeOf(journal.append(logs(1))), codeOf(journal.append(logs(1), name))];
    expect(await Promise.all([held, named])).toEqual(['done', 'storage-unavailable']);
    expect(journal.headSeq).toBe(1);
  });

  test('with senders of named appends alone, one of these is the probe', async () => {
    const { journal, guarded } = await setUp();
    trip(guarded.breaker);
    await pass(50);
    for (const key of ['a', 'b']) expect(await codeOf(journal.append(logs(1), { key, digest: 'd' }))).toBe('done');
    expect(guarded.breaker.state).toBe('closed');
    expect(journal).toMatchObject({ headSeq: 2, durableSeq: 2 });
  });

  test('where the marker cannot be written nothing is held', async () => {
    const marker = new MemoryMarker();
    const { journal, store, guarded, errors } = await setUp({ marker });
    marker.isFull = true;
    store.isDown = true;
    trip(guarded.breaker);
    expect(await codeOf(journal.append(logs(1)))).toBe('storage-unavailable');
    expect(journal.headSeq).toBe(0);
    expect(errors).toHaveLength(1);
    marker.isFull = false;
    expect(await codeOf(journal.append(logs(1)))).toBe('done');
  });

  test('series that were met while holding keep their numbers, also when the store is opened again', async () => {
    const { journal, store, guarded } = await setUp();
    const metric = (name: string) => prepared({ kind: 'metric', name, value: 1 });
    await settled(journal.append([metric('a')]));
    trip(guarded.breaker);
    await settled(journal.append([metric('b')]));
    journal.series.load(store.series);
    await settled(journal.append([metric('b'), metric('c')]));
    await pass(2000);
    expect(store.series.map(({ id, name }) => [id, name])).toEqual([
      [1, 'a'],
      [2, 'b'],
      [3, 'c'],
    ]);
  });

  test('a reader that needs the history is told no, and skips nothing of what is held', async () => {
    const { journal, guarded, store } = await setUp({ ring: { eventsMax: 10, bytesMax: 1e6 } });
    for (const text of ['a', 'b', 'c', 'd']) await settled(journal.append(logs(4, text)));
    store.isDown = true;
    trip(guarded.breaker);
    await settled(journal.append(logs(3, 'held')));
    await expect(readAfter(journal, 2, 19, everything, limits)).rejects.toMatchObject({ code: 'storage-unavailable' });
    store.isDown = false;
    // The store alone, as if only it were asked: up to what it holds, and not a step further.
    const { ring, durableSeq } = journal;
    const behind = { ring, durableSeq, store } as unknown as typeof journal;
    expect(await readAfter(behind, 2, 19, everything, limits)).toMatchObject({ scannedTo: 16 });
    expect(await readAfter(journal, 16, 19, everything, limits)).toMatchObject({ scannedTo: 19 });
  });
});

describe('an append of which nobody knows whether it was stored', () => {
  test.each(['never', 'after'] as const)(
    'is held with its place, and is there once: it was stored %s',
    async (failure) => {
      const { journal, store, stored } = await setUp({ timeoutMs: 100 });
      await settled(journal.append(logs(1, 'first')));
      store.failNext = [failure];
      store.boundsFail = 1;
      expect(await settled(journal.append(logs(2, 'doubt')))).toEqual({ firstSeq: 2, lastSeq: 3, durable: false });
      expect(await settled(journal.append(logs(1, 'next')))).toEqual({ firstSeq: 4, lastSeq: 4, durable: false });
      await pass(2000);
      expect(journal).toMatchObject({ headSeq: 4, durableSeq: 4 });
      const messages = (await stored()).map(({ body }) => JSON.parse(body).message);
      expect(messages).toEqual(['first0', 'doubt0', 'doubt1', 'next0']);
    },
  );

  test('that is committed after the head was read is found when it is tried again', async () => {
    const { journal, store, stored } = await setUp({ timeoutMs: 100 });
    const append = store.append.bind(store);
    store.append = (batch) => {
      store.append = append;
      return new Promise((resolve) => setTimeout(() => resolve(append(batch)), 150));
    };
    expect(await settled(journal.append(logs(2)))).toMatchObject({ durable: false });
    await pass(1000);
    expect((await stored()).map(({ seq }) => seq)).toEqual([1, 2]);
    expect(journal).toMatchObject({ headSeq: 2, durableSeq: 2 });
  });

  test('and that cannot be held is refused without a claim, and found out about by the next', async () => {
    const { journal, store } = await setUp({ eventsMax: 0, timeoutMs: 100 });
    store.failNext = ['after'];
    store.boundsFail = 1;
    const refusal = await settled(journal.append(logs(2))).catch((error: unknown) => error);
    expect(refusal).toMatchObject({ code: 'storage-unavailable', message: expect.stringContaining('not known') });
    expect(await settled(journal.append(logs(1)))).toEqual({ firstSeq: 3, lastSeq: 3 });
  });
});

describe('the end', () => {
  test('a shutdown stores what is held, without regard to the pace of the breaker', async () => {
    const { journal, guarded, marker } = await setUp();
    trip(guarded.breaker);
    await settled(journal.append(logs(3)));
    expect(await settled(journal.close(2000))).toBe(0);
    expect(journal.durableSeq).toBe(3);
    expect(marker.word).toBeUndefined();
    expect(vi.getTimerCount()).toBe(0);
  });

  test('a shutdown that cannot tells how much is lost, and the next start begins a new epoch there', async () => {
    const store = new MemoryHistory();
    const { journal, guarded, marker } = await setUp({ store });
    await settled(journal.append(logs(2)));
    store.isDown = true;
    trip(guarded.breaker);
    await settled(journal.append(logs(3)));
    expect(await settled(journal.close(1000))).toBe(3);
    expect(marker.word).toBe('AAAAAAAA');
    store.isDown = false;
    const next = (await setUp({ store, marker })).journal;
    expect(next).toMatchObject({ epoch: 'BBBBBBBB', parent: { epoch: 'AAAAAAAA', seq: 2 }, headSeq: 2 });
    expect(marker.word).toBeUndefined();
    expect((await setUp({ store, marker })).journal).toMatchObject({ epoch: 'BBBBBBBB' });
  });

  test('a store that somebody else has written to is told of once, and nothing is overwritten', async () => {
    const { journal, store, guarded, errors } = await setUp();
    trip(guarded.breaker);
    await settled(journal.append(logs(2)));
    store.headSeq = 7;
    await pass(3000);
    expect(errors.map((error) => (error as Error).message)).toEqual([expect.stringContaining('ends at 7')]);
    expect(journal.held.events).toBe(2);
    await settled(journal.close(0));
  });
});

test('a ring that is shortened gives back what is stored, keeps what is held, and grows again', async () => {
  const { journal, guarded, store } = await setUp({ ring: { eventsMax: 100, bytesMax: 1e6 } });
  await settled(journal.append(logs(60)));
  store.isDown = true;
  trip(guarded.breaker);
  for (let round = 0; round < 7; round += 1) await settled(journal.append(logs(10)));
  expect(journal.ring.size).toBe(100);
  journal.shortenRing(true);
  expect(journal.ring.size).toBe(70);
  expect(await codeOf(journal.append(logs(1)))).toBe('storage-unavailable');
  store.isDown = false;
  await pass(3000);
  await settled(journal.append(logs(10)));
  expect(journal.ring.size).toBe(50);
  journal.shortenRing(false);
  for (let round = 0; round < 7; round += 1) await settled(journal.append(logs(10)));
  expect(journal.ring.size).toBe(100);
});

type Step =
  | { act: 'append'; size: number }
  | { act: 'down' | 'up' }
  | { act: 'wait'; ms: number }
  | { act: 'fail'; how: 'before' | 'after' | 'never' };
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 6, arbitrary: fc.record({ act: fc.constant('append' as const), size: fc.integer({ min: 1, max: 12 }) }) },
  { weight: 2, arbitrary: fc.record({ act: fc.constantFrom('down' as const, 'up' as const) }) },
  { weight: 3, arbitrary: fc.record({ act: fc.constant('wait' as const), ms: fc.constantFrom(0, 25, 250, 600) }) },
  {
    weight: 2,
    arbitrary: fc.record({
      act: fc.constant('fail' as const),
      how: fc.constantFrom('before' as const, 'after' as const, 'never' as const),
    }),
  },
);

test('whatever becomes of the store, what was accepted is stored once, in the order in which it was shown, and nothing that was refused', async () => {
  let heldAtAll = 0;
  let refusedAtAll = 0;
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 5, maxLength: 40 }), async (steps) => {
      const { journal, store, stored, shown, errors } = await setUp({ eventsMax: 40, timeoutMs: 100 });
      const accepted: { placement: Placement; bodies: string[] }[] = [];
      const answers: Promise<void>[] = [];
      const doubtful = new Set<string>();
      for (const [index, next] of steps.entries()) {
        if (next.act === 'append') {
          const events = logs(next.size, `${index}-`);
          const answer = journal.append(events).then(
            (placement) => void accepted.push({ placement, bodies: events.map(({ body }) => body) }),
            (error: Error) => {
              expect(error).toMatchObject({ code: 'storage-unavailable' });
              if (error.message.includes('not known')) for (const { body } of events) doubtful.add(body);
              refusedAtAll += 1;
            },
          );
          answers.push(answer);
        } else if (next.act === 'wait') await pass(next.ms);
        else if (next.act === 'fail') store.failNext.push(next.how);
        else store.isDown = next.act === 'down';
        expect(journal.durableSeq).toBeLessThanOrEqual(journal.headSeq);
        expect(journal.held.events).toBe(journal.headSeq - journal.durableSeq);
        expect(store.headSeq).toBeGreaterThanOrEqual(journal.durableSeq);
      }
      store.isDown = false;
      store.failNext = [];
      await settled(Promise.all(answers));
      heldAtAll += accepted.filter(({ placement }) => placement.durable === false).length;
      for (let tries = 0; tries < 100 && journal.held.events > 0; tries += 1) await pass(1000);
      expect(journal.durableSeq).toBe(journal.headSeq);
      accepted.sort((a, b) => a.placement.firstSeq - b.placement.firstSeq);
      const bodies = accepted.flatMap((each) => each.bodies);
      const inStore = (await stored()).map(({ body }) => body);
      expect(inStore.filter((body) => !doubtful.has(body))).toEqual(bodies);
      expect((await shown()).map(({ body }) => body)).toEqual(inStore);
      expect(errors).toEqual([]);
      await settled(journal.close(0));
    }),
    { seed: 21, numRuns: 60 },
  );
  // The walk has to visit what it is about.
  expect(heldAtAll).toBeGreaterThan(80);
  expect(refusedAtAll).toBeGreaterThan(30);
}, 60_000);
