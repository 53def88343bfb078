import { getEventListeners } from 'node:events';
import { expect, test } from 'vitest';
import { ResourceLedger } from '@/lib/core/ledger.ts';
import { Cancellation } from './cancellation.ts';
import { pause } from './pause.ts';

test('the root reaches every read and wait below it, once, and forgets branches that have ended', async () => {
  const ledger = new ResourceLedger(() => 0);
  const root = new Cancellation();
  const [one, two] = [new Cancellation(root), new Cancellation(root)];
  expect(root.size).toBe(0);
  const waits = [one, two].map((branch) => pause(60_000, ledger.owner('a stream'), branch));
  expect([root.size, ledger.heldTotal]).toEqual([2, 2]);
  one.cancel();
  await waits[0];
  expect([root.size, ledger.heldTotal, two.isCancelled]).toEqual([1, 1, false]);
  root.cancel();
  await waits[1];
  expect([root.size, ledger.heldTotal, two.signal.aborted]).toEqual([0, 0, true]);
});

test('what begins after the end is over at once', async () => {
  const ledger = new ResourceLedger(() => 0);
  const root = new Cancellation();
  root.cancel();
  const late = new Cancellation(root);
  expect(late.signal.aborted).toBe(true);
  await pause(60_000, ledger.owner('a stream'), late);
  expect([root.size, ledger.heldTotal]).toEqual([0, 0]);
});

test('a wait that is over leaves no listener behind', async () => {
  const ledger = new ResourceLedger(() => 0);
  const branch = new Cancellation();
  for (let round = 0; round < 20; round += 1) await pause(0, ledger.owner('a stream'), branch);
  expect([ledger.heldTotal, getEventListeners(branch.signal, 'abort').length]).toEqual([0, 0]);
});
