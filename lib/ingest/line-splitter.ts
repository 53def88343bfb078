import { exceedsBytes } from '@/lib/core/text.ts';

/** A line, or null for one that was longer than allowed and has been skipped. */
export type Line = string | null;

const LINE_FEED = 0x0a;

/**
 * Cuts bytes into lines at LF or CRLF wherever the pieces were cut, decoding each piece once. Bounded: of a line that is
 * too long nothing is kept but that it was there.
 */
export class LineSplitter {
  readonly #lineBytesMax: number;
  #rest: Buffer[] = [];
  #restBytes = 0;
  #skipping = false;
  #first = true;

  constructor(lineBytesMax: number) {
    this.#lineBytesMax = lineBytesMax;
  }

  /** The lines that this piece completes. */
  feed(piece: Buffer): Line[] {
    const end = piece.lastIndexOf(LINE_FEED);
    if (end === -1) return this.#keep(piece);
    const lines: Line[] = [];
    const start = piece.indexOf(LINE_FEED) + 1;
    lines.push(this.#finish(piece.subarray(0, start - 1)));
    if (end >= start) {
      for (const text of piece.toString('utf8', start, end).split('\n')) {
        lines.push(exceedsBytes(text, this.#lineBytesMax) ? null : trimReturn(text));
      }
    }
    lines.push(...this.#keep(piece.subarray(end + 1)));
    return lines;
  }

  /** The last line, when the text did not end with a line end. */
  end(): Line[] {
    return this.#restBytes > 0 || this.#skipping ? [this.#finish(Buffer.alloc(0))] : [];
  }

  #finish(tail: Buffer): Line {
    const tooLong = this.#skipping || this.#restBytes + tail.length > this.#lineBytesMax;
    const text = tooLong ? null : Buffer.concat([...this.#rest, tail]).toString('utf8');
    this.#rest = [];
    this.#restBytes = 0;
    this.#skipping = false;
    const isFirst = this.#first;
    this.#first = false;
    if (text === null) return null;
    return trimReturn(isFirst && text.startsWith('\ufeff') ? text.slice(1) : text);
  }

  #keep(piece: Buffer): Line[] {
    if (this.#skipping || piece.length === 0) return [];
    if (this.#restBytes + piece.length > this.#lineBytesMax) {
      this.#rest = [];
      this.#restBytes = 0;
      this.#skipping = true;
      return [];
    }
    // A copy, since the piece may be a view of a buffer that is used again.
    this.#rest.push(Buffer.from(piece));
    this.#restBytes += piece.length;
    return [];
  }
}

function trimReturn(text: string): string {
  return text.endsWith('\r') ? text.slice(0, -1) : text;
}
