import fc from 'fast-check';
import { expect, test } from 'vitest';
import { ResourceLedger } from '@/lib/core/ledger.ts';
import { logAt } from '@/lib/core/testing/arbitraries.ts';
import { StoreError } from '@/lib/history/store-error.ts';
import { MemoryHistory } from '@/lib/history/testing/memory-history.ts';
import { FollowPace } from './follow-pace.ts';
import { Follower, type FollowerOptions } from './follower.ts';
import { readAfter } from './journal-reader.ts';
import { makeHoldingJournal, makeJournal } from './testing/make-journal.ts';

const logs = (count: number, text = 'm') => Array.from({ length: count }, (_, index) => logAt(`${text}${index}`));
const everything = { filter: {}, matches: () => true };
const limits = { eventsMax: 1e6, bytesMax: 1e9 };

function follow(store: MemoryHistory, options: Partial<FollowerOptions> = {}) {
  const ledger = new ResourceLedger(Date.now);
  const errors: unknown[] = [];
  const follower = new Follower({
    store,
    ring: { eventsMax: 1000, bytesMax: 1e6 },
    owner: ledger.owner('follower'),
    onError: (error) => errors.push(error),
    ...options,
  });
  return { follower, ledger, errors };
}

/** What a reader gets that goes from a seq to the head, page by page. */
async function readAll(follower: Follower, after: number): Promise<string[]> {
  const bodies: string[] = [];
  let from = after;
  while (from < follower.headSeq) {
    const page = await readAfter(follower, from, follower.headSeq, everything, limits);
    bodies.push(...page.events.map((event) => event.body));
    from = Math.max(page.scannedTo, page.oldestSeq - 1);
  }
  return bodies;
}

test('a reader of a follower gets from any cursor what a reader of the journal gets, however both take turns', async () => {
  const step = fc.record({
    size: fc.integer({ min: 1, max: 40 }),
    look: fc.boolean(),
    from: fc.double({ noNaN: true, min: 0, max: 1 }),
  });
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 12 }), async (steps) => {
      const { journal, store } = makeJournal();
      await journal.open();
      const { follower } = follow(store, { ring: { eventsMax: 30, bytesMax: 1e6 }, behindMax: 60 });
      await follower.open();
      const bodies: string[] = [];
      for (const [index, { size, look, from }] of steps.entries()) {
        const events = logs(size, `${index}-`);
        bodies.push(...events.map(({ body }) => body));
        await journal.append(events);
        if (!look) continue;
        await follower.refresh();
        expect(follower.headSeq).toBe(bodies.length);
        const after = Math.floor(from * bodies.length);
        expect(await readAll(follower, after)).toEqual(bodies.slice(after));
      }
    }),
    { seed: 3, numRuns: 80 },
  );
});

test('what is given out and not stored is seen when it is stored', async () => {
  const { journal, store } = makeHoldingJournal();
  await journal.open();
  const { follower } = follow(store);
  await follower.open();
  await journal.append(logs(2));
  store.isDown = true;
  for (let tries = 0; journal.held.events === 0 && tries < 20; tries += 1) await journal.append(logs(1)).catch(() => 0);
  expect(journal.headSeq).toBeGreaterThan(journal.durableSeq);
  store.isDown = false;
  await follower.refresh();
  expect(follower.headSeq).toBe(journal.durableSeq);
  expect(await journal.close(5000)).toBe(0);
  await follower.refresh();
  expect(follower.headSeq).toBe(journal.headSeq);
});

test('a new epoch is shown when nobody reads under the old one any more, with where it comes from', async () => {
  const { journal, store } = makeJournal();
  await journal.open();
  await journal.append(logs(3));
  const { follower } = follow(store);
  await follower.open();
  const seen: string[] = [];
  follower.start({
    isWatched: () => false,
    renew: async (epoch, begin) => {
      await new Promise((resolve) => setImmediate(resolve));
      seen.push(`${follower.epoch} to ${epoch} at ${follower.headSeq}`);
      await begin();
      seen.push(follower.epoch);
    },
  });
  await store.open({ lostEpoch: 'AAAAAAAA' });
  await follower.refresh();
  expect(seen).toEqual(['AAAAAAAA to BBBBBBBB at 3', 'BBBBBBBB']);
  expect([follower.epoch, follower.parent, follower.headSeq]).toEqual(['BBBBBBBB', { epoch: 'AAAAAAAA', seq: 3 }, 3]);
  await follower.close();
});

