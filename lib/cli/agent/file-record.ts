import type { FileHandle } from 'node:fs/promises';
import { type FileMarks, hasMarks, NO_MARKS, takeMarks } from './file-marks.ts';
import { type FileMemory, newGeneration, type RememberedFile } from './file-memory.ts';
import type { ProcessLock } from './process-lock.ts';
import type { Place } from './stream-sender.ts';

/** Where a file begins that nobody remembers. */
export type Begin = 'start' | 'end';

/** The file is not the one any more that was read so far. */
export class FileChanged extends Error {}

export type RecordOptions = {
  readonly file: FileHandle;
  readonly path: string;
  readonly memory: FileMemory;
  readonly begin: Begin;
  /** Places are those of its content, by which the bytes of the file cannot be recognised. */
  readonly isCompressed: boolean;
  readonly tell: (sentence: string) => void;
};

/** What is remembered of an open file: which it is, which of its lives this is, and how far it has been sent. */
export class FileRecord {
  readonly id: string;
  readonly #options: RecordOptions;
  readonly #device: string;
  readonly #inode: string;
  readonly #lock: ProcessLock;
  #path: string;
  #generation: string;
  #marks: FileMarks;
  #place: Place;

  private constructor(
    options: RecordOptions,
    lock: ProcessLock,
    known: Omit<RememberedFile, 'savedMs' | 'place'> & { readonly place: Place },
  ) {
    this.#options = options;
    this.#lock = lock;
    this.#device = known.device;
    this.#inode = known.inode;
    this.id = `${known.device}-${known.inode}`;
    this.#path = known.path;
    this.#generation = known.generation;
    this.#marks = known.marks;
    this.#place = known.place;
  }

  /** Rejects with LockTaken when another process sends this file. */
  static async open(options: RecordOptions): Promise<FileRecord> {
    const { file, path, memory, begin, isCompressed, tell } = options;
    const stat = await file.stat({ bigint: true });
    const [device, inode] = [String(stat.dev), String(stat.ino)];
    const lock = await memory.lock({ device, inode });
    try {
      const known = await memory.find(device, inode);
      if (known && (isCompressed || known.place.offset <= stat.size) && (await isKnown(file, known, isCompressed))) {
        return new FileRecord(options, lock, { ...known, path });
      }
      if (known?.path === path) tell(`${path} is another file than the one remembered: it is read from its start`);
      const offset = known?.path === path || begin === 'start' ? 0 : Number(stat.size);
      const place = { offset, cuts: [] };
      const generation = newGeneration();
      const fresh = { path, isFinished: false, device, inode, generation, marks: NO_MARKS, place };
      const record = new FileRecord(options, lock, fresh);
      // From now on it is known, also when nothing is ever sent of it.
      await record.save(path, record.place);
      return record;
    } catch (error) {
      await lock.release();
      throw error;
    }
  }

  get generation(): string {
    return this.#generation;
  }
  get place(): Place {
    return this.#place;
  }

  /** Rejects with FileChanged. */
  async check(): Promise<void> {
    if (this.#options.isCompressed) return;
    const { file } = this.#options;
    const { size } = await file.stat();
    if (size < this.#place.offset || !(await hasMarks(file, this.#place.offset, this.#marks))) throw new FileChanged();
  }

  /** Rejects with FileChanged when what was read since the last time may be of two lives of the file. */
  async save(path: string, place: Place, isFinished = false): Promise<void> {
    await this.check();
    const { file, memory, isCompressed } = this.#options;
    const marks = await takeMarks(file, isCompressed ? 0 : place.offset, this.#marks);
    const [device, inode, generation] = [this.#device, this.#inode, this.#generation];
    await memory.save({ path, isFinished, device, inode, generation, marks, place });
    this.#path = path;
    this.#marks = marks;
    this.#place = place;
  }

  /** The file begins another life. */
  async restart(): Promise<void> {
    this.#generation = newGeneration();
    this.#marks = NO_MARKS;
    this.#place = { offset: 0, cuts: [] };
    await this.save(this.#path, this.#place);
  }

  /** @param isDone it was rotated away, and nothing more is expected of it: nobody has to look for it again */
  async close(isDone: boolean): Promise<void> {
    const { file, memory } = this.#options;
    const { nlink } = await file.stat();
    if (nlink === 0) await memory.forget(this.#device, this.#inode);
    else if (isDone) await this.save(this.#path, this.#place, true).catch(() => undefined);
    await this.#lock.release();
  }
}

function isKnown(file: FileHandle, { marks, place }: RememberedFile, isCompressed: boolean): Promise<boolean> {
  return hasMarks(file, isCompressed ? 0 : place.offset, isCompressed ? { ...marks, before: NO_MARKS.before } : marks);
}
