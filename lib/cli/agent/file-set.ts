import type { FileFollower } from './file-follower.ts';
import type { FileMemory, RememberedFile } from './file-memory.ts';
import type { Begin } from './file-record.ts';
import { LockTaken } from './process-lock.ts';
import { rotatedSince } from './rotated-files.ts';
import type { SeenFile, WatchedPaths } from './watched-paths.ts';

export type FileSetOptions = {
  readonly paths: WatchedPaths;
  readonly memory: FileMemory;
  /** Where files begin that are there at the start and that nobody remembers; what comes later is read from its start. */
  readonly begin: Begin;
  readonly open: (path: string, begin: Begin) => Promise<FileFollower>;
  /** Called for each file that is to be followed, with the one whose name it took. */
  readonly onOpened: (follower: FileFollower, before: FileFollower | undefined) => void;
  readonly tell: (sentence: string) => void;
  readonly now: () => number;
};

/** Which files are followed: notices new ones, and those that were rotated away, also while nobody was looking. */
export class FileSet {
  readonly #options: FileSetOptions;
  readonly followers = new Map<string, FileFollower>();
  /** The last that was opened of each name: the next of the name comes after it. */
  readonly #newest = new Map<string, FileFollower>();
  readonly #refused = new Set<string>();
  #isFirst = true;

  constructor(options: FileSetOptions) {
    this.#options = options;
  }

  /** Looks once. */
  async look(): Promise<void> {
    const { paths, now, begin } = this.#options;
    const seen = await paths.look(now());
    const replaced: ReadonlySet<string> = this.#isFirst ? await this.#findRotated(seen) : new Set();
    const byId = new Map(seen.map((file) => [file.id, file]));
    for (const follower of this.followers.values()) {
      const file = byId.get(follower.id);
      if (file) follower.stay(file.path);
      else follower.leave(now());
    }
    for (const { path, id } of seen) {
      if (this.followers.has(id)) continue;
      await this.#open(path, this.#isFirst && !replaced.has(path) ? begin : 'start', id);
    }
    this.#isFirst = false;
  }

  /** Whether every file that was seen could be opened. */
  get isComplete(): boolean {
    return this.#refused.size === 0;
  }

  forget(follower: FileFollower): void {
    this.followers.delete(follower.id);
    for (const [name, newest] of this.#newest) if (newest === follower) this.#newest.delete(name);
  }

  /** @param name that the file had when it was written, if it has another now */
  async #open(path: string, begin: Begin, id: string, name = path): Promise<boolean> {
    const { open, onOpened, tell } = this.#options;
    try {
      const before = this.#newest.get(name);
      const follower = await open(path, begin);
      // Between looking and opening it may have been replaced: what was opened counts.
      if (this.followers.has(follower.id)) {
        await follower.close();
        return false;
      }
      this.followers.set(follower.id, follower);
      this.#refused.delete(id);
      this.#newest.set(name, follower);
      onOpened(follower, before);
      return true;
    } catch (error) {
      if (!this.#refused.has(id)) tell(`${path} is not followed: ${reason(error)}`);
      this.#refused.add(id);
      return false;
    }
  }

  /**
   * Files that were rotated away since they were last followed, under whatever name in their directory: they are read to
   * their end first. @returns names that stand for another file now
   */
  async #findRotated(seen: readonly SeenFile[]): Promise<Set<string>> {
    const { paths, memory, tell, now } = this.#options;
    const wanted = new Set([...paths.names, ...seen.map(({ path }) => path)]);
    const present = new Set(seen.map(({ id }) => id));
    const replaced = new Set<string>();
    const remembered = await memory.all(Date.now());
    const known = new Set(remembered.map(({ device, inode }) => `${device}-${inode}`));
    const last = newestByPath(remembered.filter(({ path }) => wanted.has(path)));
    for (const file of last.values()) {
      const id = `${file.device}-${file.inode}`;
      if (present.has(id)) continue;
      replaced.add(file.path);
      const isKnown = (one: string): boolean => present.has(one) || known.has(one);
      const rotated = await rotatedSince(file, isKnown);
      if (rotated[0]?.id !== id && !file.isFinished) {
        tell(
          `${file.path} was replaced while nobody followed it; what came after byte ${file.place.offset} is not sent`,
        );
        await memory.forget(file.device, file.inode);
      }
      for (const one of rotated) {
        if (one.id === id && file.isFinished) continue;
        if (await this.#open(one.path, 'start', one.id, file.path)) this.followers.get(one.id)?.leave(now());
      }
    }
    return replaced;
  }
}

/** A name has stood for many files; the one that was sent last is the one that may have a rest. */
function newestByPath(files: readonly RememberedFile[]): Map<string, RememberedFile> {
  const newest = new Map<string, RememberedFile>();
  for (const file of files) {
    if ((newest.get(file.path)?.savedMs ?? 0) < file.savedMs) newest.set(file.path, file);
  }
  return newest;
}

function reason(error: unknown): string {
  if (error instanceof LockTaken) return `process ${error.pid} sends it already`;
  return error instanceof Error ? error.message : String(error);
}
