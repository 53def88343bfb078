import { execFileSync } from 'node:child_process';

/** Integration tests start the real server and the real history thread: they are bundled once a run. */
export default function buildOnce(): void {
  execFileSync(process.execPath, ['scripts/build.mjs', '--server'], { stdio: 'inherit' });
}
