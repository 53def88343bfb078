import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build, type Plugin } from 'esbuild';
import { GuardedHistory } from '../guarded-history.ts';
import { SqliteHistory } from '../sqlite-history.ts';
import { WorkerHistory } from '../worker-history.ts';
import type { OpenStore } from './history-contract.ts';

const root = fileURLToPath(new URL('../../..', import.meta.url));
export const migrationsDir = join(root, 'prisma', 'migrations');

export async function temporaryDir(): Promise<{ dir: string; remove(): Promise<void> }> {
  const dir = await mkdtemp(join(tmpdir(), 'tailrace-'));
  return { dir, remove: () => rm(dir, { recursive: true, force: true }) };
}

const optionsIn = (dir: string) => ({ url: `file:${join(dir, 'h.db')}`, synchronous: 'full' as const, migrationsDir });

export async function temporarySqlite(): Promise<OpenStore> {
  const { dir, remove } = await temporaryDir();
  return openStore(dir, remove, () => new SqliteHistory(optionsIn(dir)));
}

/** @param workerPath from `buildWorker` */
export async function temporaryWorker(workerPath: string): Promise<OpenStore> {
  const { dir, remove } = await temporaryDir();
  return openStore(dir, remove, () => new WorkerHistory(workerPath, optionsIn(dir)));
}

/** A store behind its guard, with the settings of a server. */
export async function temporaryGuarded(): Promise<OpenStore> {
  const { dir, remove } = await temporaryDir();
  const limits = { slowMs: 1000, timeoutMs: 10_000, cooldownMs: 2000, now: Date.now };
  return openStore(dir, remove, () => new GuardedHistory(new SqliteHistory(optionsIn(dir)), limits));
}

function openStore(dir: string, remove: () => Promise<void>, make: () => OpenStore['store']): OpenStore {
  const stores = [make()];
  return {
    store: stores[0] as OpenStore['store'],
    file: join(dir, 'h.db'),
    reopen() {
      const store = make();
      stores.push(store);
      return store;
    },
    async dispose() {
      for (const store of stores) await store.close();
      await remove();
    },
  };
}

/** The history thread as the build makes it. Inside the project, so that its packages are found. */
export async function buildWorker(): Promise<{ path: string; remove(): Promise<void> }> {
  const dir = await mkdtemp(join(root, 'node_modules', '.tailrace-worker-'));
  const path = join(dir, 'history-worker.mjs');
  await build({
    absWorkingDir: root,
    entryPoints: ['lib/history/history-worker.ts'],
    outfile: path,
    bundle: true,
    packages: 'external',
    platform: 'node',
    format: 'esm',
    target: 'node20',
    logLevel: 'warning',
  });
  return { path, remove: () => rm(dir, { recursive: true, force: true }) };
}

/** The history thread with another store in place of SqliteHistory, to see what reaches it. */
export async function buildWorkerOver(storePath: string, outfile: string): Promise<void> {
  const replaceStore: Plugin = {
    name: 'replace-store',
    setup(builder) {
      builder.onResolve({ filter: /\/sqlite-history\.ts$/ }, () => ({ path: storePath }));
    },
  };
  await build({
    absWorkingDir: root,
    entryPoints: ['lib/history/history-worker.ts'],
    outfile,
    bundle: true,
    plugins: [replaceStore],
    platform: 'node',
    format: 'esm',
    target: 'node20',
    logLevel: 'warning',
  });
}
