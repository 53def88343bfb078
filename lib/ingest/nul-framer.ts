import { type Frame, FrameBuffer } from './frame-buffer.ts';

const NUL = 0;
const NOTHING = Buffer.alloc(0);

/** Cuts a stream of bytes at each NUL, wherever its pieces were cut. Empty frames are left out. */
export class NulFramer {
  readonly #buffer: FrameBuffer;

  /** @param frameBytesMax of a longer frame only so many are kept */
  constructor(frameBytesMax: number) {
    this.#buffer = new FrameBuffer(frameBytesMax);
  }

  /** A frame has begun and is not complete. */
  get isMidway(): boolean {
    return !this.#buffer.isEmpty;
  }

  /** The frames that this piece completes, valid until its memory is used again. */
  feed(piece: Buffer): Frame[] {
    const frames: Frame[] = [];
    let at = 0;
    for (let end = piece.indexOf(NUL); end !== -1; end = piece.indexOf(NUL, at)) {
      const frame = this.#buffer.take(piece.subarray(at, end));
      if (frame.length > 0) frames.push(frame);
      at = end + 1;
    }
    if (at < piece.length) this.#buffer.add(piece.subarray(at));
    return frames;
  }

  /** What came of the last frame, when the stream has ended in the middle of it. */
  end(): Frame[] {
    return this.isMidway ? [this.#buffer.take(NOTHING)] : [];
  }
}
