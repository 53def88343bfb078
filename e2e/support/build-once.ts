import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const repoRoot = fileURLToPath(new URL('../../', import.meta.url));

/** What the built routes are made of; the pages may be older than their sources here. */
const ROUTE_SOURCES = ['app', 'lib', 'prisma', 'instrumentation.ts', 'proxy.ts', 'next.config.js'];
const NOT_IN_ROUTES = new Set(['cli', 'client', 'generated', 'testing']);

/** Integration tests start the real server and the real history thread: they are built once a run, Next when it must. */
export default function buildOnce(): void {
  const stamp = join(repoRoot, '.next', 'BUILD_ID');
  const builtMs = existsSync(stamp) ? statSync(stamp).mtimeMs : 0;
  const fresh = ROUTE_SOURCES.every((source) => newestMs(join(repoRoot, source)) <= builtMs);
  const flags = fresh ? ['--server'] : [];
  execFileSync(process.execPath, ['scripts/build.mjs', ...flags], { cwd: repoRoot, stdio: 'inherit' });
}

function newestMs(path: string): number {
  const stat = statSync(path);
  if (!stat.isDirectory()) return stat.mtimeMs;
  const names = readdirSync(path).filter((name) => !NOT_IN_ROUTES.has(name) && !/\.test\.tsx?$/.test(name));
  return Math.max(0, ...names.map((name) => newestMs(join(path, name))));
}
