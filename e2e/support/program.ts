import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { until } from './wait.ts';

/** Where Debian keeps servers: not on everybody's PATH. */
const SBIN = ['/usr/sbin', '/usr/local/sbin'];
const OUTPUT_CHARS_MAX = 20_000;

/** A program of others, run for a test. */
export class Program {
  readonly #name: string;
  readonly #child: ChildProcess;
  output = '';

  private constructor(name: string, child: ChildProcess) {
    this.#name = name;
    this.#child = child;
    for (const stream of [child.stdout, child.stderr]) {
      stream?.setEncoding('utf8').on('data', (text: string) => {
        this.output = (this.output + text).slice(-OUTPUT_CHARS_MAX);
      });
    }
  }

  /** Throws when it is not installed: a test that is left out says nothing. */
  static async start(name: string, args: readonly string[], readyUrl: string): Promise<Program> {
    const dirs = [...(process.env['PATH'] ?? '').split(':'), ...SBIN];
    const path = dirs.map((dir) => join(dir, name)).find((candidate) => existsSync(candidate));
    if (path === undefined) throw new Error(`this test needs ${name}: apt-get install ${name}`);
    const program = new Program(name, spawn(path, [...args], { stdio: ['ignore', 'pipe', 'pipe'] }));
    const isReady = () => {
      if (!program.#isRunning) throw new Error(`${name} ended:\n${program.output}`);
      return fetch(readyUrl).then(
        (response) => response.ok,
        () => false,
      );
    };
    await until(`${name} to be ready`, isReady, 60_000);
    return program;
  }

  async stop(): Promise<void> {
    if (this.#isRunning) this.#child.kill('SIGKILL');
    await until(`${this.#name} to end`, () => !this.#isRunning);
  }

  get #isRunning(): boolean {
    return this.#child.exitCode === null && this.#child.signalCode === null;
  }
}
