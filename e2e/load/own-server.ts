import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { freePort } from '../support/server-process.ts';
import { until } from '../support/wait.ts';

const READY_MS_MAX = 60_000;
const STOP_MS_MAX = 15_000;

export type OwnServer = { readonly url: string; readonly pid: number; readonly dataDir: string; stop(): Promise<void> };

/** The built server with data of its own; nothing but what is sent in reaches its journal. What it prints goes to a file. */
export async function startOwnServer(settings: Readonly<Record<string, string>>): Promise<OwnServer> {
  const dataDir = mkdtempSync(join(tmpdir(), 'tailrace-load-'));
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const output = join(dataDir, 'server.log');
  const log = openSync(output, 'a');
  const child = spawn(process.execPath, ['dist/server.mjs'], {
    // It must outlive this process when it is kept, and a Ctrl-C that is meant for the run.
    detached: true,
    stdio: ['ignore', log, log],
    env: {
      TAILRACE_SOURCES: 'none',
      TAILRACE_LOG_LEVEL: 'warn',
      ...process.env,
      NODE_ENV: 'production',
      PORT: String(port),
      TAILRACE_DATA_DIR: dataDir,
      ...settings,
    },
  });
  const exited = once(child, 'exit');
  child.unref();
  const stop = async (): Promise<void> => {
    if (child.exitCode === null && child.signalCode === null) {
      child.kill('SIGTERM');
      await Promise.race([exited, pause(STOP_MS_MAX)]);
      child.kill('SIGKILL');
      await exited;
    }
    rmSync(dataDir, { recursive: true, force: true });
  };
  try {
    await until(
      'the server to be ready',
      () => {
        if (child.exitCode !== null) throw new Error(`the server ended:\n${readFileSync(output, 'utf8').slice(-2000)}`);
        return fetch(`${url}/readyz`).then(
          (response) => response.ok,
          () => false,
        );
      },
      READY_MS_MAX,
    );
  } catch (error) {
    await stop();
    throw error;
  }
  return { url, pid: child.pid ?? 0, dataDir, stop };
}
