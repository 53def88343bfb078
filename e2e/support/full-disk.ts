import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'vitest';
import type { ServerProcess, ServerProcessOptions } from './server-process.ts';
import { SmallDisk } from './small-disk.ts';

const MIB = 1024 * 1024;

/** A place for data that is soon full, and how to make room in it. */
export type FullDisk = {
  readonly dataDir: string;
  /** How the server is to be started. */
  readonly options: ServerProcessOptions;
  makeRoom(server: ServerProcess): void;
  remove(): void;
};

/** What has to be done at the end, last first. */
export type Ends = (() => void | Promise<void>)[];

/** A real file system where one may be mounted, else a bound on the size of files, which SQLite meets in the same way. */
function makeFullDisk(): FullDisk {
  const disk = SmallDisk.make(6 * MIB);
  if (disk) {
    const { path } = disk;
    return {
      dataDir: path,
      options: { dataDir: path },
      makeRoom: () => disk.grow(64 * MIB),
      remove: () => disk.remove(),
    };
  }
  const dataDir = mkdtempSync(join(tmpdir(), 'tailrace-test-'));
  return {
    dataDir,
    options: { dataDir, wrapper: ['prlimit', `--fsize=${4 * MIB}:unlimited`] },
    makeRoom({ pid, exitCode }) {
      // The bound ends with the process that has it.
      if (exitCode !== undefined) return;
      expect(spawnSync('prlimit', ['--pid', String(pid), '--fsize=unlimited']).status).toBe(0);
    },
    remove: () => rmSync(dataDir, { recursive: true, force: true }),
  };
}

/** Runs a test on such a disk; every server and client on it is ended before it goes. */
export async function onFullDisk(run: (disk: FullDisk, ends: Ends) => Promise<void>): Promise<void> {
  const disk = makeFullDisk();
  const ends: Ends = [];
  try {
    await run(disk, ends);
  } finally {
    for (const end of ends.reverse()) await end();
    disk.remove();
  }
}
