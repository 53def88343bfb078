import { readdir, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { isGzip } from './file-follower.ts';
import type { RememberedFile } from './file-memory.ts';
import type { SeenFile } from './watched-paths.ts';

/**
 * What a file became that was rotated away since it was last sent, oldest first: itself under another name, and those that
 * had its name after it. Empty when it is gone; what has been compressed since then cannot be told from anything else.
 * @param isKnown whether a file is remembered, or followed already
 */
export async function rotatedSince(file: RememberedFile, isKnown: (id: string) => boolean): Promise<SeenFile[]> {
  const directory = dirname(file.path);
  const ownId = `${file.device}-${file.inode}`;
  const found: (SeenFile & { readonly modifiedMs: number })[] = [];
  for (const name of await readdir(directory).catch(() => [])) {
    const path = join(directory, name);
    const at = await stat(path, { bigint: true }).catch(() => undefined);
    if (!at?.isFile()) continue;
    const id = `${at.dev}-${at.ino}`;
    const modifiedMs = Number(at.mtimeMs);
    if (id === ownId) found.push({ path, id, modifiedMs: Number.NEGATIVE_INFINITY });
    else if (isRotation(name, basename(file.path)) && modifiedMs > file.savedMs && !isKnown(id)) {
      found.push({ path, id, modifiedMs });
    }
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
