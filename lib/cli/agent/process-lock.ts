import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { mkdir, realpath, rm } from 'node:fs/promises';
import { connect, createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';

/** Another living process holds the lock. */
export class LockTaken extends Error {
  /** Undefined when it does not say. */
  readonly pid: number | undefined;

  constructor(path: string, pid: number | undefined) {
    super(`${pid === undefined ? 'another process' : `process ${pid}`} holds ${path}`);
    this.pid = pid;
  }
}

const ANSWER_MS_MAX = 1_000;

/**
 * A lock that ends with its process, also one that was killed: a socket that listens under the path's digest, which the
 * kernel lets only one have, and takes back. On Linux it has no file (unix(7), abstract); elsewhere the file of one that
 * was killed stays, and is removed by the next that finds nobody behind it.
 */
export class ProcessLock {
  readonly #server: Server;

  private constructor(server: Server) {
    this.#server = server;
  }

  /** Rejects with LockTaken. */
  static async take(path: string): Promise<ProcessLock> {
    await mkdir(dirname(path), { recursive: true, mode: 0o700 });
    const real = join(await realpath(dirname(path)), basename(path));
    const name = `tailrace-${createHash('sha256').update(real).digest('hex').slice(0, 32)}`;
    const address = process.platform === 'linux' ? `\0${name}` : join(tmpdir(), `${name}.sock`);
    const server = await listen(address);
    if (server) return new ProcessLock(server);
    const answer = await ask(address);
    if (answer.isAlive) throw new LockTaken(path, answer.pid);
    await rm(address, { force: true });
    const again = await listen(address);
    if (!again) throw new LockTaken(path, undefined);
    return new ProcessLock(again);
  }

  async release(): Promise<void> {
    await new Promise((resolve) => this.#server.close(resolve));
  }
}

/** Undefined when the address is taken. */
async function listen(address: string): Promise<Server | undefined> {
  const server = createServer((socket) => {
    socket.on('error', () => undefined);
    socket.end(String(process.pid));
  });
  try {
    server.listen(address);
    await once(server, 'listening');
    // A lock alone keeps no process alive.
    server.unref();
    return server;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EADDRINUSE') return undefined;
    throw error;
  }
}

/** Who listens there. */
async function ask(address: string): Promise<{ readonly isAlive: boolean; readonly pid: number | undefined }> {
  const socket = connect(address);
  socket.setTimeout(ANSWER_MS_MAX, () => socket.destroy());
  let text = '';
  try {
    for await (const piece of socket) text += String(piece);
    return { isAlive: true, pid: /^\d+$/.test(text) ? Number(text) : undefined };
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    return { isAlive: code !== 'ECONNREFUSED' && code !== 'ENOENT', pid: undefined };
  }
}
