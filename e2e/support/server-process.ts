import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { repoRoot } from './in-process-server.ts';
import { until } from './wait.ts';

/** `npm` is what `npm start` runs, `next` is plain `next start`, `gateway` the streaming part alone. */
export type ServerKind = 'npm' | 'next' | 'gateway';

export type ServerProcessOptions = {
  readonly kind?: ServerKind;
  readonly environment?: Readonly<Record<string, string>>;
  /** Absent: a new one, removed by `stop`. */
  readonly dataDir?: string;
  readonly port?: number;
  /** A command that runs the server, such as `['prlimit', '--fsize=1000000']`. */
  readonly wrapper?: readonly string[];
  /** Waits for 200 from here; absent: /readyz. */
  readonly awaits?: '/healthz';
};

const ARGUMENTS: Readonly<Record<ServerKind, (port: number) => string[]>> = {
  npm: () => ['dist/server.mjs'],
  gateway: () => ['dist/gateway.mjs'],
  next: (port) => ['node_modules/next/dist/bin/next', 'start', '-H', '127.0.0.1', '-p', String(port)],
};

/** A port that was free a moment ago. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

/** The built server in a process of its own, with only what a test sends in its journal. */
export class ServerProcess {
  readonly url: string;
  readonly dataDir: string;
  readonly #child: ChildProcess;
  readonly #ownsData: boolean;
  output = '';

  private constructor(options: ServerProcessOptions, port: number) {
    this.#ownsData = options.dataDir === undefined;
    this.dataDir = options.dataDir ?? mkdtempSync(join(tmpdir(), 'tailrace-test-'));
    this.url = `http://127.0.0.1:${port}`;
    const [command, ...before] = [...(options.wrapper ?? []), process.execPath];
    this.#child = spawn(command as string, [...before, ...ARGUMENTS[options.kind ?? 'npm'](port)], {
      cwd: repoRoot,
      stdio: ['ignore', 'pipe', 'pipe'],
      env: {
        PATH: process.env['PATH'] ?? '',
        NODE_ENV: 'production',
        NEXT_TELEMETRY_DISABLED: '1',
        PORT: String(port),
        TAILRACE_DATA_DIR: this.dataDir,
        TAILRACE_SOURCES: 'none',
        TAILRACE_LOG_LEVEL: 'warn',
        // A route handler cannot tell who asks, and would ask everybody to log in.
        ...(options.kind === 'next' && { TAILRACE_ACCESS: 'open' }),
        ...options.environment,
      },
    });
    for (const stream of [this.#child.stdout, this.#child.stderr]) {
      stream?.setEncoding('utf8').on('data', (text: string) => {
        this.output = (this.output + text).slice(-20_000);
      });
    }
  }

  static async start(options: ServerProcessOptions = {}): Promise<ServerProcess> {
    const server = new ServerProcess(options, options.port ?? (await freePort()));
    await until(
      'the server to be ready',
      () => {
        if (server.exitCode !== undefined) throw new Error(`the server ended:\n${server.output}`);
        return fetch(`${server.url}${options.awaits ?? '/readyz'}`).then(
          (response) => response.ok,
          () => false,
        );
      },
      60_000,
    );
    return server;
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }
  /** undefined while it runs; a signal's name when one ended it. */
  get exitCode(): number | string | undefined {
    return this.#child.exitCode ?? this.#child.signalCode ?? undefined;
  }
  /** Memory in use, in bytes. */
  get residentBytes(): number {
    const match = /VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${this.pid}/status`, 'utf8'));
    return Number(match?.[1]) * 1024;
  }

  /** One value of `GET /metrics`, summed over its labels. */
  async metric(name: string): Promise<number> {
    const text = await (await fetch(`${this.url}/metrics`)).text();
    const lines = text.split('\n').filter((line) => line.startsWith(`${name} `) || line.startsWith(`${name}{`));
    return lines.reduce((sum, line) => sum + Number(line.split(' ').at(-1)), 0);
  }

  signal(signal: NodeJS.Signals): void {
    this.#child.kill(signal);
  }
  async exited(timeoutMs = 30_000): Promise<number | string> {
    await until('the server to end', () => this.exitCode !== undefined, timeoutMs);
    return this.exitCode ?? '';
  }
  async kill(): Promise<void> {
    this.signal('SIGKILL');
    await this.exited();
  }
  /** Ends it for good and removes its data. */
  async stop(): Promise<void> {
    if (this.exitCode === undefined) await this.kill();
    if (this.#ownsData) rmSync(this.dataDir, { recursive: true, force: true });
  }
}
