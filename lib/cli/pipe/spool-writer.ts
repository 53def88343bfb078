import type { SpoolSegments } from './spool-segments.ts';

/** What may wait in memory for the disk. */
const QUEUE_BYTES_MAX = 16 * 1024 * 1024;
/** The longest that the program is held up when that is full. */
export const STALL_MS_MAX = 1_000;
/** A write that takes longer is worth a word, once in a while. */
const SLOW_MS = 1_000;
const TELL_AGAIN_MS = 60_000;
const LINE_FEED = 0x0a;

export type WriterOptions = {
  readonly spool: Pick<SpoolSegments, 'append' | 'dropOldest'>;
  readonly tell: (sentence: string) => void;
  readonly onWritten: () => void;
  readonly queueBytesMax?: number;
  readonly stallMsMax?: number;
};

/** Writes records to the spool in their order, and holds up nobody for long: when the disk does not follow, lines are lost and counted. */
export class SpoolWriter {
  readonly #options: WriterOptions;
  readonly #queue: Buffer[] = [];
  #queuedBytes = 0;
  #isWriting: Promise<void> | undefined;
  #waiting: (() => void) | undefined;
  #toldMs = Number.NEGATIVE_INFINITY;
  #isStalled = false;
  linesLost = 0;

  constructor(options: WriterOptions) {
    this.#options = options;
  }

  /** Resolves when more may come. One piece at a time. */
  async push(records: Buffer): Promise<void> {
    const { queueBytesMax = QUEUE_BYTES_MAX } = this.#options;
    if (this.#queuedBytes > 0 && this.#queuedBytes + records.length > queueBytesMax && !(await this.#room())) {
      this.#lose(records, 'its disk is too slow');
      return;
    }
    this.#queue.push(records);
    this.#queuedBytes += records.length;
    this.#isWriting ??= this.#write();
  }

  /** Resolves when everything that was pushed is written or lost. */
  async settle(): Promise<void> {
    await this.#isWriting;
  }

  /** After one stall nothing more is waited for until the disk has caught up. */
  async #room(): Promise<boolean> {
    if (this.#isStalled) return false;
    const { stallMsMax = STALL_MS_MAX } = this.#options;
    const hasRoom = await new Promise<boolean>((resolve) => {
      const timer = setTimeout(() => resolve(false), stallMsMax);
      this.#waiting = () => {
        clearTimeout(timer);
        resolve(true);
      };
    });
    this.#waiting = undefined;
    this.#isStalled = !hasRoom;
    return hasRoom;
  }

  async #write(): Promise<void> {
    for (let records = this.#queue.shift(); records; records = this.#queue.shift()) {
      const startedMs = performance.now();
      await this.#append(records);
      const tookMs = performance.now() - startedMs;
      if (tookMs > SLOW_MS)
        this.#tellAtTimes(`the disk of the spool is slow: ${(tookMs / 1000).toFixed(1)} s for a write`);
      this.#queuedBytes -= records.length;
      this.#isStalled = false;
      this.#waiting?.();
      this.#options.onWritten();
    }
    this.#isWriting = undefined;
  }

  /** A disk that is full gets room from the oldest, as far as there is some. */
  async #append(records: Buffer): Promise<void> {
    const { spool } = this.#options;
    for (;;) {
      try {
        await spool.append(records);
        return;
      } catch (error) {
        const isFull =
          error instanceof Error && 'code' in error && (error.code === 'ENOSPC' || error.code === 'EDQUOT');
        if (isFull && (await spool.dropOldest())) continue;
        this.#lose(records, error instanceof Error ? error.message : String(error));
        return;
      }
    }
  }

  #lose(records: Buffer, cause: string): void {
    for (let at = records.indexOf(LINE_FEED); at !== -1; at = records.indexOf(LINE_FEED, at + 1)) this.linesLost += 1;
    this.#tellAtTimes(`${this.linesLost.toLocaleString('en-US')} lines could not be spooled so far: ${cause}`);
  }

  #tellAtTimes(sentence: string): void {
    if (performance.now() - this.#toldMs < TELL_AGAIN_MS) return;
    this.#toldMs = performance.now();
    this.#options.tell(sentence);
  }
}
