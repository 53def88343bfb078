import { existsSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { HistoryStore } from './history-port.ts';
import { splitHistory } from './split-history.ts';
import { SqliteHistory, type SqliteHistoryOptions } from './sqlite-history.ts';
import { WorkerHistory } from './worker-history.ts';

export type OpenHistoryOptions = {
  readonly databaseUrl: string;
  /** The folder of package.json. */
  readonly homeDir: string;
  readonly synchronous: 'full' | 'normal';
};

/**
 * The history for a configuration. Where the built thread is there (`npm run build` makes it), writing and reading have
 * a thread each; where it is not (a serverless bundle), both happen here.
 */
export async function openHistory(options: OpenHistoryOptions): Promise<HistoryStore> {
  const path = options.databaseUrl.slice('file:'.length);
  await mkdir(dirname(path), { recursive: true });
  const sqlite: SqliteHistoryOptions = {
    url: options.databaseUrl,
    synchronous: options.synchronous,
    migrationsDir: join(options.homeDir, 'prisma', 'migrations'),
  };
  const workerPath = join(options.homeDir, 'dist', 'history-worker.mjs');
  if (!existsSync(workerPath)) return new SqliteHistory(sqlite);
  return splitHistory(new WorkerHistory(workerPath, sqlite), new WorkerHistory(workerPath, sqlite));
}
