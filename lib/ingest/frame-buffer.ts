/** A message as it came, or its beginning where it was longer than is taken. */
export type Frame = {
  readonly bytes: Buffer;
  /** Of the whole message. */
  readonly length: number;
};

/** What has come of a frame that is not complete, in memory up to a bound; of the rest only its length is known. */
export class FrameBuffer {
  readonly #bytesMax: number;
  #pieces: Buffer[] = [];
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
    if (fitting.length > 0) this.#pieces.push(Buffer.from(fitting));
    this.#kept += fitting.length;
    this.#length += piece.length;
  }

  /** The frame that `last` completes; valid until the memory of `last` is used again. */
  take(last: Buffer): Frame {
    const length = this.#length + last.length;
    const fitting = last.subarray(0, this.#bytesMax - this.#kept);
    const bytes = this.#pieces.length === 0 ? fitting : Buffer.concat([...this.#pieces, fitting]);
    this.#pieces = [];
    this.#kept = 0;
    this.#length = 0;
    return { bytes, length };
  }
}
