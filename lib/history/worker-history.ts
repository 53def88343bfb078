import { Worker } from 'node:worker_threads';
import type { AccessChanges, AccessSnapshot, AuditQuery, AuditRow } from '@/lib/core/access-record.ts';
import type { ResourceOwner } from '@/lib/core/ledger.ts';
import type {
  Batch,
  Bounds,
  Followed,
  FollowLimits,
  HistoryStore,
  MetricQuery,
  MqttSessionChanges,
  MqttSessionRow,
  Opened,
  OpenOptions,
  ReadQuery,
  ReadResult,
  Receipt,
  RetentionLimits,
  RetentionResult,
} from './history-port.ts';
import type { WorkerCancel, WorkerRequest, WorkerResponse } from './history-worker.ts';
import type { SqliteHistoryOptions } from './sqlite-history.ts';

/** Batches and pages pass through this thread and leave garbage; without a limit V8 would let it pile up. */
const HEAP_LIMITS = { maxYoungGenerationSizeMb: 16, maxOldGenerationSizeMb: 256 };

type Pending = {
  readonly worker: Worker;
  readonly resolve: (value: never) => void;
  readonly reject: (error: Error) => void;
  readonly settled: () => void;
};

/**
 * The embedded history in a thread of its own: SQLite answers synchronously, and a commit or a long scan must not hold
 * up the event loop that serves the streams. A thread that died is started anew by the next call.
 */
export class WorkerHistory implements HistoryStore {
  readonly #workerPath: string;
  readonly #options: SqliteHistoryOptions;
  readonly #owner: ResourceOwner | undefined;
  readonly #pending = new Map<number, Pending>();
  #worker: Worker | undefined;
  #nextId = 1;

  /** @param owner holds a `worker` for each thread that runs */
  constructor(workerPath: string, options: SqliteHistoryOptions, owner?: ResourceOwner) {
    this.#workerPath = workerPath;
    this.#options = options;
    this.#owner = owner;
  }

  open(options: OpenOptions = {}): Promise<Opened> {
    return this.#call('open', [options]);
  }
  append(batch: Batch): Promise<void> {
    return this.#call('append', [batch]);
  }
  follow(after: number, limits: FollowLimits): Promise<Followed> {
    return this.#call('follow', [after, limits]);
  }
  read(query: ReadQuery, signal?: AbortSignal): Promise<ReadResult> {
    return this.#call('read', [query], signal);
  }
  bounds(): Promise<Bounds> {
    return this.#call('bounds');
  }
  seqAtTime(timeMs: number, signal?: AbortSignal): Promise<number> {
    return this.#call('seqAtTime', [timeMs], signal);
  }
  receipts(keys: readonly string[], signal?: AbortSignal): Promise<Receipt[]> {
    return this.#call('receipts', [keys], signal);
  }
  queryMetrics(query: MetricQuery, signal?: AbortSignal): ReturnType<HistoryStore['queryMetrics']> {
    return this.#call('queryMetrics', [query], signal);
  }
  mqttSession(key: string): Promise<MqttSessionRow | undefined> {
    return this.#call('mqttSession', [key]);
  }
  saveMqttSessions(changes: MqttSessionChanges): Promise<void> {
    return this.#call('saveMqttSessions', [changes]);
  }
  accessSnapshot(known?: number): Promise<AccessSnapshot | undefined> {
    return this.#call('accessSnapshot', [known]);
  }
  saveAccess(changes: AccessChanges): Promise<void> {
    return this.#call('saveAccess', [changes]);
  }
  audit(query: AuditQuery): Promise<AuditRow[]> {
    return this.#call('audit', [query]);
  }
  retain(limits: RetentionLimits, nowMs: number): Promise<RetentionResult> {
    return this.#call('retain', [limits, nowMs]);
  }

  /** A thread that hangs in the file system cannot be asked anything; the next call gets another. */
  restart(cause: Error): void {
    const worker = this.#worker;
    if (!worker) return;
    this.#fail(worker, cause);
    void worker.terminate();
  }

  async close(): Promise<void> {
    const worker = this.#worker;
    if (!worker) return;
    await this.#call('close').catch(() => undefined);
    this.#worker = undefined;
    await worker.terminate();
  }

  #call<T>(method: WorkerRequest['method'], args: unknown[] = [], signal?: AbortSignal): Promise<T> {
    if (signal?.aborted) return Promise.reject(signal.reason);
    this.#worker ??= this.#start();
    const worker = this.#worker;
    const id = this.#nextId++;
    const isCancellable = signal !== undefined;
    return new Promise<T>((resolve, reject) => {
      const abort = (): void => {
        if (!this.#pending.delete(id)) return;
        worker.postMessage({ cancel: id } satisfies WorkerCancel);
        reject(signal?.reason);
      };
      const settled = (): void => signal?.removeEventListener('abort', abort);
      signal?.addEventListener('abort', abort, { once: true });
      this.#pending.set(id, { worker, resolve, reject, settled });
      worker.postMessage({ id, method, args, isCancellable } satisfies WorkerRequest);
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
    worker.on('exit', (code) => {
      this.#owner?.release('worker');
      this.#fail(worker, new Error(`the history thread ended with code ${code}`));
    });
    this.#owner?.acquire('worker');
    return worker;
  }

  #settle(response: WorkerResponse): void {
    const pending = this.#pending.get(response.id);
    if (!pending) return;
    this.#pending.delete(response.id);
    pending.settled();
    if (response.ok) pending.resolve(response.result as never);
    else pending.reject(response.error);
  }

  #fail(worker: Worker, error: Error): void {
    if (this.#worker === worker) this.#worker = undefined;
    // Only its own calls: a thread that died says both 'error' and 'exit', and by then another may be at work.
    for (const [id, pending] of this.#pending) {
      if (pending.worker !== worker) continue;
      this.#pending.delete(id);
      pending.settled();
      pending.reject(error);
    }
  }
}
