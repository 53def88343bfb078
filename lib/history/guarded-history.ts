import type { AccessChanges, AccessSnapshot, AuditQuery, AuditRow } from '@/lib/core/access-record.ts';
import { type BreakerChange, CircuitBreaker, type Permit } from '@/lib/core/circuit-breaker.ts';
import { ERROR_STATUS, isAppError } from '@/lib/core/errors.ts';
import type { SlowCall } from '@/lib/wire/system-pages.ts';
import { TIMED_OUT, withDeadline } from './call-deadline.ts';
import { detailOf } from './call-detail.ts';
import { CallTimes, type Quantiles } from './call-times.ts';
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
import { StoreError } from './store-error.ts';

export type GuardedHistoryOptions = {
  /** A call that takes longer is listed. */
  readonly slowMs: number;
  /** A call that takes longer has failed, whatever comes of it. */
  readonly timeoutMs: number;
  readonly cooldownMs: number;
  readonly now: () => number;
  readonly random?: () => number;
  readonly onChange?: (change: BreakerChange) => void;
  /** Told of each call that failed or came too late, not of refused ones: clients get a sentence, the log the cause. */
  readonly onFailure?: (method: string, cause: unknown) => void;
};

/**
 * What a call says about the store. `judge`: all its outcomes count. `vital`: its failure counts, its success does not,
 * since a full disk still answers it. `bystander`: nothing counts.
 */
type Role = 'judge' | 'vital' | 'bystander';

type Call<T> = {
  readonly method: string;
  readonly role: Role;
  readonly detail: () => string;
  readonly signal?: AbortSignal | undefined;
  readonly work: (signal: AbortSignal) => Promise<T>;
};

/**
 * The history behind a circuit breaker and a deadline, with every call timed. One breaker for reads and writes, because
 * they share one connection, but appends are its judge: whether events can be stored decides whether the journal holds
 * them, and neither a slow search of somebody may make it do so, nor may reads, which a full disk goes on answering,
 * outvote appends that fail. While it is open reads are refused like everything else. Half-open, an append is the probe.
 */
export class GuardedHistory implements HistoryStore {
  readonly breaker: CircuitBreaker;
  readonly counts = { calls: 0, failures: 0, refused: 0, slow: 0 };
  readonly #store: HistoryStore;
  readonly #options: GuardedHistoryOptions;
  readonly #times = new CallTimes();
  #isOpened = false;

  constructor(store: HistoryStore, options: GuardedHistoryOptions) {
    this.#store = store;
    this.#options = options;
    const { now, random, cooldownMs, onChange } = options;
    this.breaker = new CircuitBreaker({
      name: 'history',
      now,
      cooldownMs,
      ...(random && { random }),
      ...(onChange && { onChange }),
    });
  }

  /** Newest first. */
  slowCalls(): SlowCall[] {
    return this.#times.slowCalls();
  }
  quantiles(): Quantiles | undefined {
    return this.#times.quantiles();
  }

  /** At the start it may migrate, which takes as long as it takes; later it is a call like others. */
  async open(options: OpenOptions = {}): Promise<Opened> {
    const opened = this.#isOpened
      ? await this.#call({ method: 'open', role: 'vital', detail: () => '', work: () => this.#store.open(options) })
      : await this.#store.open(options);
    this.#isOpened = true;
    return opened;
  }

  append(batch: Batch): Promise<void> {
    const work = (): Promise<void> => this.#store.append(batch);
    return this.#call({ method: 'append', role: 'judge', detail: () => detailOf.append(batch), work });
  }

  /** Of a journal that another process appends to; where there is one nothing else judges the store. */
  follow(after: number, limits: FollowLimits): Promise<Followed> {
    const none = (): Promise<Followed> => Promise.reject(new Error('this history cannot be followed'));
    const work = (): Promise<Followed> => this.#store.follow?.(after, limits) ?? none();
    return this.#call({ method: 'follow', role: 'judge', detail: () => `after ${after}`, work });
  }

  bounds(): Promise<Bounds> {
    return this.#call({ method: 'bounds', role: 'vital', detail: () => '', work: () => this.#store.bounds() });
  }

