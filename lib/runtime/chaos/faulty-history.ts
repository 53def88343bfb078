import type { AccessChanges, AuditQuery } from '@/lib/core/access-record.ts';
import { AppError } from '@/lib/core/errors.ts';
import type { ResourceOwner } from '@/lib/core/ledger.ts';
import type {
  Batch,
  HistoryStore,
  MetricQuery,
  MqttSessionChanges,
  OpenOptions,
  ReadQuery,
  RetentionLimits,
} from '@/lib/history/history-port.ts';
import type { ChaosReport } from '@/lib/wire/chaos.ts';

type ActiveFault = ChaosReport['active'][number];
type Waiting = { readonly dueMs: number; go(): void; fail(cause: Error): void };
type Answer<Method extends keyof HistoryStore> = ReturnType<NonNullable<HistoryStore[Method]>>;

export type FaultyHistoryOptions = {
  readonly store: HistoryStore;
  now(): number;
  readonly owner: ResourceOwner;
};

/**
 * A history that is down or slow when told to be. It sits inside whatever guards the history, so that the guard meets
 * what it would meet with a sick disk. Calls go on in their order; `close` is never held up.
 */
export class FaultyHistory implements HistoryStore {
  readonly #options: FaultyHistoryOptions;
  readonly #waiting: Waiting[] = [];
  #timer: NodeJS.Timeout | undefined;
  #isDown = false;
  #delayMs = 0;
  /** Only where the store has it: whoever guards it asks. */
  readonly restart?: (cause: Error) => void;

  constructor(options: FaultyHistoryOptions) {
    this.#options = options;
    if (options.store.restart) this.restart = (cause) => this.#restart(cause);
  }

  /** These and no others from now on. */
  apply(active: readonly ActiveFault[]): void {
    const faults = active.flatMap(({ fault }) => (fault.fault === 'history' ? [fault] : []));
    this.#isDown = faults.some(({ mode }) => mode === 'down');
    this.#delayMs = Math.max(0, ...faults.map(({ mode, delayMs }) => (mode === 'slow' ? delayMs : 0)));
    if (this.#delayMs === 0) this.#letGo(Number.POSITIVE_INFINITY);
  }

  /** Throws bad-request where there is no thread that could end. */
  kill(): void {
    if (!this.restart) {
      throw new AppError('bad-request', 'the history has no thread of its own here; `npm run build` makes one');
    }
    this.restart(new Error('chaos: the thread of the history was ended on purpose'));
  }

  open(options?: OpenOptions): Answer<'open'> {
    return this.#call((store) => store.open(options));
  }
  append(batch: Batch): Answer<'append'> {
    return this.#call((store) => store.append(batch));
  }
  read(query: ReadQuery, signal?: AbortSignal): Answer<'read'> {
    return this.#call((store) => store.read(query, signal), signal);
  }
  bounds(): Answer<'bounds'> {
    return this.#call((store) => store.bounds());
  }
  seqAtTime(timeMs: number, signal?: AbortSignal): Answer<'seqAtTime'> {
    return this.#call((store) => store.seqAtTime(timeMs, signal), signal);
  }
  receipts(keys: readonly string[], signal?: AbortSignal): Answer<'receipts'> {
    return this.#call((store) => store.receipts(keys, signal), signal);
  }
  queryMetrics(query: MetricQuery, signal?: AbortSignal): Answer<'queryMetrics'> {
    return this.#call((store) => store.queryMetrics(query, signal), signal);
  }
  mqttSession(key: string): Answer<'mqttSession'> {
    return this.#call((store) => store.mqttSession(key));
  }
  saveMqttSessions(changes: MqttSessionChanges): Answer<'saveMqttSessions'> {
    return this.#call((store) => store.saveMqttSessions(changes));
  }
  accessSnapshot(known?: number): Answer<'accessSnapshot'> {
    return this.#call((store) => store.accessSnapshot(known));
  }
  saveAccess(changes: AccessChanges): Answer<'saveAccess'> {
    return this.#call((store) => store.saveAccess(changes));
  }
  audit(query: AuditQuery): Answer<'audit'> {
    return this.#call((store) => store.audit(query));
  }
  retain(limits: RetentionLimits, nowMs: number): Answer<'retain'> {
    return this.#call((store) => store.retain(limits, nowMs));
  }

  close(): Promise<void> {
    this.#letGo(Number.POSITIVE_INFINITY);
    return this.#options.store.close();
  }

  /** What waits here has failed as well: run later, it would store a second time what its sender has sent again. */
  #restart(cause: Error): void {
    for (const waiting of this.#waiting.splice(0)) waiting.fail(cause);
    this.#letGo(0);
    this.#options.store.restart?.(cause);
  }

  #call<T>(call: (store: HistoryStore) => Promise<T>, signal?: AbortSignal): Promise<T> {
    const attempt = async (): Promise<T> => {
      if (this.#isDown) throw new Error('chaos: the history is down on purpose');
      return call(this.#options.store);
    };
    if (this.#delayMs === 0) return attempt();
    if (signal?.aborted) return Promise.reject(signal.reason);
    return new Promise<T>((resolve, reject) => {
      // It stays in the queue, and its turn finds the signal aborted.
      const abort = (): void => reject(signal?.reason);
      const settle = (): void => signal?.removeEventListener('abort', abort);
      signal?.addEventListener('abort', abort, { once: true });
      this.#waiting.push({
        dueMs: this.#options.now() + this.#delayMs,
        go() {
          settle();
          if (!signal?.aborted) resolve(attempt());
        },
        fail(cause) {
          settle();
          reject(cause);
        },
      });
      this.#await();
    });
  }

  /** One timer, for the call that came first: no call may overtake another, not even one that came to a shorter delay. */
  #await(): void {
    const [first] = this.#waiting;
    if (!first || this.#timer) return;
    const { now, owner } = this.#options;
    owner.acquire('timer');
    this.#timer = setTimeout(() => this.#letGo(now()), Math.max(1, first.dueMs - now()));
  }

  #letGo(untilMs: number): void {
    if (this.#timer) {
      clearTimeout(this.#timer);
      this.#timer = undefined;
      this.#options.owner.release('timer');
    }
    for (let [first] = this.#waiting; first && first.dueMs <= untilMs; [first] = this.#waiting) {
      this.#waiting.shift();
      first.go();
    }
    this.#await();
  }
}
