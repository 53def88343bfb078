import type { FileFollower } from './file-follower.ts';
import type { FileMemory, RememberedFile } from './file-memory.ts';
import type { Begin } from './file-record.ts';
import { LockTaken } from './process-lock.ts';
import { findRotated, type RotatedQuery } from './rotated-files.ts';
import type { SeenFile, WatchedPaths } from './watched-paths.ts';

export type FileSetOptions = {
  readonly paths: WatchedPaths;
  readonly memory: FileMemory;
  /** Where files begin that are there at the start and that nobody remembers; what comes later is read from its start. */
  readonly begin: Begin;
  /** @param name under which it was written, if it has another now */
  readonly open: (path: string, name: string, begin: Begin) => Promise<FileFollower>;
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
      const follower = await open(path, name, begin);
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
   * Files that were rotated away since they were last followed are read to their end first, each after the one before it.
   * @returns names that stand for another file now
   */
  async #findRotated(seen: readonly SeenFile[]): Promise<Set<string>> {
    const { paths, memory } = this.#options;
    const present = new Set(seen.map(({ id }) => id));
    const remembered = await memory.all(Date.now());
    const known = new Set(remembered.map(idOf));
    const replaced = new Set<string>();
    for (const name of new Set([...paths.names, ...seen.map(({ path }) => path)])) {
      const files = remembered.filter(({ path }) => path === name).sort((a, b) => b.savedMs - a.savedMs);
      const [newest] = files;
      if (!newest) continue;
      const isReplaced = !files.some((file) => present.has(idOf(file)));
      if (isReplaced) replaced.add(name);
      const rest = files.filter((file) => !file.isFinished && !present.has(idOf(file)));
      await this.#followRotated(rest, {
        name,
        wanted: new Set(rest.map(idOf)),
        sinceMs: isReplaced ? newest.savedMs : undefined,
        isKnown: (id) => present.has(id) || known.has(id),
      });
    }
    return replaced;
  }

  async #followRotated(rest: readonly RememberedFile[], query: RotatedQuery): Promise<void> {
    const { memory, tell, now } = this.#options;
    const rotated = await findRotated(query);
    for (const file of rest) {
      if (rotated.some(({ id }) => id === idOf(file))) continue;
      tell(`a file of the name ${file.path} is gone; what came after its byte ${file.place.offset} is not sent`);
      await memory.forget(file.device, file.inode);
    }
    for (const { path, id } of rotated) {
      if (await this.#open(path, 'start', id, query.name)) this.followers.get(id)?.leave(now());
    }
  }
}

function idOf({ device, inode }: RememberedFile): string {
  return `${device}-${inode}`;
}

function reason(error: unknown): string {
  if (error instanceof LockTaken)
    return `${error.pid === undefined ? 'another process' : `process ${error.pid}`} sends it already`;
  return error instanceof Error ? error.message : String(error);
}
