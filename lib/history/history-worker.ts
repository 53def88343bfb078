import { parentPort, workerData } from 'node:worker_threads';
import type { HistoryStore } from './history-port.ts';
import { SqliteHistory, type SqliteHistoryOptions } from './sqlite-history.ts';

export type WorkerRequest = { id: number; method: keyof HistoryStore; args: unknown[] };
export type WorkerResponse = { id: number; ok: true; result: unknown } | { id: number; ok: false; error: Error };

const port = parentPort;
if (!port) throw new Error('expected to be started as a worker thread by lib/history/worker-history.ts');

const store: HistoryStore = new SqliteHistory(workerData as SqliteHistoryOptions);

port.on('message', ({ id, method, args }: WorkerRequest) => {
  const call = store[method] as (...given: unknown[]) => Promise<unknown>;
  call.apply(store, args).then(
    (result) => port.postMessage({ id, ok: true, result } satisfies WorkerResponse),
    (error: unknown) => port.postMessage({ id, ok: false, error: plainError(error) } satisfies WorkerResponse),
  );
});

/** Only plain errors survive the crossing between threads. */
function plainError(error: unknown): Error {
  const plain = new Error(error instanceof Error ? error.message : String(error));
  if (error instanceof Error && error.stack) plain.stack = error.stack;
  return plain;
}
