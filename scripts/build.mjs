// Builds everything that `npm start` runs: the Prisma client, the Node server and the history thread, and Next's part.
// And what others run: the command line, and the client library with its types.
import { spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
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

export const ENTRIES = {
  server: 'server.ts',
  gateway: 'gateway.ts',
  'history-worker': 'lib/history/history-worker.ts',
  client: 'lib/client/node/connect.ts',
  cli: 'lib/cli/main.ts',
};

const TYPES = join(root, 'dist', 'types');

/**
 * Writes the declarations of `tailrace/client`. Our own code imports by the alias `@/`, which nobody else's compiler knows:
 * here it becomes a relative path. Whether the types are right is checked elsewhere (`npm run verify`).
 */
export function declareTypes() {
  const config = join(root, 'dist', 'tsconfig.client.json');
  const compilerOptions = {
    noEmit: false,
    declaration: true,
    emitDeclarationOnly: true,
    noCheck: true,
    incremental: false,
    rootDir: '..',
    outDir: TYPES,
    plugins: [],
    types: ['node'],
  };
  const content = { extends: '../tsconfig.json', compilerOptions, files: [join('..', ENTRIES.client)], include: [] };
  mkdirSync(TYPES, { recursive: true });
  writeFileSync(config, JSON.stringify(content));
  run('typescript/bin/tsc', ['--project', config]);
  for (const file of readdirSync(TYPES, { recursive: true })) {
    if (!file.endsWith('.d.ts')) continue;
    const path = join(TYPES, file);
    const up = relative(dirname(path), TYPES) || '.';
    const portable = readFileSync(path, 'utf8').replace(OUR_IMPORT, (_, start, base, rest) => {
      return `${start}${base === '@' ? up : base}/${rest}.js`;
    });
    writeFileSync(path, portable);
  }
}

const OUR_IMPORT = /((?:from |import\()['"])(@|\.{1,2})\/([^'"]+)\.ts(?=['"])/g;

/** The command line alone: whoever only reads from a server elsewhere needs no more. */
export async function buildCli() {
  await bundle({ cli: ENTRIES.cli });
}

export async function buildAll() {
  await buildServer();
  run('next/dist/bin/next', ['build'], { NEXT_TELEMETRY_DISABLED: '1' });
}

/** What is not Next's: a second's work. */
export async function buildServer() {
  generateClient();
  await bundle(ENTRIES);
  declareTypes();
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  await (process.argv.includes('--server') ? buildServer() : buildAll());
}