test('a database that was put back to an earlier day is taken for another one', async () => {
  const { journal, store } = makeJournal();
  await journal.open();
  await journal.append(logs(9));
  const { follower } = follow(store);
  await follower.open();
  let left = 0;
  follower.start({
    isWatched: () => false,
    renew: (_epoch, begin) => {
      left += 1;
      return begin();
    },
  });
  const earlier = new MemoryHistory();
  const { journal: again } = makeJournal({ store: earlier });
  await again.open();
  await again.append(logs(4, 'other'));
  store.follow = (after, page) => earlier.follow(after, page);
  store.open = () => earlier.open();
  store.read = (query) => earlier.read(query);
  await follower.refresh();
  expect([left, follower.headSeq]).toEqual([1, 4]);
  expect(follower.ring.get(4)?.body).toContain('other3');
  await follower.close();
});

test('when retention was there first the ring begins anew, without a hole', async () => {
  const { journal, store } = makeJournal();
  await journal.open();
  await journal.append(logs(10));
  const { follower } = follow(store);
  await follower.open();
  await journal.append(logs(50));
  store.removeBefore(31);
  await follower.refresh();
  expect([follower.oldestSeq, follower.ring.oldestSeq, follower.ring.size, follower.headSeq]).toEqual([31, 31, 30, 60]);
  expect(follower.ring.covers(10)).toBe(false);
});

test('a refresh sees what was stored before it, also when a look was under way', async () => {
  const { journal, store } = makeJournal();
  await journal.open();
  const { follower } = follow(store);
  await follower.open();
  let go = (): void => undefined;
  const real = store.follow.bind(store);
  store.follow = async (after, page) => {
    const found = await real(after, page);
    await new Promise<void>((resolve) => {
      go = resolve;
    });
    return found;
  };
  const early = follower.refresh();
  await new Promise((resolve) => setImmediate(resolve));
  await journal.append(logs(1));
  const late = follower.refresh();
  const crowd = follower.refresh();
  store.follow = real;
  go();
  await early;
  expect(follower.headSeq).toBe(0);
  await Promise.all([late, crowd]);
  expect(follower.headSeq).toBe(1);
  expect(follower.looks).toBe(2);
});

test('a history that fails makes no refresh fail, and is told of unless its guard has done so', async () => {
  const { journal, store } = makeJournal();
  await journal.open();
  const { follower, errors } = follow(store);
  await follower.open();
  store.isDown = true;
  await follower.refresh();
  expect(String(errors)).toContain('no such disk');
  store.follow = () => Promise.reject(new StoreError('refused', 'away', { retryAfterS: 1 }));
  await follower.refresh();
  expect(errors).toHaveLength(1);
});

test('it looks by itself once it is started, tells its listeners, and holds nothing when it is closed', async () => {
  const { journal, store } = makeJournal();
  await journal.open();
  const pace = { busyMs: 1, quietMs: 1, idleMs: 1e6 };
  const { follower, ledger } = follow(store, { pace });
  await follower.open();
  follower.start({ isWatched: () => true, renew: (_epoch, begin) => begin() });
  expect(ledger.heldTotal).toBe(1);
  await journal.append(logs(2));
  await new Promise<void>((resolve) => follower.onCommit(resolve));
  expect(follower.headSeq).toBe(2);
  expect(follower.services.list()).toEqual(journal.services.list());
  await follower.close();
  const { looks } = follower;
  await follower.refresh();
  await new Promise((resolve) => setTimeout(resolve, 20));
  expect([follower.looks, ledger.heldTotal]).toEqual([looks, 0]);
});

test('whoever comes to an idle follower is not left at its slow pace', async () => {
  const { journal, store } = makeJournal();
  await journal.open();
  const { follower } = follow(store, { pace: { busyMs: 1, quietMs: 1, idleMs: 1e6 } });
  await follower.open();
  let isWatched = false;
  follower.start({ isWatched: () => isWatched, renew: (_epoch, begin) => begin() });
  isWatched = true;
  await follower.refresh();
  await journal.append(logs(1));
  await new Promise<void>((resolve) => follower.onCommit(resolve));
  expect(follower.headSeq).toBe(1);
  await follower.close();
});

test('the pace is slow while nobody is there, quick while events come', () => {
  const pace = new FollowPace({ busyMs: 20, quietMs: 50, idleMs: 1000 });
  expect([pace.waitMs(0, false), pace.waitMs(0, true)]).toEqual([1000, 50]);
  pace.found(100);
  expect([pace.waitMs(150, false), pace.waitMs(150, true), pace.waitMs(1099, true)]).toEqual([1000, 20, 20]);
  expect(pace.waitMs(1100, true)).toBe(50);
});
