import { type FileHandle, mkdir, open, readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { ByteSource } from '../agent/byte-source.ts';

type Segment = { readonly path: string; readonly begin: number; end: number };

/** Files of the ring: at least so many, so that what goes at once is a small part. */
const SEGMENTS_MIN = 32;
const SEGMENT_BYTES_MAX = 8 * 1024 * 1024;
const NAME = /^(\d{16})\.log$/;
const LINE_FEED = 0x0a;

/**
 * One text in segment files, each named by the place where it begins, in whole lines. What has been sent is removed at the
 * front; beyond the bound the oldest goes, sent or not.
 */
export class SpoolSegments implements ByteSource {
  readonly #directory: string;
  readonly #bytesMax: number;
  readonly #segmentBytes: number;
  #segments: Segment[];
  #end: number;
  #linesGone = 0;
  #writing: FileHandle | undefined;
  /** Adding and removing take turns. */
  #turn: Promise<unknown> = Promise.resolve();
  #reading: { readonly segment: Segment; readonly file: FileHandle } | undefined;

  private constructor(directory: string, bytesMax: number, segments: Segment[], end: number) {
    this.#directory = directory;
    this.#bytesMax = bytesMax;
    this.#segmentBytes = Math.min(SEGMENT_BYTES_MAX, Math.ceil(bytesMax / SEGMENTS_MIN));
    this.#segments = segments;
    this.#end = end;
  }

  /** @param sentTo how far it has been sent: after a crash of the machine the files may end before */
  static async open(directory: string, bytesMax: number, sentTo: number): Promise<SpoolSegments> {
    await mkdir(directory, { recursive: true, mode: 0o700 });
    const segments: Segment[] = [];
    for (const name of (await readdir(directory)).sort()) {
      const begin = Number(NAME.exec(name)?.[1] ?? Number.NaN);
      if (Number.isNaN(begin)) continue;
      const path = join(directory, name);
      segments.push({ path, begin, end: begin + (await stat(path)).size });
    }
    const spool = new SpoolSegments(directory, bytesMax, segments, Math.max(sentTo, segments.at(-1)?.end ?? 0));
    await spool.release(sentTo);
    return spool;
  }

  /** Where the oldest line begins that is still there. */
  get begin(): number {
    return this.#segments[0]?.begin ?? this.#end;
  }
  get end(): number {
    return this.#end;
  }
  /** Lines that were removed since it was opened. */
  get linesGone(): number {
    return this.#linesGone;
  }

  /** Adds whole lines. Rejects as the disk does, and has then added nothing. */
  append(lines: Buffer): Promise<void> {
    return this.#inTurn(async () => {
      const last = this.#segments.at(-1);
      const fits = this.#writing && last && last.end - last.begin < this.#segmentBytes;
      const segment = fits ? last : await this.#beginSegment();
      for (let written = 0; written < lines.length; ) {
        const position = segment.end - segment.begin + written;
        const { bytesWritten } = await (this.#writing as FileHandle).write(lines, written, undefined, position);
        written += bytesWritten;
      }
      segment.end += lines.length;
      this.#end = segment.end;
      while (this.#end - this.begin > this.#bytesMax && this.#segments.length > 1) await this.#dropOldest();
    });
  }

  async read(into: Uint8Array, position: number): Promise<number> {
    const segment = this.#segments.find(({ begin, end }) => begin <= position && position < end);
    if (!segment) return 0;
    if (this.#reading?.segment !== segment) {
      await this.#reading?.file.close();
      this.#reading = undefined;
      this.#reading = { segment, file: await open(segment.path, 'r') };
    }
    const bytes = Math.min(into.length, segment.end - position);
    return (await this.#reading.file.read(into, 0, bytes, position - segment.begin)).bytesRead;
  }

  /** Removes what has been sent, but for the file that is being written. */
  release(sentTo: number): Promise<void> {
    return this.#inTurn(async () => {
      while (this.#segments.length > (this.#writing ? 1 : 0) && (this.#segments[0]?.end ?? 0) <= sentTo) {
        await this.#dropOldest();
      }
    });
  }

  /** Makes room. False when there is nothing but what is being written. */
  dropOldest(): Promise<boolean> {
    return this.#inTurn(async () => {
      if (this.#segments.length <= 1) return false;
      await this.#dropOldest();
      return true;
    });
  }

  /** Lines between the beginning and a place. */
  async linesTo(position: number): Promise<number> {
    const first = this.#segments[0];
    return first ? linesIn(first.path, position - first.begin) : 0;
  }

  /** Removes everything that has been sent. */
  async close(sentTo: number): Promise<void> {
    await this.#inTurn(() => this.#endSegment());
    await this.release(sentTo);
    await this.#reading?.file.close();
    this.#reading = undefined;
  }

  #inTurn<T>(use: () => Promise<T>): Promise<T> {
    const turn = this.#turn.then(use);
    this.#turn = turn.catch(() => undefined);
    return turn;
  }

  async #dropOldest(): Promise<void> {
    const first = this.#segments[0];
    if (!first) return;
    const lines = await linesIn(first.path, Number.POSITIVE_INFINITY);
    // Together, since both are looked at together.
    this.#segments.shift();
    this.#linesGone += lines;
    await rm(first.path, { force: true });
  }

  async #beginSegment(): Promise<Segment> {
    await this.#endSegment();
    const path = join(this.#directory, `${String(this.#end).padStart(16, '0')}.log`);
    this.#writing = await open(path, 'w', 0o600);
    const segment = { path, begin: this.#end, end: this.#end };
    this.#segments.push(segment);
    return segment;
  }

  async #endSegment(): Promise<void> {
    const file = this.#writing;
    this.#writing = undefined;
    await file?.close();
  }
}

async function linesIn(path: string, bytes: number): Promise<number> {
  const file = await open(path, 'r').catch(() => undefined);
  if (!file) return 0;
  let lines = 0;
  try {
    const buffer = Buffer.allocUnsafe(256 * 1024);
    for (let rest = bytes; rest > 0; ) {
      const { bytesRead } = await file.read(buffer, 0, Math.min(buffer.length, rest));
      if (bytesRead === 0) break;
      rest -= bytesRead;
      const view = buffer.subarray(0, bytesRead);
      for (let at = view.indexOf(LINE_FEED); at !== -1; at = view.indexOf(LINE_FEED, at + 1)) lines += 1;
    }
    return lines;
  } finally {
    await file.close();
  }
}
