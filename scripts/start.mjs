// `npm start`: builds when there is no build or the sources are newer, then runs the server in this process.
import { existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { buildAll, buildServer, root } from './build.mjs';

const SOURCES = [
  'app',
  'components',
  'lib',
  'prisma',
  'server.ts',
  'gateway.ts',
  'instrumentation.ts',
  'proxy.ts',
  'next.config.js',
  'package.json',
];

function newestMs(path) {
  const stat = statSync(path);
  if (!stat.isDirectory()) return stat.mtimeMs;
  let newest = 0;
  for (const entry of readdirSync(path, { withFileTypes: true })) {
    if (entry.name === 'generated' || /\.test\.tsx?$/.test(entry.name)) continue;
    newest = Math.max(newest, newestMs(join(path, entry.name)));
  }
  return newest;
}

function isBuilt() {
  const stamp = join(root, '.next', 'BUILD_ID');
  if (!existsSync(stamp) || !existsSync(join(root, 'dist', 'server.mjs'))) return false;
  const builtMs = statSync(stamp).mtimeMs;
  return SOURCES.every((source) => newestMs(join(root, source)) <= builtMs);
}

const flags = process.argv.slice(2);
const unknown = flags.filter((flag) => !['--demo', '--dev', '--help'].includes(flag));
if (flags.includes('--help') || unknown.length > 0) {
  if (unknown.length > 0) process.stderr.write(`unknown: ${unknown.join(' ')}\n`);
  process.stdout.write(
    'npm start -- [--demo]   starts Tailrace; --demo adds a synthetic shop. Settings: see README.md.\n',
  );
  process.exit(unknown.length > 0 ? 2 : 0);
}
if (flags.includes('--demo')) process.env.TAILRACE_DEMO = '1';
if (flags.includes('--dev')) {
  await buildServer();
} else {
  process.env.NODE_ENV = 'production';
  if (!isBuilt()) {
    process.stdout.write('Building, since this is the first start or the sources have changed; about 20 seconds …\n');
    await buildAll();
  }
}
process.chdir(root);
await import(pathToFileURL(join(root, 'dist', 'server.mjs')).href);
