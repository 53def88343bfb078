import { MESSAGE_BYTES_MAX } from '@/lib/core/event.ts';

export type LineJoinerOptions = {
  /** Lines of one text; default 500. */
  linesMax?: number;
  /** Bytes of one text as UTF-8, unless a single line has more; default: those of a message. */
  bytesMax?: number;
  /** How long a text waits for its next line; default 250 ms. */
  waitMs?: number;
};

const LINES_MAX = 500;
const WAIT_MS = 250;

/** Joins the lines of a stack trace, or of another text of several lines, into one text. */
export class LineJoiner {
  readonly #linesMax: number;
  readonly #bytesMax: number;
  readonly #waitMs: number;
  #lines: string[] = [];
  #bytes = 0;
  #lastMs = 0;

  constructor(options: LineJoinerOptions = {}) {
    this.#linesMax = options.linesMax ?? LINES_MAX;
    this.#bytesMax = options.bytesMax ?? MESSAGE_BYTES_MAX;
    this.#waitMs = options.waitMs ?? WAIT_MS;
  }

  /** The texts that are complete now. */
  feed(line: string, nowMs: number): string[] {
    const bytes = Buffer.byteLength(line) + 1;
    const isNext =
      this.#lines.length > 0 &&
      /^\s+\S/.test(line) &&
      this.#lines.length < this.#linesMax &&
      this.#bytes + bytes <= this.#bytesMax &&
      nowMs < this.#lastMs + this.#waitMs;
    const done = isNext ? [] : this.flush();
    this.#lines.push(line);
    this.#bytes += bytes;
    this.#lastMs = nowMs;
    return done;
  }

  /** Ends the text that is open. */
  flush(): string[] {
    const text = this.#lines.join('\n');
    const isOpen = this.#lines.length > 0;
    this.#lines = [];
    this.#bytes = 0;
    return isOpen ? [text] : [];
  }

  /** When `flush` is due, or undefined. */
  get dueMs(): number | undefined {
    return this.#lines.length > 0 ? this.#lastMs + this.#waitMs : undefined;
  }
}
