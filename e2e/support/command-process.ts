import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { repoRoot } from './in-process-server.ts';

/** `tailrace` as a process: what it says and how it ends. */
export class CommandProcess {
  readonly child: ChildProcess;
  readonly output: Buffer[] = [];
  stderr = '';

  constructor(args: readonly string[], environment: Readonly<Record<string, string>> = {}, cwd = repoRoot) {
    const path = process.env['PATH'] ?? '';
    this.child = spawn(process.execPath, [`${repoRoot}scripts/tailrace.mjs`, ...args], {
      cwd,
      stdio: ['pipe', 'pipe', 'pipe'],
      env: { PATH: path, NODE_ENV: 'production', ...environment },
    });
    // What is written to a process that has ended goes nowhere.
    this.child.stdin?.on('error', () => undefined);
    this.child.stdout?.on('data', (piece: Buffer) => this.output.push(piece));
    this.child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.stderr += text;
    });
  }

  get stdout(): Buffer {
    return Buffer.concat(this.output);
  }
  get isRunning(): boolean {
    return this.child.exitCode === null && this.child.signalCode === null;
  }
  write(bytes: Uint8Array | string): void {
    this.child.stdin?.write(bytes);
  }
  end(): void {
    this.child.stdin?.end();
  }
  /** The exit code, or the signal's name. */
  async ended(): Promise<number | string> {
    if (this.isRunning) await once(this.child, 'close');
    return this.child.exitCode ?? this.child.signalCode ?? '';
  }
  async stop(signal: NodeJS.Signals = 'SIGTERM'): Promise<number | string> {
    this.child.kill(signal);
    return this.ended();
  }
}
