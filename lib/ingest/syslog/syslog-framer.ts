import { type Frame, FrameBuffer } from '../frame-buffer.ts';

const LINE_FEED = 0x0a;
const NUL = 0;
const SPACE = 0x20;
const LESS = 0x3c;
/** A number of more digits is no count of bytes, but text: nothing is swallowed for its sake. */
const COUNT_DIGITS_MAX = 7;

/**
 * Cuts a stream of syslog into messages (RFC 6587): each is either counted (`MSG-LEN SP SYSLOG-MSG`, §3.4.1) or ends at a
 * LF or NUL (§3.4.2), told apart anew for each, since relays mix them. Counted is what begins with a number, a space and
 * `<`: a line of text that begins with a date is none. However the bytes are cut into pieces, the messages are the same.
 */
export class SyslogFramer {
  readonly #buffer: FrameBuffer;
  /** Digits, and perhaps the space, of what may become a count; it is undecided while they are the last that came. */
  #head = '';
  #isLine = false;
  /** Bytes that a counted message still lacks; 0: none is under way. */
  #missing = 0;

  /** @param frameBytesMax of a longer message only so many are kept */
  constructor(frameBytesMax: number) {
    this.#buffer = new FrameBuffer(frameBytesMax);
  }

  /** A message has begun and is not complete. */
  get isMidway(): boolean {
    return this.#isLine || this.#missing > 0 || this.#head !== '';
  }

  /** The messages that this piece completes, valid until its memory is used again. Empty lines are left out. */
  feed(piece: Buffer): Frame[] {
    const frames: Frame[] = [];
    for (let at = 0; at < piece.length; ) {
      if (this.#missing > 0) at = this.#feedCounted(piece, at, frames);
      else if (this.#isLine) at = this.#feedLine(piece, at, frames);
      else at = this.#begin(piece, at);
    }
    return frames;
  }

  /** What came of the last message, when the stream has ended in the middle of it. */
  end(): Frame[] {
    if (!this.isMidway) return [];
    const rest = this.#buffer.take(Buffer.from(this.#head, 'latin1'));
    this.#head = '';
    this.#isLine = false;
    const length = rest.length + this.#missing;
    this.#missing = 0;
    return [{ bytes: rest.bytes, length }];
  }

  #begin(piece: Buffer, at: number): number {
    const byte = piece[at] ?? 0;
    const [digits, isSpaced] = [this.#head.length, this.#head.endsWith(' ')];
    if (isSpaced && byte === LESS) {
      this.#missing = Number(this.#head);
      this.#head = '';
      return at;
    }
    const isDigit = byte >= 0x30 && byte <= 0x39 && (digits > 0 || byte > 0x30) && digits < COUNT_DIGITS_MAX;
    if (!isSpaced && (isDigit || (byte === SPACE && digits > 0))) {
      this.#head += String.fromCharCode(byte);
      return at + 1;
    }
    // A line end before a message is the end of an empty line, or of a counted message whose count left it out.
    if (digits === 0 && (byte === LINE_FEED || byte === NUL || byte === 0x0d)) return at + 1;
    this.#buffer.add(Buffer.from(this.#head, 'latin1'));
    this.#head = '';
    this.#isLine = true;
    return at;
  }

  #feedCounted(piece: Buffer, at: number, frames: Frame[]): number {
    const end = Math.min(piece.length, at + this.#missing);
    this.#missing -= end - at;
    if (this.#missing === 0) frames.push(this.#buffer.take(piece.subarray(at, end)));
    else this.#buffer.add(piece.subarray(at, end));
    return end;
  }

  #feedLine(piece: Buffer, at: number, frames: Frame[]): number {
    const end = endOfLine(piece, at);
    if (end === -1) {
      this.#buffer.add(piece.subarray(at));
      return piece.length;
    }
    frames.push(this.#buffer.take(piece.subarray(at, end)));
    this.#isLine = false;
    return end + 1;
  }
}

function endOfLine(piece: Buffer, at: number): number {
  const lineFeed = piece.indexOf(LINE_FEED, at);
  // NUL is rare: looked for only as far as the line would go.
  const nul = piece.subarray(at, lineFeed === -1 ? piece.length : lineFeed).indexOf(NUL);
  return nul === -1 ? lineFeed : at + nul;
}
