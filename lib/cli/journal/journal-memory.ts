import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { z } from 'zod';
import { readJson, writeAtomically } from '../agent/atomic-file.ts';
import { newGeneration } from '../agent/file-memory.ts';
import { ProcessLock } from '../agent/process-lock.ts';

const rememberedSchema = z.object({
  generation: z.string(),
  /** Of the last entry that the server has stored; absent: none yet. */
  cursor: z.string().optional(),
  /** So many entries after it may be under way: after a crash exactly these are sent again, under the same name. */
  underWay: z.number().int().nonnegative(),
});

export type RememberedJournal = z.infer<typeof rememberedSchema>;

/** How far the journal, or some of its units, has been sent to one server. */
export class JournalMemory {
  readonly #path: string;
  readonly #lock: ProcessLock;

  private constructor(path: string, lock: ProcessLock) {
    this.#path = path;
    this.#lock = lock;
  }

  /** Rejects with LockTaken when another process sends the same. */
  static async open(stateDir: string, url: string, units: readonly string[]): Promise<JournalMemory> {
    const digest = createHash('sha256')
      .update([url, ...[...units].sort()].join('\n'))
      .digest('hex')
      .slice(0, 12);
    const path = join(stateDir, 'journals', `${digest}.json`);
    return new JournalMemory(path, await ProcessLock.take(`${path}.lock`));
  }

  async load(): Promise<RememberedJournal | undefined> {
    return readJson(this.#path, rememberedSchema);
  }

  fresh(): RememberedJournal {
    return { generation: newGeneration(), underWay: 0 };
  }

  async save(journal: RememberedJournal): Promise<void> {
    await writeAtomically(this.#path, `${JSON.stringify(journal)}\n`);
  }

  close(): Promise<void> {
    return this.#lock.release();
  }
}
