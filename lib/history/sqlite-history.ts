import { stat } from 'node:fs/promises';
import type { AccessChanges, AccessSnapshot, AuditQuery, AuditRow } from '@/lib/core/access-record.ts';
import type { PrismaClient } from '@/prisma/generated/client.ts';
import { readAccess, readAudit, saveAccess } from './access-store.ts';
import { CallQueue } from './call-queue.ts';
import { readEpoch } from './epoch-reader.ts';
import { readBackward, readForward } from './event-reader.ts';
import { writeBatch } from './event-writer.ts';
import { readFollowed, readTip } from './follow-reader.ts';
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
import { readMetrics } from './metric-reader.ts';
import { migrate } from './migrator.ts';
import { readMqttSession, saveMqttSessions } from './mqtt-session-store.ts';
import { MqttSessionsHere } from './mqtt-sessions-here.ts';
import { retainSlice } from './retention.ts';
import { readBounds, readReceivedMs, readSeqAtTime } from './seq-reader.ts';
import { toSeriesRow } from './series-row.ts';
import { connectSqlite, type SqliteOptions, vacuumPages } from './sqlite-connection.ts';
import { acquireLock, type Release } from './sqlite-lock.ts';

export type SqliteHistoryOptions = SqliteOptions & { readonly migrationsDir: string };

/** The embedded history on one connection. Its calls are queued, since a transaction belongs to the connection. */
export class SqliteHistory implements HistoryStore {
  readonly #options: SqliteHistoryOptions;
  #client: PrismaClient | undefined;
  #releaseLock: Release | undefined;
  #inode: number | undefined;
  readonly #sessionsHere = new MqttSessionsHere();
  readonly #queue = new CallQueue();

  constructor(options: SqliteHistoryOptions) {
    this.#options = options;
  }

  open({ lostEpoch }: OpenOptions = {}): Promise<Opened> {
    return this.#run('write', async (prisma) => {
      if (this.#options.isReadOnly) return this.#opened(prisma, await readTip(prisma));
      this.#releaseLock ??= await acquireLock(this.#options.url);
      await migrate(prisma, this.#options.migrationsDir);
      const bounds = await readBounds(prisma);
      const epoch = await readEpoch(prisma, bounds.headSeq, lostEpoch);
      return this.#opened(prisma, { ...epoch, ...bounds });
    });
  }

  async #opened(prisma: PrismaClient, tip: Omit<Opened, 'series' | 'headReceivedMs'>): Promise<Opened> {
    const series = await prisma.series.findMany();
    const headReceivedMs = (await readReceivedMs(prisma, tip.headSeq)) ?? 0;
    return { ...tip, headReceivedMs, series: series.map(toSeriesRow) };
  }

  follow(after: number, limits: FollowLimits): Promise<Followed> {
    // Before the reads of a crowd: all live streams wait for it.
    return this.#run('write', async (prisma) => {
      try {
        return await readFollowed(await this.#presentClient(prisma), after, limits);
      } catch (error) {
        // A statement that failed may keep its snapshot, and this connection would never see anything new.
        await this.#disconnect();
        throw error;
      }
    });
  }

  /** A database that was removed or replaced stays readable for whoever has it open, and never changes again. */
  async #presentClient(prisma: PrismaClient): Promise<PrismaClient> {
    const { ino } = await stat(this.#options.url.slice('file:'.length));
    const isReplaced = this.#inode !== undefined && this.#inode !== ino;
    this.#inode = ino;
    if (!isReplaced) return prisma;
    await this.#disconnect();
    this.#client = await connectSqlite(this.#options);
    return this.#client;
  }

  async #disconnect(): Promise<void> {
    await this.#client?.$disconnect();
    this.#client = undefined;
  }

  append(batch: Batch): Promise<void> {
    return this.#run('write', (prisma) => writeBatch(prisma, batch));
  }

  read(query: ReadQuery, signal?: AbortSignal): Promise<ReadResult> {
    const work = async (prisma: PrismaClient): Promise<ReadResult> => {
      const bounds = await readBounds(prisma);
      return query.direction === 'forward'
        ? readForward(prisma, query, bounds)
        : readBackward(prisma, query, bounds, { nowMs: Date.now, signal });
    };
    return this.#run('read', work, signal);
  }

  bounds(): Promise<Bounds> {
    // Asked when it is in doubt whether the history is well: a crowd of readers must not make it seem ill.
    return this.#run('write', readBounds);
  }

  seqAtTime(timeMs: number, signal?: AbortSignal): Promise<number> {
    return this.#run('read', (prisma) => readSeqAtTime(prisma, timeMs, signal), signal);
  }

  receipts(keys: readonly string[], signal?: AbortSignal): Promise<Receipt[]> {
    return this.#run('read', (prisma) => readReceipts(prisma, keys), signal);
  }

  queryMetrics(query: MetricQuery, signal?: AbortSignal): ReturnType<HistoryStore['queryMetrics']> {
    return this.#run('read', (prisma) => readMetrics(prisma, query, Date.now(), signal), signal);
  }

  mqttSession(key: string): Promise<MqttSessionRow | undefined> {
    if (this.#sessionsHere.has(key)) return Promise.resolve(this.#sessionsHere.get(key));
    // In the order of writes: who comes back at once must find what was saved when it left.
    return this.#run('write', (prisma) => readMqttSession(prisma, key));
  }

  async saveMqttSessions(changes: MqttSessionChanges): Promise<void> {
    if (this.#options.isReadOnly) return this.#sessionsHere.save(changes);
    return this.#run('write', (prisma) => saveMqttSessions(prisma, changes));
  }

  accessSnapshot(known?: number): Promise<AccessSnapshot | undefined> {
    // Before the reads of a crowd: what was taken back must be seen in seconds.
    return this.#run('write', async (prisma) => readAccess(await this.#presentClient(prisma), known));
  }

  saveAccess(changes: AccessChanges): Promise<void> {
    if (this.#options.isReadOnly) {
      return Promise.reject(new Error('this process only reads the database; the server that owns it may write'));
    }
    return this.#run('write', (prisma) => saveAccess(prisma, changes));
  }

  audit(query: AuditQuery): Promise<AuditRow[]> {
    return this.#run('read', (prisma) => readAudit(prisma, query));
  }

  retain(limits: RetentionLimits, nowMs: number): Promise<RetentionResult> {
    return this.#run('read', (prisma) =>
      retainSlice(prisma, limits, nowMs, (pages) => vacuumPages(this.#options, pages)),
    );
  }

  async close(): Promise<void> {
    await this.#queue.settled();
    await this.#disconnect();
    await this.#releaseLock?.();
    this.#releaseLock = undefined;
  }

  #run<T>(kind: 'write' | 'read', work: (prisma: PrismaClient) => Promise<T>, signal?: AbortSignal): Promise<T> {
    const connected = async (): Promise<T> => {
      this.#client ??= await connectSqlite(this.#options);
      return work(this.#client);
    };
    return this.#queue.run(kind, connected, signal);
  }
}

async function readReceipts(prisma: PrismaClient, keys: readonly string[]): Promise<Receipt[]> {
  const rows = await prisma.receipt.findMany({ where: { key: { in: [...keys] } } });
  return rows.map(({ key, digest, firstSeq, lastSeq }) => ({
    key,
    digest,
    firstSeq: Number(firstSeq),
    lastSeq: Number(lastSeq),
  }));
}
