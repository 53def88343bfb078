import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { AppendChain } from '@/lib/core/append-chain.ts';
import { isAppError } from '@/lib/core/errors.ts';
import { logAt } from '@/lib/core/testing/arbitraries.ts';
import { makeHoldingJournal, makeJournal } from './testing/make-journal.ts';

const logs = (count: number) => Array.from({ length: count }, (_, index) => logAt(`m${index}`));
const codeOf = async (promise: Promise<unknown>): Promise<unknown> => {
  const error = await promise.then(
    () => undefined,
    (caught: unknown) => caught,
  );
  return isAppError(error) ? error.code : error;
};

test('what is stored of a chain is always its beginning, whichever commits fail and however much waits', async () => {
  const step = fc.record({
    chain: fc.integer({ min: 0, max: 2 }),
    size: fc.integer({ min: 1, max: 30 }),
    failure: fc.constantFrom('none', 'none', 'before', 'after'),
    pause: fc.boolean(),
  });
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 30 }), fc.boolean(), async (steps, holds) => {
      const limits = { batchEventsMax: 40, pendingEventsMax: 120 };
      const { journal, store } = holds ? makeHoldingJournal({ ...limits, eventsMax: 60 }) : makeJournal(limits);
      await journal.open();
      store.failNext = steps.map(({ failure }) => failure);
      const chains: AppendChain[] = [{}, {}, {}];
      const outcomes: Promise<{ chain: number; firstSeq: number | undefined }>[] = [];
      for (const { chain, size, pause } of steps) {
        outcomes.push(
          journal.append(logs(size), undefined, chains[chain]).then(
            ({ firstSeq }) => ({ chain, firstSeq }),
            () => ({ chain, firstSeq: undefined }),
          ),
        );
        if (pause) await new Promise((resolve) => setImmediate(resolve));
      }
      const settled = await Promise.all(outcomes);
      for (const [index, chain] of chains.entries()) {
        const placed = settled.filter((each) => each.chain === index).map(({ firstSeq }) => firstSeq);
        const stored = placed.filter((seq) => seq !== undefined);
        expect(placed.slice(0, stored.length)).toEqual([...stored].sort((a, b) => a - b));
        expect(chain.failure !== undefined).toBe(stored.length < placed.length);
      }
      expect(journal.pendingEvents).toBe(0);
      store.failNext = [];
      await journal.close(1000);
    }),
    { seed: 1, numRuns: 60 },
  );
});

test('once an append is refused for lack of room nothing more of its chain is stored, and others are', async () => {
  const { journal } = makeJournal({ pendingEventsMax: 50 });
  await journal.open();
  const chain: AppendChain = {};
  await journal.append(logs(10), undefined, chain);
  const waiting = codeOf(journal.append(logs(45), undefined, chain));
  expect(await codeOf(journal.append(logs(6), undefined, chain))).toBe('storage-overloaded');
  expect(await codeOf(journal.append(logs(1), undefined, chain))).toBe('storage-overloaded');
  expect(await journal.append(logs(1))).toEqual({ firstSeq: 11, lastSeq: 11 });
  expect(await waiting).toBe('storage-overloaded');
  expect(await codeOf(journal.append(logs(1), undefined, chain))).toBe('storage-overloaded');
});
