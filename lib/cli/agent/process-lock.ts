import { randomBytes } from 'node:crypto';
import { link, mkdir, readFile, rename, unlink, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';

/** Another living process holds the lock. */
export class LockTaken extends Error {
  readonly pid: number;

  constructor(path: string, pid: number) {
    super(`process ${pid} holds ${path}`);
    this.pid = pid;
  }
}

/** A lock that ends with its process, also one that was killed: the file names the process, and when it was started. */
export class ProcessLock {
  readonly #path: string;
  readonly #content: string;

  private constructor(path: string, content: string) {
    this.#path = path;
    this.#content = content;
  }

  /** Throws LockTaken. */
  static async take(path: string): Promise<ProcessLock> {
    await mkdir(dirname(path), { recursive: true, mode: 0o700 });
    const content = `${process.pid} ${await startOf(process.pid)}\n`;
    const own = `${path}.${process.pid}.${randomBytes(4).toString('hex')}`;
    await writeFile(own, content, { mode: 0o600 });
    try {
      for (;;) {
        try {
          await link(own, path);
          return new ProcessLock(path, content);
        } catch (error) {
          if (!isCode(error, 'EEXIST')) throw error;
          await removeStale(path, own);
        }
      }
    } finally {
      await unlink(own);
    }
  }

  async release(): Promise<void> {
    const content = await readFile(this.#path, 'utf8').catch(() => undefined);
    if (content === this.#content) await unlink(this.#path).catch(() => undefined);
  }
}

/** Returns when the lock may be tried again; throws LockTaken. */
async function removeStale(path: string, own: string): Promise<void> {
  const content = await readFile(path, 'utf8').catch(() => undefined);
  if (content === undefined) return;
  const pid = await livingOwner(content);
  if (pid !== undefined) throw new LockTaken(path, pid);
  const aside = `${own}.stale`;
  try {
    await rename(path, aside);
  } catch {
    return;
  }
  const moved = await readFile(aside, 'utf8').catch(() => undefined);
  // Another process was faster, and this is its lock: it gets it back.
  if (moved !== content) await link(aside, path).catch(() => undefined);
  await unlink(aside).catch(() => undefined);
}

/** The process that wrote this, if it lives. */
async function livingOwner(content: string): Promise<number | undefined> {
  const [, pidText = '', start = ''] = /^(\d+) (\S+)$/.exec(content.trim()) ?? [];
  const pid = Number(pidText);
  if (!pidText || !isAlive(pid)) return undefined;
  return (await startOf(pid)) === start ? pid : undefined;
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return isCode(error, 'EPERM');
  }
}

/** Where a process id alone says too little, since it is used again: the start in ticks after boot (proc(5)), on Linux. */
async function startOf(pid: number): Promise<string> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
  return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? '-';
}

function isCode(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code;
}
