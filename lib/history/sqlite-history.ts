import { randomId } from '@/lib/core/position.ts';
import type { PrismaClient } from '@/prisma/generated/client.ts';
import { CallQueue } from './call-queue.ts';
import { readBackward, readForward } from './event-reader.ts';
import { writeBatch } from './event-writer.ts';
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
import { readMetrics } from './metric-reader.ts';
import { migrate } from './migrator.ts';
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
  readonly #queue = new CallQueue();

  constructor(options: SqliteHistoryOptions) {
    this.#options = options;
  }

  open(): Promise<Opened> {
    return this.#run('write', async (prisma) => {
      this.#releaseLock ??= await acquireLock(this.#options.url);
      await migrate(prisma, this.#options.migrationsDir);
      const epoch = await readOrCreateEpoch(prisma);
      const series = await prisma.series.findMany();
      const bounds = await readBounds(prisma);
      const headReceivedMs = (await readReceivedMs(prisma, bounds.headSeq)) ?? 0;
      return { epoch, ...bounds, headReceivedMs, series: series.map(toSeriesRow) };
    });
  }

  append(batch: Batch): Promise<void> {
    return this.#run('write', (prisma) => writeBatch(prisma, batch));
  }

  read(query: ReadQuery): Promise<ReadResult> {
    return this.#run('read', async (prisma) => {
      const bounds = await readBounds(prisma);
      return query.direction === 'forward'
        ? readForward(prisma, query, bounds)
        : readBackward(prisma, query, bounds, Date.now);
    });
  }

  bounds(): Promise<Bounds> {
    return this.#run('read', readBounds);
  }

  seqAtTime(timeMs: number): Promise<number> {
    return this.#run('read', (prisma) => readSeqAtTime(prisma, timeMs));
  }

  receipts(keys: readonly string[]): Promise<Receipt[]> {
    return this.#run('read', async (prisma) => {
      const rows = await prisma.receipt.findMany({ where: { key: { in: [...keys] } } });
      return rows.map(({ key, digest, firstSeq, lastSeq }) => ({
        key,
        digest,
        firstSeq: Number(firstSeq),
        lastSeq: Number(lastSeq),
      }));
    });
  }

  queryMetrics(query: MetricQuery): ReturnType<HistoryStore['queryMetrics']> {
    return this.#run('read', (prisma) => readMetrics(prisma, query, Date.now()));
  }

  retain(limits: RetentionLimits, nowMs: number): Promise<RetentionResult> {
    return this.#run('read', (prisma) =>
      retainSlice(prisma, limits, nowMs, (pages) => vacuumPages(this.#options, pages)),
    );
  }

  async close(): Promise<void> {
    await this.#queue.settled();
    await this.#client?.$disconnect();
    await this.#releaseLock?.();
    this.#releaseLock = undefined;
    this.#client = undefined;
  }

  #run<T>(kind: 'write' | 'read', work: (prisma: PrismaClient) => Promise<T>): Promise<T> {
    return this.#queue.run(kind, async () => {
      this.#client ??= await connectSqlite(this.#options);
      return work(this.#client);
    });
  }
}

async function readOrCreateEpoch(prisma: PrismaClient): Promise<string> {
  const journal = await prisma.journal.findUnique({ where: { id: 1 } });
  if (journal) return journal.epoch;
  const created = await prisma.journal.create({
    data: { id: 1, epoch: randomId(), createdMs: BigInt(Date.now()) },
  });
  return created.epoch;
}
