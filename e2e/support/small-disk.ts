import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A file system of so many bytes that can grow; undefined where this process may not mount one. */
export class SmallDisk {
  readonly path: string;

  private constructor(path: string) {
    this.path = path;
  }

  static make(bytes: number): SmallDisk | undefined {
    const path = mkdtempSync(join(tmpdir(), 'tailrace-disk-'));
    if (run(['mount', '-t', 'tmpfs', '-o', `size=${bytes}`, 'tmpfs', path])) return new SmallDisk(path);
    rmSync(path, { recursive: true });
    return undefined;
  }

  grow(bytes: number): void {
    if (!run(['mount', '-o', `remount,size=${bytes}`, this.path])) throw new Error(`${this.path} could not grow`);
  }

  remove(): void {
    if (!run(['umount', this.path])) throw new Error(`${this.path} is still in use`);
    rmSync(this.path, { recursive: true });
  }
}

function run([command = '', ...rest]: readonly string[]): boolean {
  return spawnSync(command, rest).status === 0;
}
