import { afterAll, beforeAll, expect, test } from 'vitest';
import { logAt } from '@/lib/core/testing/arbitraries.ts';
import { Appender } from './testing/batches.ts';
import { historyContract } from './testing/history-contract.ts';
import { T0 } from './testing/reading.ts';
import { buildWorker, buildWorkerOver, temporaryDir, temporaryWorker } from './testing/temporary-stores.ts';
import { WorkerHistory } from './worker-history.ts';

let worker: Awaited<ReturnType<typeof buildWorker>>;
beforeAll(async () => {
  worker = await buildWorker();
});
afterAll(() => worker.remove());

// Each test starts a thread, which costs half a second; reading and retention run in the thread's own SqliteHistory.
historyContract('WorkerHistory', () => temporaryWorker(worker.path), ['opening', 'appending']);

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

test('a thread that hangs is given up: its calls fail, and the next one reads and writes the same database', async () => {
  const { store, dispose } = await temporaryWorker(worker.path);
  try {
    const appender = new Appender(store);
    await store.open();
    await appender.append([logAt('one')], T0);
    const pending = store.bounds();
    store.restart?.(new Error('given up'));
    await expect(pending).rejects.toThrow('given up');
    await appender.append([logAt('two')], T0);
    expect(await store.open()).toMatchObject({ headSeq: 2 });
  } finally {
    await dispose();
  }
});

test('a read that is cancelled while another holds the thread never runs', async () => {
  const { dir, remove } = await temporaryDir();
  const { writeFile } = await import('node:fs/promises');
  const path = `${dir}/worker.mjs`;
  const queue = JSON.stringify(new URL('./call-queue.ts', import.meta.url).pathname);
  // The real dispatch over a store whose reads hold the thread, as SQLite's do, and that counts those that ran.
  await writeFile(
    `${dir}/sqlite-history.ts`,
    `import { CallQueue } from ${queue};
     export class SqliteHistory {
       #queue = new CallQueue(); #ran = 0;
       read(_query: unknown, signal?: AbortSignal) {
         return this.#queue.run('read', async () => { this.#ran += 1; const end = Date.now() + 150; while (Date.now() < end); return this.#ran; }, signal);
       }
       bounds() { return this.#queue.run('read', async () => this.#ran); }
       close() { return this.#queue.settled(); }
     }`,
  );
  await buildWorkerOver(`${dir}/sqlite-history.ts`, path);
  const store = new WorkerHistory(path, { url: 'file:x', synchronous: 'full', migrationsDir: 'x' });
  const query = { filter: {}, direction: 'forward', from: 0, limit: 1 } as const;
  const first = store.read(query);
  const controller = new AbortController();
  const cancelled = Array.from({ length: 5 }, () => store.read(query, controller.signal));
  const outcomes = Promise.allSettled(cancelled);
  await new Promise((resolve) => setTimeout(resolve, 20));
  controller.abort(new Error('left'));
  expect((await outcomes).every(({ status }) => status === 'rejected')).toBe(true);
  expect(await first).toBe(1);
  expect(await store.bounds()).toBe(1);
  await store.close();
  await remove();
});
