import { readdir, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { isGzip } from './file-follower.ts';
import type { SeenFile } from './watched-paths.ts';

export type RotatedQuery = {
  /** Path under which the files were written. */
  readonly name: string;
  /** Files that were not read to their end, by device and inode: found under any name in the directory. */
  readonly wanted: ReadonlySet<string>;
  /** Files that nobody has seen but that had the name since then, too; undefined: none can have had it. */
  readonly sinceMs: number | undefined;
  /** Whether a file is remembered, or stands under its own name. */
  readonly isKnown: (id: string) => boolean;
};

/**
 * What became of the files that had a name, oldest first. What has been compressed since then cannot be told from anything
 * else.
 */
export async function findRotated({ name, wanted, sinceMs, isKnown }: RotatedQuery): Promise<SeenFile[]> {
  const directory = dirname(name);
  const found: (SeenFile & { readonly modifiedMs: number })[] = [];
  for (const entry of await readdir(directory).catch(() => [])) {
    const path = join(directory, entry);
    const at = await stat(path, { bigint: true }).catch(() => undefined);
    if (!at?.isFile()) continue;
    const id = `${at.dev}-${at.ino}`;
    const modifiedMs = Number(at.mtimeMs);
    const isUnseen = sinceMs !== undefined && modifiedMs > sinceMs && isRotation(entry, basename(name)) && !isKnown(id);
    if (wanted.has(id) || isUnseen) found.push({ path, id, modifiedMs });
  }
  return found.sort((a, b) => a.modifiedMs - b.modifiedMs);
}

/** `app.log.1`, `app.log-20260601`, `app-20260601.log` of `app.log`. */
function isRotation(name: string, of: string): boolean {
  if (isGzip(name) || name === of) return false;
  if (name.startsWith(of)) return /^[-.]\d[\d-]*$/.test(name.slice(of.length));
  const dot = of.lastIndexOf('.');
  if (dot <= 0 || !name.startsWith(of.slice(0, dot)) || !name.endsWith(of.slice(dot))) return false;
  return /^[-.]\d[\d-]*$/.test(name.slice(dot, name.length - (of.length - dot)));
}
