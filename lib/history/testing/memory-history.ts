import type { AccessChanges, AccessSnapshot, AuditQuery, AuditRow } from '@/lib/core/access-record.ts';
import { compileFilter } from '@/lib/core/filter.ts';
import type {
  Batch,
  Followed,
  FollowLimits,
  HistoryRow,
  HistoryStore,
  Lineage,
  MqttSessionChanges,
  MqttSessionRow,
  Opened,
  OpenOptions,
  ReadQuery,
  ReadResult,
  Receipt,
  SeriesRow,
} from '../history-port.ts';

type Row = [number, number, number, number, string, number | null, number | null, number, number];
type Kept = HistoryRow & { receivedMs: number; rank: number; service: string };

/** A history in memory for tests of what stands on it; `failNext` and `hold` make it behave like a disk that is ill. */
export class MemoryHistory implements HistoryStore {
  epoch: string;
  parent: Lineage | undefined;
  readonly batches: Batch[] = [];
  readonly series: SeriesRow[] = [];
  readonly mqttSessions = new Map<string, MqttSessionRow>();
  readonly #receipts = new Map<string, Receipt>();
  #events: Kept[] = [];
  oldestSeq = 1;
  headSeq = 0;
  reads = 0;
  /** Outcomes of the next appends: reject before storing, or after; `never` stores nothing and does not answer; `none` stores. */
  failNext: ('before' | 'after' | 'never' | 'none')[] = [];
  /** Every call rejects, as when the disk is gone. */
  isDown = false;
  boundsFail = 0;
  /** Resolves before each call is answered; tests that interleave replace it. */
  pause: () => Promise<void> = () => Promise.resolve();
  pageRows = 50;

  constructor(epoch = 'AAAAAAAA') {
    this.epoch = epoch;
  }

  async open({ lostEpoch }: OpenOptions = {}): Promise<Opened> {
    await this.#begin();
    const headReceivedMs = this.#events.at(-1)?.receivedMs ?? 0;
    if (lostEpoch === this.epoch || lostEpoch === '*') {
      this.parent = { epoch: this.epoch, seq: this.headSeq };
      this.epoch = this.epoch.replaceAll('A', 'B');
    }
    const { epoch, parent } = this;
    return { epoch, ...(parent && { parent }), headReceivedMs, series: [...this.series], ...this.#bounds() };
  }

  async append(batch: Batch): Promise<void> {
    await this.#begin();
    const failure = this.failNext.shift();
    if (failure === 'never') await new Promise(() => undefined);
    if (failure === 'before') throw new Error('disk full');
    const rows = JSON.parse(batch.rowsJson) as Row[];
    rows.forEach(([seq, , kind, rank, service, , , start, length], index) => {
      if (seq !== this.headSeq + 1 || seq !== batch.firstSeq + index)
        throw new Error(`seq ${seq} after ${this.headSeq}`);
      this.headSeq = seq;
      const kindName = kind === 0 ? 'log' : 'metric';
      this.#events.push({
        seq,
        kind: kindName,
        rank,
        service,
        body: Buffer.from(batch.bodies.subarray(start - 1, start - 1 + length)).toString('utf8'),
        receivedMs: batch.receivedMs,
      });
    });
    this.batches.push(batch);
    this.series.push(...batch.series);
    for (const receipt of batch.receipts) this.#receipts.set(receipt.key, receipt);
    if (failure === 'after') throw new Error('the thread died after COMMIT');
  }

  async read(query: ReadQuery): Promise<ReadResult> {
    this.reads += 1;
    await this.#begin();
    const matches = compileFilter(query.filter);
    const { oldestSeq, headSeq } = this.#bounds();
    const limit = Math.min(query.limit, this.pageRows);
    const rows: HistoryRow[] = [];
    if (query.direction === 'backward') {
      let before = Math.min(query.from, headSeq + 1);
      while (before > oldestSeq && rows.length < query.limit) {
        before -= 1;
        const event = this.#at(before);
        if (event && matches(event)) rows.push(event);
      }
      return { rows, scannedTo: before, oldestSeq };
    }
    let scannedTo = query.from;
    for (let seq = Math.max(query.from + 1, oldestSeq); seq <= Math.min(query.upTo ?? headSeq, headSeq); seq += 1) {
      if (rows.length >= limit) break;
      const event = this.#at(seq);
      if (event && matches(event)) rows.push(event);
      scannedTo = seq;
    }
    return { rows, scannedTo, oldestSeq };
  }

  async follow(after: number, { limit, behindMax }: FollowLimits): Promise<Followed> {
    await this.#begin();
    const { epoch, parent } = this;
    const tip = { epoch, ...(parent && { parent }), ...this.#bounds() };
    const rows = this.#events.filter(({ seq }) => seq > after).slice(0, Math.min(limit, this.pageRows));
    return { ...tip, rows: tip.headSeq - after > behindMax ? [] : rows };
  }

  async bounds() {
    await this.#begin();
    if (this.boundsFail > 0) {
      this.boundsFail -= 1;
      throw new Error('no answer');
    }
    return this.#bounds();
  }

  async seqAtTime(timeMs: number): Promise<number> {
    await this.#begin();
    return this.#events.find(({ body }) => Date.parse(JSON.parse(body).time) >= timeMs)?.seq ?? this.headSeq + 1;
  }

  async receipts(keys: readonly string[]): Promise<Receipt[]> {
    await this.#begin();
    return keys.flatMap((key) => this.#receipts.get(key) ?? []);
  }

  queryMetrics(): ReturnType<HistoryStore['queryMetrics']> {
    return Promise.reject(new Error('not in memory'));
  }

  async mqttSession(key: string): Promise<MqttSessionRow | undefined> {
    await this.#begin();
    return this.mqttSessions.get(key);
  }

  async saveMqttSessions({ saved, removed }: MqttSessionChanges): Promise<void> {
    await this.#begin();
    for (const row of saved) this.mqttSessions.set(row.key, row);
    for (const key of removed) this.mqttSessions.delete(key);
  }

  async accessSnapshot(known?: number): Promise<AccessSnapshot | undefined> {
    await this.#begin();
    return known === 0 ? undefined : { version: 0, tokens: [], accounts: [], sessions: [] };
  }

  async saveAccess(_changes: AccessChanges): Promise<void> {
    await this.#begin();
  }

  async audit(_query: AuditQuery): Promise<AuditRow[]> {
    await this.#begin();
    return [];
  }

  async retain() {
    await this.#begin();
    return { removed: 0, bytes: 0, oldestSeq: this.oldestSeq };
  }

  /** What retention does: everything before `seq` goes, never the newest. */
  removeBefore(seq: number): void {
    this.oldestSeq = Math.max(this.oldestSeq, Math.min(seq, this.headSeq));
    this.#events = this.#events.filter((event) => event.seq >= this.oldestSeq);
  }

  close(): Promise<void> {
    return Promise.resolve();
  }

  async #begin(): Promise<void> {
    await this.pause();
    if (this.isDown) throw new Error('no such disk');
  }

  #bounds() {
    return { oldestSeq: this.oldestSeq, headSeq: this.headSeq };
  }

  #at(seq: number): Kept | undefined {
    return this.#events[seq - this.oldestSeq];
  }
}
