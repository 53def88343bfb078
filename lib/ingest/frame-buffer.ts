/** A message as it came, or its beginning where it was longer than is taken. */
export type Frame = {
  readonly bytes: Buffer;
  /** Of the whole message. */
  readonly length: number;
};

const NOTHING = Buffer.alloc(0);
const MEMORY_BYTES_MIN = 256;

/**
 * What has come of a frame that is not complete, in memory up to a bound; of the rest only its length is known. The memory
 * doubles as it fills: a sender that sends byte by byte costs no more than another.
 */
export class FrameBuffer {
  readonly #bytesMax: number;
  #memory = NOTHING;
  #kept = 0;
  #length = 0;

  constructor(bytesMax: number) {
    this.#bytesMax = bytesMax;
  }

  get isEmpty(): boolean {
    return this.#length === 0;
  }
  get length(): number {
    return this.#length;
  }

  /** Copies: a piece may be a view of memory that is used again. */
  add(piece: Buffer): void {
    const fitting = piece.subarray(0, this.#bytesMax - this.#kept);
    this.#reserve(this.#kept + fitting.length);
    fitting.copy(this.#memory, this.#kept);
    this.#kept += fitting.length;
    this.#length += piece.length;
  }

  /** The frame that `last` completes; where it is all of it, valid until the memory of `last` is used again. */
  take(last: Buffer): Frame {
    if (this.isEmpty) return { bytes: last.subarray(0, this.#bytesMax), length: last.length };
    this.add(last);
    const frame = { bytes: this.#memory.subarray(0, this.#kept), length: this.#length };
    this.#memory = NOTHING;
    this.#kept = 0;
    this.#length = 0;
    return frame;
  }

  #reserve(bytes: number): void {
    if (bytes <= this.#memory.length) return;
    const doubled = Math.min(this.#bytesMax, 2 * this.#memory.length);
    const larger = Buffer.allocUnsafe(Math.max(bytes, doubled, MEMORY_BYTES_MIN));
    this.#memory.copy(larger, 0, 0, this.#kept);
    this.#memory = larger;
  }
}
