import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { programPath } from './programs.ts';
import { freePort } from './server-process.ts';
import { until } from './wait.ts';

export type RsyslogOptions = {
  /** Parameters of its `omfwd` action, such as `protocol="tcp" TCP_Framing="octet-counted"`. */
  readonly forward: string;
  readonly targetPort: number;
};

/** A relay of Debian's rsyslogd: takes lines on a port of its own and forwards them. */
export class Rsyslog {
  readonly port: number;
  readonly #child: ChildProcess;
  readonly #directory: string;
  output = '';

  private constructor(port: number, child: ChildProcess, directory: string) {
    this.port = port;
    this.#child = child;
    this.#directory = directory;
    for (const stream of [child.stdout, child.stderr]) {
      stream?.setEncoding('utf8').on('data', (text: string) => {
        this.output += text;
      });
    }
  }

  static async start({ forward, targetPort }: RsyslogOptions): Promise<Rsyslog> {
    const program = programPath('rsyslogd', 'rsyslog');
    const directory = mkdtempSync(join(tmpdir(), 'tailrace-rsyslog-'));
    const port = await freePort();
    const config = `global(workDirectory="${directory}" maxMessageSize="64k")
module(load="imtcp")
input(type="imtcp" port="${port}" address="127.0.0.1")
action(type="omfwd" target="127.0.0.1" port="${targetPort}" ${forward})
`;
    const path = join(directory, 'rsyslog.conf');
    writeFileSync(path, config);
    const child = spawn(program, ['-n', '-f', path, '-i', join(directory, 'pid')], {
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const rsyslog = new Rsyslog(port, child, directory);
    await until('rsyslogd to listen', () => {
      if (child.exitCode !== null) throw new Error(`rsyslogd ended:\n${rsyslog.output}`);
      return canConnect(port);
    });
    return rsyslog;
  }

  /** Gives it lines, as a program would. */
  async send(lines: readonly string[]): Promise<void> {
    const socket = connect(this.port, '127.0.0.1');
    await once(socket, 'connect');
    socket.end(lines.map((line) => `${line}\n`).join(''));
    socket.resume();
    await once(socket, 'close');
  }

  async stop(): Promise<void> {
    if (this.#child.exitCode === null && this.#child.signalCode === null) {
      const gone = once(this.#child, 'exit');
      this.#child.kill('SIGTERM');
      const timer = setTimeout(() => this.#child.kill('SIGKILL'), 5000);
      await gone;
      clearTimeout(timer);
    }
    rmSync(this.#directory, { recursive: true, force: true });
  }
}

function canConnect(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('error', () => resolve(false));
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
  });
}
