import { Worker } from 'node:worker_threads';
import type {
  Batch,
  Bounds,
  HistoryStore,
  MetricQuery,
  Opened,
  ReadQuery,
  ReadResult,
  Receipt,
  RetentionLimits,
  RetentionResult,
} from './history-port.ts';
import type { WorkerRequest, WorkerResponse } from './history-worker.ts';
import type { SqliteHistoryOptions } from './sqlite-history.ts';

/** Batches and pages pass through this thread and leave garbage; without a limit V8 would let it pile up. */
const HEAP_LIMITS = { maxYoungGenerationSizeMb: 16, maxOldGenerationSizeMb: 256 };

type Pending = { worker: Worker; resolve: (value: never) => void; reject: (error: Error) => void };

/**
 * The embedded history in a thread of its own: SQLite answers synchronously, and a commit or a long scan must not hold
 * up the event loop that serves the streams. A thread that died is started anew by the next call.
 */
export class WorkerHistory implements HistoryStore {
  readonly #workerPath: string;
  readonly #options: SqliteHistoryOptions;
  readonly #pending = new Map<number, Pending>();
  #worker: Worker | undefined;
  #nextId = 1;

  constructor(workerPath: string, options: SqliteHistoryOptions) {
    this.#workerPath = workerPath;
    this.#options = options;
  }

  open(): Promise<Opened> {
    return this.#call('open');
  }
  append(batch: Batch): Promise<void> {
    return this.#call('append', batch);
  }
  read(query: ReadQuery): Promise<ReadResult> {
    return this.#call('read', query);
  }
  bounds(): Promise<Bounds> {
    return this.#call('bounds');
  }
  seqAtTime(timeMs: number): Promise<number> {
    return this.#call('seqAtTime', timeMs);
  }
  receipts(keys: readonly string[]): Promise<Receipt[]> {
    return this.#call('receipts', keys);
  }
  queryMetrics(query: MetricQuery): ReturnType<HistoryStore['queryMetrics']> {
    return this.#call('queryMetrics', query);
  }
  retain(limits: RetentionLimits, nowMs: number): Promise<RetentionResult> {
    return this.#call('retain', limits, nowMs);
  }

  async close(): Promise<void> {
    const worker = this.#worker;
    if (!worker) return;
    await this.#call('close').catch(() => undefined);
    this.#worker = undefined;
    await worker.terminate();
  }

  #call<T>(method: WorkerRequest['method'], ...args: unknown[]): Promise<T> {
    this.#worker ??= this.#start();
    const worker = this.#worker;
    const id = this.#nextId++;
    return new Promise<T>((resolve, reject) => {
      this.#pending.set(id, { worker, resolve, reject });
      worker.postMessage({ id, method, args } satisfies WorkerRequest);
    });
  }

  #start(): Worker {
    const worker = new Worker(this.#workerPath, {
      workerData: this.#options,
      name: 'history',
      resourceLimits: HEAP_LIMITS,
    });
    worker.on('message', (response: WorkerResponse) => this.#settle(response));
    worker.on('error', (error) => this.#fail(worker, error as Error));
    worker.on('exit', (code) => this.#fail(worker, new Error(`the history thread ended with code ${code}`)));
    return worker;
  }

  #settle(response: WorkerResponse): void {
    const pending = this.#pending.get(response.id);
    if (!pending) return;
    this.#pending.delete(response.id);
    if (response.ok) pending.resolve(response.result as never);
    else pending.reject(response.error);
  }

  #fail(worker: Worker, error: Error): void {
    if (this.#worker === worker) this.#worker = undefined;
    // Only its own calls: a thread that died says both 'error' and 'exit', and by then another may be at work.
    for (const [id, pending] of this.#pending) {
      if (pending.worker !== worker) continue;
      this.#pending.delete(id);
      pending.reject(error);
    }
  }
}
