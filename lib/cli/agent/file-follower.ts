import { type FileHandle, open } from 'node:fs/promises';
import type { BatchPoster } from './batch-poster.ts';
import type { ByteWindow } from './byte-window.ts';
import type { LineOrigin } from './event-lines.ts';
import type { FileMemory } from './file-memory.ts';
import { type Begin, FileChanged, FileRecord } from './file-record.ts';
import { type FileSource, GzipFileSource, PlainFileSource } from './file-source.ts';
import { formatOf, type LineFormat } from './line-format.ts';
import type { SendTotals } from './send-totals.ts';
import { type End, FINAL_END, OPEN_END, QUIET_END, StreamSender } from './stream-sender.ts';

/** A writer that was silent for so long has ended its stack trace. */
const QUIET_MS = 250;
/** A rotated file may still be written to until its writer has noticed. */
const LEAVE_MS = 5_000;
/** Before other files have their turn. */
const BATCHES_PER_TURN = 32;
/** The first line tells how all are wrapped. */
const FIRST_LINE_BYTES_MAX = 16 * 1024;

export type FollowerOptions = {
  readonly path: string;
  /** Under which it was written, and is remembered. */
  readonly name: string;
  readonly begin: Begin;
  /** Reads to the end, which counts as the end of the last line. */
  readonly once: boolean;
  readonly format: LineFormat | undefined;
  readonly origin: LineOrigin;
  readonly memory: FileMemory;
  readonly poster: BatchPoster;
  readonly totals: SendTotals;
  readonly tell: (sentence: string) => void;
};

/** One file, by its inode, under whatever name: from where it was left to where it ends, and on as it grows. */
export class FileFollower {
  path: string;
  readonly #options: FollowerOptions;
  readonly #file: FileHandle;
  readonly #record: FileRecord;
  readonly #source: FileSource;
  #sender: StreamSender | undefined;
  #seen = '';
  #size = 0;
  #grewMs: number;
  #leavingMs: number | undefined;
  /** The end that was last reached, and nothing has come since. */
  #reached: End | undefined;

  private constructor(options: FollowerOptions, file: FileHandle, record: FileRecord, nowMs: number) {
    this.#options = options;
    this.path = options.name;
    this.#file = file;
    this.#record = record;
    this.#source = isGzip(options.path) ? new GzipFileSource(options.path) : new PlainFileSource(file);
    this.#grewMs = nowMs;
  }

  /** Rejects with LockTaken when another process sends this file. */
  static async open(options: FollowerOptions, nowMs: number): Promise<FileFollower> {
    const { path, name, memory, begin, tell } = options;
    const file = await open(path, 'r');
    try {
      const isCompressed = isGzip(path);
      const record = await FileRecord.open({ file, path: name, memory, begin, isCompressed, tell });
      return new FileFollower(options, file, record, nowMs);
    } catch (error) {
      await file.close();
      throw error;
    }
  }

  /** Device and inode. */
  get id(): string {
    return this.#record.id;
  }
  /** Bytes of the file, and how many of them have been read. */
  get progress(): { readonly size: number; readonly read: number } {
    const read = isGzip(this.#options.path) ? this.#source.bytesRead : (this.#sender?.offset ?? 0);
    return { size: this.#size, read: Math.min(read, this.#size) };
  }
  get isLeaving(): boolean {
    return this.#leavingMs !== undefined;
  }
  /** Everything has been sent, and nothing more is expected. */
  get isDone(): boolean {
    return this.#reached === FINAL_END;
  }
  /** Everything has been sent that was there when its writer went on to another file. */
  get isDrained(): boolean {
    return this.isLeaving && this.#reached !== undefined && this.#reached !== OPEN_END;
  }

  /** Its name stands for another file now, or for none. */
  leave(nowMs: number): void {
    if (this.isLeaving) return;
    this.#leavingMs = nowMs;
    // Something may have come since its end was seen.
    this.#reached = undefined;
  }
  /** It has been renamed, but is still wanted. */
  stay(path: string): void {
    this.path = path;
    this.#leavingMs = undefined;
    if (this.isDone) this.#reached = QUIET_END;
  }

  /** What there is to do: undefined for nothing. */
  async due(nowMs: number): Promise<End | undefined> {
    const { size, mtimeMs, ino } = await this.#file.stat();
    const seen = `${ino} ${size} ${mtimeMs}`;
    if (seen !== this.#seen) {
      this.#seen = seen;
      this.#size = size;
      this.#grewMs = nowMs;
      this.#reached = undefined;
    }
    const end = this.#endAt(nowMs);
    return this.#reached === end ? undefined : end;
  }

  /** Sends what is due. Resolves to whether the end was reached. */
  async turn(window: ByteWindow, end: End): Promise<boolean> {
    try {
      await this.#record.check();
      this.#sender ??= await this.#begin(end);
      const isAtEnd = !this.#sender || (await this.#sender.run(window, end, BATCHES_PER_TURN));
      if (isAtEnd) this.#reached = end;
      return isAtEnd;
    } catch (error) {
      if (!(error instanceof FileChanged)) throw error;
      this.#options.tell(`${this.path} was emptied or written anew: it is read from its start`);
      await this.#record.restart();
      this.#sender = undefined;
      return false;
    }
  }

  async close(): Promise<void> {
    this.#source.close();
    await this.#record.close(this.isDone && this.isLeaving);
    await this.#file.close();
  }

  #endAt(nowMs: number): End {
    if (this.#options.once) return FINAL_END;
    const quietMs = nowMs - this.#grewMs;
    if (this.#leavingMs !== undefined && Math.min(quietMs, nowMs - this.#leavingMs) >= LEAVE_MS) return FINAL_END;
    return quietMs >= QUIET_MS ? QUIET_END : OPEN_END;
  }

  /** Undefined while there is no first line that tells how lines are wrapped. */
  async #begin(end: End): Promise<StreamSender | undefined> {
    const { origin, poster, totals, format } = this.#options;
    const wrapping = format ?? (await this.#wrapping(end));
    if (!wrapping) return undefined;
    return new StreamSender({
      source: this.#source,
      place: this.#record.place,
      name: () => `file-${this.#record.generation}`,
      format: wrapping,
      origin: { ...origin, trustsWrapping: wrapping !== 'plain' },
      poster,
      save: (place) => this.#record.save(this.path, place),
      onDelivered: (batch, delivery) => totals.add(this.path, batch, delivery),
    });
  }

  async #wrapping(end: End): Promise<LineFormat | undefined> {
    const head = Buffer.alloc(FIRST_LINE_BYTES_MAX);
    let bytes = 0;
    for (let read = -1; read !== 0 && bytes < head.length; bytes += read) {
      read = await this.#source.read(head.subarray(bytes), bytes);
    }
    const feed = head.subarray(0, bytes).indexOf('\n');
    if (feed === -1 && bytes < head.length && !end.takesRest) return undefined;
    return formatOf(head.toString('utf8', 0, feed === -1 ? bytes : feed));
  }
}

export function isGzip(path: string): boolean {
  return path.endsWith('.gz');
}
