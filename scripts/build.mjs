// Builds everything that `npm start` runs: the Prisma client, the Node server and the history thread, and Next's part.
import { spawnSync } from 'node:child_process';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

export const root = join(dirname(fileURLToPath(import.meta.url)), '..');

function run(command, args, environment = {}) {
  const result = spawnSync(process.execPath, [join(root, 'node_modules', command), ...args], {
    cwd: root,
    stdio: 'inherit',
    env: { ...process.env, ...environment },
  });
  if (result.status !== 0) process.exit(result.status ?? 1);
}

/** The generated client needs no engine; naming any executable keeps Prisma from downloading one. */
export function generateClient() {
  run('prisma/build/index.js', ['generate', '--config', 'prisma/prisma.config.ts', '--no-hints'], {
    PRISMA_SCHEMA_ENGINE_BINARY: process.execPath,
    PRISMA_HIDE_UPDATE_MESSAGE: '1',
    CHECKPOINT_DISABLE: '1',
  });
}

/** Bundles our own TypeScript for Node; packages stay in node_modules. */
export async function bundle(entries) {
  await build({
    absWorkingDir: root,
    entryPoints: entries,
    outdir: 'dist',
    outExtension: { '.js': '.mjs' },
    bundle: true,
    packages: 'external',
    platform: 'node',
    format: 'esm',
    target: 'node20',
    sourcemap: true,
    logLevel: 'warning',
  });
}

export const ENTRIES = { server: 'server.ts', 'history-worker': 'lib/history/history-worker.ts' };

export async function buildAll() {
  await buildServer();
  run('next/dist/bin/next', ['build'], { NEXT_TELEMETRY_DISABLED: '1' });
}

/** What is not Next's: a second's work. */
export async function buildServer() {
  generateClient();
  await bundle(ENTRIES);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  await (process.argv.includes('--server') ? buildServer() : buildAll());
}
