import { stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import { expandGlob, isGlob } from './glob.ts';

/** A file as it stands now, under a name that was asked for. */
export type SeenFile = { readonly path: string; readonly id: string };

/** Listing directories costs more than asking for a file. */
const EXPAND_MS = 1_000;

/** The files that the names and patterns of a command stand for, asked again and again. */
export class WatchedPaths {
  readonly #names: readonly string[];
  readonly #patterns: readonly string[];
  readonly #tell: (sentence: string) => void;
  readonly #waits: boolean;
  readonly #told = new Set<string>();
  #expanded: readonly string[] = [];
  #expandedMs = Number.NEGATIVE_INFINITY;

  /** @param waits whether what is not there may still come */
  constructor(asked: readonly string[], tell: (sentence: string) => void, waits: boolean) {
    const paths = [...new Set(asked.map((path) => resolve(path)))];
    this.#names = paths.filter((path) => !isGlob(path));
    this.#patterns = paths.filter(isGlob);
    this.#tell = tell;
    this.#waits = waits;
  }

  /** Names that were given as such, whether there are such files or not. */
  get names(): readonly string[] {
    return this.#names;
  }

  /** Whether everything that was asked for was there when it was last looked for. */
  get isComplete(): boolean {
    return this.#told.size === 0;
  }

  /** @returns each file once, under the first of its names */
  async look(nowMs: number): Promise<SeenFile[]> {
    if (this.#patterns.length > 0 && nowMs - this.#expandedMs >= EXPAND_MS) {
      const expanded = await Promise.all(this.#patterns.map(expandGlob));
      this.#expanded = expanded.flat();
      this.#expandedMs = nowMs;
      for (const [index, pattern] of this.#patterns.entries()) {
        if (expanded[index]?.length === 0) this.#tellOnce(pattern, `no file matches ${pattern}${this.#yet}`);
        else this.#told.delete(pattern);
      }
    }
    const seen = new Map<string, SeenFile>();
    for (const path of new Set([...this.#names, ...this.#expanded])) {
      const id = await this.#idOf(path);
      if (id !== undefined && !seen.has(id)) seen.set(id, { path, id });
    }
    return [...seen.values()];
  }

  async #idOf(path: string): Promise<string | undefined> {
    try {
      const found = await stat(path, { bigint: true });
      if (found.isFile()) {
        this.#told.delete(path);
        return `${found.dev}-${found.ino}`;
      }
      this.#tellOnce(path, `${path} is no file`);
    } catch (error) {
      const code = error instanceof Error && 'code' in error ? error.code : undefined;
      // What matches a pattern and has gone meanwhile is nothing to speak of.
      if (code !== 'ENOENT') this.#tellOnce(path, `${path} cannot be read (${String(code)})`);
      else if (this.#names.includes(path)) this.#tellOnce(path, `${path} does not exist${this.#yet}`);
    }
    return undefined;
  }

  get #yet(): string {
    return this.#waits ? ' yet' : '';
  }

  #tellOnce(path: string, sentence: string): void {
    if (this.#told.has(path)) return;
    this.#told.add(path);
    this.#tell(sentence);
  }
}
