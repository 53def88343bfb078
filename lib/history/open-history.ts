import { existsSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { ResourceOwner } from '@/lib/core/ledger.ts';
import type { HistoryStore } from './history-port.ts';
import { SqliteHistory, type SqliteHistoryOptions } from './sqlite-history.ts';
import { WorkerHistory } from './worker-history.ts';

export type OpenHistoryOptions = {
  readonly databaseUrl: string;
  /** The folder of package.json. */
  readonly homeDir: string;
  readonly synchronous: 'full' | 'normal';
  /** The journal is another process's. */
  readonly isReadOnly?: boolean;
};

/** What stands beside the database and belongs to it, such as its lock. */
export const besideDatabase = (databaseUrl: string, suffix: string): string =>
  `${databaseUrl.slice('file:'.length)}.${suffix}`;

/**
 * The history for a configuration: in a thread of its own where `npm run build` has made it, right here where it has not
 * (a serverless bundle). A second thread for reading would cost 60 MB more; short reads and the writer's priority in
 * `SqliteHistory` keep commits prompt without it.
 */
export async function openHistory(options: OpenHistoryOptions, owner?: ResourceOwner): Promise<HistoryStore> {
  const path = options.databaseUrl.slice('file:'.length);
  if (!options.isReadOnly) await mkdir(dirname(path), { recursive: true });
  const sqlite: SqliteHistoryOptions = {
    url: options.databaseUrl,
    synchronous: options.synchronous,
    isReadOnly: options.isReadOnly ?? false,
    migrationsDir: join(options.homeDir, 'prisma', 'migrations'),
  };
  const workerPath = join(options.homeDir, 'dist', 'history-worker.mjs');
  if (!existsSync(workerPath)) return new SqliteHistory(sqlite);
  return new WorkerHistory(workerPath, sqlite, owner);
}