  read(query: ReadQuery, signal?: AbortSignal): Promise<ReadResult> {
    return this.#bystander(
      'read',
      () => detailOf.read(query),
      signal,
      (inner) => this.#store.read(query, inner),
    );
  }

  seqAtTime(timeMs: number, signal?: AbortSignal): Promise<number> {
    const detail = (): string => detailOf.seqAtTime(timeMs);
    return this.#bystander('seqAtTime', detail, signal, (inner) => this.#store.seqAtTime(timeMs, inner));
  }

  receipts(keys: readonly string[], signal?: AbortSignal): Promise<Receipt[]> {
    const detail = (): string => detailOf.receipts(keys);
    return this.#bystander('receipts', detail, signal, (inner) => this.#store.receipts(keys, inner));
  }

  queryMetrics(query: MetricQuery, signal?: AbortSignal): ReturnType<HistoryStore['queryMetrics']> {
    const detail = (): string => detailOf.queryMetrics(query);
    return this.#bystander('queryMetrics', detail, signal, (inner) => this.#store.queryMetrics(query, inner));
  }

  mqttSession(key: string): Promise<MqttSessionRow | undefined> {
    return this.#bystander(
      'mqttSession',
      () => '',
      undefined,
      () => this.#store.mqttSession(key),
    );
  }

  saveMqttSessions(changes: MqttSessionChanges): Promise<void> {
    const detail = (): string => detailOf.saveMqttSessions(changes);
    return this.#bystander('saveMqttSessions', detail, undefined, () => this.#store.saveMqttSessions(changes));
  }

  accessSnapshot(known?: number): Promise<AccessSnapshot | undefined> {
    const work = (): Promise<AccessSnapshot | undefined> => this.#store.accessSnapshot(known);
    return this.#bystander('accessSnapshot', () => '', undefined, work);
  }

  saveAccess(changes: AccessChanges): Promise<void> {
    const work = (): Promise<void> => this.#store.saveAccess(changes);
    return this.#bystander('saveAccess', () => '', undefined, work);
  }

  audit(query: AuditQuery): Promise<AuditRow[]> {
    const work = (): Promise<AuditRow[]> => this.#store.audit(query);
    return this.#bystander('audit', () => `${query.limit} rows at most`, undefined, work);
  }

  retain(limits: RetentionLimits, nowMs: number): Promise<RetentionResult> {
    const detail = (): string => detailOf.retain(limits);
    return this.#bystander('retain', detail, undefined, () => this.#store.retain(limits, nowMs));
  }

  restart(cause: Error): void {
    this.#store.restart?.(cause);
  }

  close(): Promise<void> {
    return this.#store.close();
  }

  #bystander<T>(
    method: string,
    detail: () => string,
    signal: AbortSignal | undefined,
    work: (signal: AbortSignal) => Promise<T>,
  ): Promise<T> {
    return this.#call({ method, role: 'bystander', detail, signal, work });
  }

  async #call<T>(call: Call<T>): Promise<T> {
    call.signal?.throwIfAborted();
    const permit = this.breaker.tryCall(call.role === 'judge' ? 'probe' : 'pass');
    if (!permit) throw this.#refusal();
    const startedAt = performance.now();
    this.counts.calls += 1;
    try {
      const result = await withDeadline(call, this.#options.timeoutMs);
      const isSlow = this.#note(call, performance.now() - startedAt, false);
      this.breaker.settle(permit, call.role === 'judge' ? (isSlow ? 'slow' : 'ok') : 'ignored');
      return result;
    } catch (error) {
      const isCallers = call.signal?.aborted === true || isCallersFault(error);
      this.#note(call, performance.now() - startedAt, !isCallers);
      if (isCallers) {
        this.breaker.settle(permit, 'ignored');
        throw error;
      }
      throw this.#fail(call, permit, error);
    }
  }

  #fail({ method, role }: Call<unknown>, permit: Permit, error: unknown): StoreError {
    const isLate = error === TIMED_OUT;
    const cause = isLate ? new Error(`${method} was not answered within ${this.#options.timeoutMs} ms`) : error;
    this.counts.failures += 1;
    this.breaker.settle(permit, role === 'bystander' ? 'ignored' : 'failed', cause);
    // A thread that has not answered in all this time may hang for ever, and everything behind it too. What reads ask for
    // may take long without that.
    if (isLate && role !== 'bystander') this.#store.restart?.(cause as Error);
    this.#options.onFailure?.(method, cause);
    const message = isLate ? 'the history store did not answer in time' : 'the history store failed';
    return new StoreError(isLate ? 'unknown' : 'failed', `${message}; try again later`, {
      retryAfterS: this.#retryAfterS(),
      cause,
    });
  }

  #note({ method, detail }: Call<unknown>, tookMs: number, failed: boolean): boolean {
    const isSlow = tookMs > this.#options.slowMs;
    this.#times.add(tookMs);
    if (isSlow) {
      this.counts.slow += 1;
      this.#times.addSlow({ atMs: this.#options.now(), method, tookMs, detail: detail(), failed });
    }
    return isSlow;
  }

  #refusal(): StoreError {
    this.counts.refused += 1;
    const message = 'the history store is away and is not being asked; try again later';
    return new StoreError('refused', message, { retryAfterS: this.#retryAfterS() });
  }

  #retryAfterS(): number {
    return Math.max(1, Math.ceil((this.breaker.waitMs || this.#options.cooldownMs) / 1000));
  }
}

/** A wrong request says nothing about the store. */
function isCallersFault(error: unknown): boolean {
  return isAppError(error) && ERROR_STATUS[error.code] < 500;
}
