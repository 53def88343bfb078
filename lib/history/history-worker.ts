import { parentPort, workerData } from 'node:worker_threads';
import type { HistoryStore } from './history-port.ts';
import { SqliteHistory, type SqliteHistoryOptions } from './sqlite-history.ts';

type Method = Exclude<keyof HistoryStore, 'restart'>;
export type WorkerRequest = { id: number; method: Method; args: unknown[]; isCancellable: boolean };
/** The call with this id is no longer wanted, and not answered. */
export type WorkerCancel = { cancel: number };
export type WorkerResponse = { id: number; ok: true; result: unknown } | { id: number; ok: false; error: Error };

const port = parentPort;
if (!port) throw new Error('expected to be started as a worker thread by lib/history/worker-history.ts');

const store: HistoryStore = new SqliteHistory(workerData as SqliteHistoryOptions);
const running = new Map<number, AbortController>();

port.on('message', (message: WorkerRequest | WorkerCancel) => {
  if ('cancel' in message) running.get(message.cancel)?.abort();
  else void serve(message);
});

async function serve({ id, method, args, isCancellable }: WorkerRequest): Promise<void> {
  const call = store[method] as (...given: unknown[]) => Promise<unknown>;
  const controller = isCancellable ? new AbortController() : undefined;
  if (controller) running.set(id, controller);
  try {
    const result = await call.apply(store, controller ? [...args, controller.signal] : args);
    port?.postMessage({ id, ok: true, result } satisfies WorkerResponse);
  } catch (error) {
    port?.postMessage({ id, ok: false, error: plainError(error) } satisfies WorkerResponse);
  } finally {
    running.delete(id);
  }
}

/** Only plain errors survive the crossing between threads. */
function plainError(error: unknown): Error {
  const plain = new Error(error instanceof Error ? error.message : String(error));
  if (error instanceof Error && error.stack) plain.stack = error.stack;
  return plain;
}
