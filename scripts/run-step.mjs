import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { root } from './build.mjs';

/** Runs one command of node_modules in the foreground; says how long it took, and ends the process when it fails. */
export function runStep(title, bin, args, environment = {}) {
  const startedAt = performance.now();
  const result = spawnSync(join(root, 'node_modules', '.bin', bin), args, {
    cwd: root,
    stdio: 'inherit',
    env: { ...process.env, ...environment },
  });
  const seconds = ((performance.now() - startedAt) / 1000).toFixed(1);
  process.stdout.write(`${result.status === 0 ? 'ok' : 'FAILED'}  ${title}  ${seconds} s\n`);
  return result.status === 0;
}
