import { AppError } from '@/lib/core/errors.ts';
import { type Frame, FrameBuffer } from '../frame-buffer.ts';

/** Bytes of payload, or of the length before it, that follow a header byte from 0xc0 on; see the table of MessagePack's spec. */
type Follows = {
  readonly skip?: number;
  /** Bytes that a length takes; what it counts is bytes or, times `values`, values. */
  readonly lengthBytes?: number;
  readonly values?: number;
  /** Beside what the length counts: an extension's type. */
  readonly more?: number;
};

const NOTHING: Follows = {};
const FOLLOWS: readonly (Follows | undefined)[] = [
  ...[NOTHING, undefined, NOTHING, NOTHING],
  ...[{ lengthBytes: 1 }, { lengthBytes: 2 }, { lengthBytes: 4 }],
  ...[
    { lengthBytes: 1, more: 1 },
    { lengthBytes: 2, more: 1 },
    { lengthBytes: 4, more: 1 },
  ],
  ...[{ skip: 4 }, { skip: 8 }],
  ...[{ skip: 1 }, { skip: 2 }, { skip: 4 }, { skip: 8 }],
  ...[{ skip: 1 }, { skip: 2 }, { skip: 4 }, { skip: 8 }],
  ...[{ skip: 2 }, { skip: 3 }, { skip: 5 }, { skip: 9 }, { skip: 17 }],
  ...[{ lengthBytes: 1 }, { lengthBytes: 2 }, { lengthBytes: 4 }],
  ...[
    { lengthBytes: 2, values: 1 },
    { lengthBytes: 4, values: 1 },
  ],
  ...[
    { lengthBytes: 2, values: 2 },
    { lengthBytes: 4, values: 2 },
  ],
];

/**
 * Finds where each value of a stream of MessagePack ends, without decoding it, wherever the pieces were cut: each byte is
 * looked at once however slowly a large value comes, and what is too large is known by its head.
 */
export class MsgpackFramer {
  readonly #bytesMax: number;
  readonly #buffer: FrameBuffer;
  /** Values that are still to begin, within the one that is under way. */
  #values = 0;
  /** Bytes to pass over. */
  #skip = 0;
  #lengthBytes = 0;
  #length = 0;
  #follows = NOTHING;

  /** @param bytesMax of one value */
  constructor(bytesMax: number) {
    this.#bytesMax = bytesMax;
    this.#buffer = new FrameBuffer(bytesMax);
  }

  get isMidway(): boolean {
    return !this.#buffer.isEmpty;
  }
  /** Memory that the value under way takes. */
  get heldBytes(): number {
    return this.#buffer.length;
  }

  /**
   * The values that this piece completes, valid until its memory is used again. Throws bad-request for what is no
   * MessagePack, body-too-large for a value beyond the bound; nothing can be read after that.
   */
  feed(piece: Buffer): Frame[] {
    const frames: Frame[] = [];
    let start = 0;
    for (let at = 0; at < piece.length; ) {
      if (this.#skip > 0) {
        const passed = Math.min(this.#skip, piece.length - at);
        this.#skip -= passed;
        at += passed;
      } else {
        this.#take(piece[at] ?? 0, at === start && this.#buffer.isEmpty);
        at += 1;
        this.#checkSize(at - start);
      }
      if (this.#values > 0 || this.#skip > 0 || this.#lengthBytes > 0) continue;
      frames.push(this.#buffer.take(piece.subarray(start, at)));
      start = at;
    }
    if (start < piece.length) this.#buffer.add(piece.subarray(start));
    return frames;
  }

  #take(byte: number, isFirst: boolean): void {
    if (this.#lengthBytes > 0) this.#takeLength(byte);
    else {
      // A value within another was counted when that began.
      if (!isFirst) this.#values -= 1;
      this.#begin(byte);
    }
  }

  #begin(byte: number): void {
    if (byte < 0x80 || byte >= 0xe0) return;
    if (byte < 0x90) this.#values += 2 * (byte & 0x0f);
    else if (byte < 0xa0) this.#values += byte & 0x0f;
    else if (byte < 0xc0) this.#skip = byte & 0x1f;
    else {
      const follows = FOLLOWS[byte - 0xc0];
      if (!follows)
        throw new AppError('bad-request', 'expected MessagePack, got the byte 0xc1, which is never used in it');
      this.#follows = follows;
      this.#skip = follows.skip ?? 0;
      this.#lengthBytes = follows.lengthBytes ?? 0;
    }
  }

  #takeLength(byte: number): void {
    this.#length = this.#length * 256 + byte;
    this.#lengthBytes -= 1;
    if (this.#lengthBytes > 0) return;
    const { values, more = 0 } = this.#follows;
    if (values === undefined) this.#skip = this.#length + more;
    else this.#values += values * this.#length;
    this.#length = 0;
  }

  /** Each value that is still to come takes a byte at least. */
  #checkSize(bytes: number): void {
    if (this.#buffer.length + bytes + this.#skip + this.#values <= this.#bytesMax) return;
    const says = `expected a message of at most ${this.#bytesMax} bytes; let the sender make smaller chunks`;
    throw new AppError('body-too-large', says);
  }
}
