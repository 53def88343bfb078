import { afterAll, beforeAll, expect, test } from 'vitest';
import { logAt } from '@/lib/core/testing/arbitraries.ts';
import { Appender } from './testing/batches.ts';
import { historyContract } from './testing/history-contract.ts';
import { T0 } from './testing/reading.ts';
import { buildWorker, temporaryDir, temporaryWorker } from './testing/temporary-stores.ts';
import { WorkerHistory } from './worker-history.ts';

let worker: Awaited<ReturnType<typeof buildWorker>>;
beforeAll(async () => {
  worker = await buildWorker();
});
afterAll(() => worker.remove());

// Each test starts a thread, which costs half a second; reading and retention run in the thread's own SqliteHistory.
historyContract('WorkerHistory', () => temporaryWorker(worker.path), ['appending']);

test('a thread that cannot start rejects every call, and the next call starts another', async () => {
  const store = new WorkerHistory('/no/such/worker.mjs', { url: 'file:x', synchronous: 'full', migrationsDir: 'x' });
  const outcomes = await Promise.allSettled([store.open(), store.bounds()]);
  expect(outcomes.map((outcome) => outcome.status)).toEqual(['rejected', 'rejected']);
  await expect(store.bounds()).rejects.toThrow();
});

test('when a thread dies its calls fail, and those of the next thread do not', async () => {
  const { dir, remove } = await temporaryDir();
  const { writeFile } = await import('node:fs/promises');
  const path = `${dir}/worker.mjs`;
  // Dies on append with 'error' first and 'exit' later, answers everything else after a while.
  await writeFile(
    path,
    `import { parentPort } from 'node:worker_threads';
     parentPort.on('message', ({ id, method }) => {
       if (method === 'append') throw new Error('died');
       setTimeout(() => parentPort.postMessage({ id, ok: true, result: { oldestSeq: 1, headSeq: 7 } }), 30);
     });`,
  );
  const store = new WorkerHistory(path, { url: 'file:x', synchronous: 'full', migrationsDir: 'x' });
  const boundsAfterDeath = new Appender(store).append([logAt('m')], T0).then(
    () => 'stored',
    () => store.bounds(),
  );
  expect(await boundsAfterDeath).toEqual({ oldestSeq: 1, headSeq: 7 });
  await store.close();
  await remove();
});
