import { AppError } from '@/lib/core/errors.ts';

/** How much memory all bodies that must be whole may hold together. */
export class ByteGate {
  readonly #bytesMax: number;
  #held = 0;

  constructor(bytesMax: number) {
    this.#bytesMax = bytesMax;
  }

  get held(): number {
    return this.#held;
  }

  /** Throws storage-overloaded, with the time to come back, when there is no room. */
  take(bytes: number): void {
    if (this.#held + bytes > this.#bytesMax) {
      const says = `the server holds as many bodies as it takes (${this.#bytesMax} bytes); send again in a second`;
      throw new AppError('storage-overloaded', says, { retryAfterS: 1 });
    }
    this.#held += bytes;
  }

  release(bytes: number): void {
    this.#held -= bytes;
  }
}
