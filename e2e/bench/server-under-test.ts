import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Child, startChild, waitForLine } from './child.ts';

export type ServerUnderTest = Child & { readonly url: string; readonly port: number; readonly dataDir: string };

/** The built server on a free port with data of its own; only what is sent in reaches its journal. */
export async function startServer(settings: Record<string, string> = {}, dataDir?: string): Promise<ServerUnderTest> {
  const directory = dataDir ?? mkdtempSync(join(tmpdir(), 'tailrace-bench-'));
  const child = startChild('dist/server.mjs', [], {
    PORT: '0',
    TAILRACE_DATA_DIR: directory,
    TAILRACE_SOURCES: 'none',
    TAILRACE_CONNECTIONS_MAX: '20000',
    TAILRACE_LOG_LEVEL: 'warn',
    ...settings,
  });
  const match = await waitForLine(child, /ready: (http:\/\/[^:]+:(\d+))/);
  const stop = async (): Promise<void> => {
    await child.stop();
    if (!dataDir) rmSync(directory, { recursive: true, force: true });
  };
  return { ...child, url: match[1] ?? '', port: Number(match[2]), dataDir: directory, stop };
}

/** A gauge or counter of `GET /metrics`. */
export async function readMetric(server: ServerUnderTest, name: string): Promise<number> {
  const text = await (await fetch(`${server.url}/metrics`)).text();
  return Number(new RegExp(`^${name} (.+)$`, 'm').exec(text)?.[1] ?? Number.NaN);
}
