import type { ByteSource } from './byte-source.ts';

/** Two batches and a little: what follows a batch is being read while the batch is under way. */
const WINDOW_BYTES = 1024 * 1024;

/** The bytes of a source from one place on, as many as have been read: going back within them costs nothing. */
export class ByteWindow {
  readonly #buffer = Buffer.allocUnsafeSlow(WINDOW_BYTES);
  /** Where the byte at `#begin` of the buffer stands in the source. */
  #position = 0;
  #begin = 0;
  #end = 0;

  /** Moves to a place; what is before it is given up. */
  seek(position: number): void {
    const begin = this.#begin + position - this.#position;
    if (position >= this.#position && begin <= this.#end) this.#begin = begin;
    else {
      this.#begin = 0;
      this.#end = 0;
    }
    this.#position = position;
  }

  /** Forgets what has been read: the source has other bytes now. */
  clear(): void {
    this.#end = this.#begin;
  }

  /** What has been read from here on; valid until the next call of `fill` or `seek`. */
  get view(): Buffer {
    return this.#buffer.subarray(this.#begin, this.#end);
  }

  /** Reads until so many bytes are in view. False when the source has no more. */
  async fill(source: ByteSource, bytes: number): Promise<boolean> {
    if (this.#buffer.length - this.#begin < bytes) {
      this.#buffer.copyWithin(0, this.#begin, this.#end);
      this.#end -= this.#begin;
      this.#begin = 0;
    }
    while (this.#end - this.#begin < bytes) {
      const read = await source.read(this.#buffer.subarray(this.#end), this.#position + this.#end - this.#begin);
      if (read === 0) return false;
      this.#end += read;
    }
    return true;
  }
}
