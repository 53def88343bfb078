import { type FileHandle, open, readFile } from 'node:fs/promises';

/**
 * Remembers over a crash that positions were given away which are not stored yet. `prepare` must have succeeded before
 * `set` is called; each resolves when its word is on the disk.
 */
export type HoldMarker = {
  /** The epoch whose positions were given away when the program ended; `*` when it cannot be told; undefined: none. */
  read(): Promise<string | undefined>;
  /** Makes room for the word, and clears it. */
  prepare(): Promise<void>;
  set(epoch: string): Promise<void>;
  clear(): Promise<void>;
  close(): Promise<void>;
};

const BLOCK_BYTES = 4096;
const SET = /^held ([A-Za-z0-9]{8})\n/;
const CLEAR = 'clear\n';

/**
 * The marker as a file beside the database. Its one block is written when the program starts, so that the word can be
 * changed in place, and flushed, on a disk that has since become full.
 */
export class HoldMarkerFile implements HoldMarker {
  readonly #path: string;
  #file: FileHandle | undefined;
  /** One change after the other: the word that was asked for last must be the one that stays. */
  #last: Promise<void> = Promise.resolve();

  constructor(path: string) {
    this.#path = path;
  }

  async read(): Promise<string | undefined> {
    const text = await readFile(this.#path, 'latin1').catch((error: unknown) => {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return CLEAR;
      throw error;
    });
    // A word that was torn by a power cut, or a file that was only just created, might have meant anything.
    return text.startsWith(CLEAR) ? undefined : (SET.exec(text)?.[1] ?? '*');
  }

  async prepare(): Promise<void> {
    this.#file ??= await open(this.#path, 'r+').catch(() => open(this.#path, 'w+'));
    await this.clear();
  }

  set(epoch: string): Promise<void> {
    return this.#write(`held ${epoch}\n`);
  }

  clear(): Promise<void> {
    return this.#write(CLEAR);
  }

  async close(): Promise<void> {
    await this.#last.catch(() => undefined);
    await this.#file?.close();
    this.#file = undefined;
  }

  #write(word: string): Promise<void> {
    this.#last = this.#last
      .catch(() => undefined)
      .then(async () => {
        if (!this.#file) throw new Error(`expected ${this.#path} to be open`);
        await this.#file.write(Buffer.alloc(BLOCK_BYTES, word.padEnd(BLOCK_BYTES), 'latin1'), 0, BLOCK_BYTES, 0);
        await this.#file.sync();
      });
    return this.#last;
  }
}
