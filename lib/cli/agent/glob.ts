import { lstat, readdir } from 'node:fs/promises';
import { join } from 'node:path';

const DEPTH_MAX = 32;

/** Whether a path given by a shell that did not expand it stands for several. */
export function isGlob(path: string): boolean {
  return /[*?[]/.test(path);
}

/** The files that a pattern stands for now: `*`, `?` and `[…]` within a name, `**` for any directories. Sorted. */
export async function expandGlob(pattern: string): Promise<string[]> {
  const segments = pattern.split('/').filter((segment, index) => segment !== '' || index === 0);
  const found = new Set<string>();
  const [first = ''] = segments;
  if (first === '') await walk('/', segments.slice(1), found, 0);
  else await walk('', segments, found, 0);
  return [...found].sort();
}

async function walk(directory: string, segments: readonly string[], found: Set<string>, depth: number): Promise<void> {
  const [segment, ...rest] = segments;
  if (segment === undefined || depth > DEPTH_MAX) return;
  if (segment !== '**' && !isGlob(segment)) {
    const path = join(directory, segment);
    if (rest.length > 0) await walk(path, rest, found, depth + 1);
    else if (await lstat(path).catch(() => undefined)) found.add(path);
    return;
  }
  const entries = await readdir(directory || '.', { withFileTypes: true }).catch(() => []);
  if (segment === '**') await walk(directory, rest, found, depth + 1);
  const matches = segment === '**' ? undefined : segmentPattern(segment);
  for (const entry of entries) {
    const path = join(directory, entry.name);
    if (!matches) {
      // A link may lead back to where we came from.
      if (entry.isDirectory() && !entry.name.startsWith('.')) await walk(path, segments, found, depth + 1);
    } else if (matches.test(entry.name)) {
      if (rest.length > 0) await walk(path, rest, found, depth + 1);
      else if (entry.isFile() || entry.isSymbolicLink()) found.add(path);
    }
  }
}

/** As a shell does, a name that begins with a dot is only found by a pattern that does so. */
function segmentPattern(segment: string): RegExp {
  const source = segment.replace(/\[(!?)([^\]]+)\]|[\s\S]/g, (character, not: string, set: string | undefined) => {
    if (set !== undefined) return `[${not ? '^' : ''}${set.replace(/[\\\]^]/g, '\\$&')}]`;
    if (character === '*') return '[^/]*';
    return character === '?' ? '[^/]' : character.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&');
  });
  try {
    return new RegExp(`^${segment.startsWith('.') ? '' : '(?!\\.)'}${source}$`);
  } catch {
    // A range such as [z-a], which no name is in.
    return /^\b$/;
  }
}
