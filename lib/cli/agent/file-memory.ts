import { createHash, randomBytes } from 'node:crypto';
import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { readJson, writeAtomically } from './atomic-file.ts';
import { marksSchema } from './file-marks.ts';
import { ProcessLock } from './process-lock.ts';
import type { Place } from './stream-sender.ts';

export const placeSchema = z.object({
  offset: z.number().int().nonnegative(),
  cuts: z.array(z.number().int().nonnegative()).max(8),
});

const rememberedSchema = z.object({
  path: z.string(),
  /** It was rotated away and read to its end: nobody has to look for it again. */
  isFinished: z.boolean(),
  device: z.string(),
  inode: z.string(),
  /** New for each life of a file: one that was emptied begins another. */
  generation: z.string(),
  marks: marksSchema,
  place: placeSchema,
  savedMs: z.number(),
});

/** How far one file has been sent to one server. */
export type RememberedFile = z.infer<typeof rememberedSchema>;

/** A file that nobody has sent from for so long is forgotten. */
const KEPT_MS = 60 * 86_400_000;

export function newGeneration(): string {
  return randomBytes(8).toString('hex');
}

/** The places of all files sent to one server: one small file each, so that several commands can share a directory. */
export class FileMemory {
  readonly #directory: string;
  readonly #forgets: boolean;
  readonly #own = new Set<string>();

  /**
   * @param stateDir of this command, see its help
   * @param forgets knows nothing of earlier processes
   */
  constructor(stateDir: string, url: string, forgets: boolean) {
    this.#forgets = forgets;
    const server = createHash('sha256').update(url).digest('hex').slice(0, 12);
    this.#directory = join(stateDir, 'files', server);
  }

  /** Throws when another process sends this file to the same server. */
  lock({ device, inode }: Pick<RememberedFile, 'device' | 'inode'>): Promise<ProcessLock> {
    return ProcessLock.take(join(this.#directory, `${device}-${inode}.lock`));
  }

  async find(device: string, inode: string): Promise<RememberedFile | undefined> {
    const path = this.#path(device, inode);
    return this.#forgets && !this.#own.has(path) ? undefined : readJson(path, rememberedSchema);
  }

  async save(file: Omit<RememberedFile, 'savedMs' | 'place'> & { readonly place: Place }): Promise<void> {
    const path = this.#path(file.device, file.inode);
    const text = JSON.stringify({ ...file, savedMs: Date.now() });
    await writeAtomically(path, `${text}\n`);
    this.#own.add(path);
  }

  async forget(device: string, inode: string): Promise<void> {
    await rm(this.#path(device, inode), { force: true });
  }

  /** What is remembered, without what is too old. */
  async all(nowMs: number): Promise<RememberedFile[]> {
    const names = this.#forgets ? [] : await readdir(this.#directory).catch(() => []);
    const files: RememberedFile[] = [];
    for (const name of names.filter((one) => one.endsWith('.json'))) {
      const file = await readJson(join(this.#directory, name), rememberedSchema);
      if (file && nowMs - file.savedMs <= KEPT_MS) files.push(file);
      else if (file) await this.forget(file.device, file.inode);
    }
    return files;
  }

  #path(device: string, inode: string): string {
    return join(this.#directory, `${device}-${inode}.json`);
  }
}
