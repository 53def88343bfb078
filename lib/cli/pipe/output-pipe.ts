import { write } from 'node:fs';

const AGAIN_MS = 5;

/**
 * Passes bytes on to a file descriptor. Not `process.stdout`, which on a pipe writes synchronously: a reader that does not
 * read would stop the sending as well.
 */
export class OutputPipe {
  readonly #descriptor: number;
  readonly #onClosed: () => void;
  #isClosed = false;

  /** @param onClosed called once, when nobody reads any more */
  constructor(descriptor: number, onClosed: () => void) {
    this.#descriptor = descriptor;
    this.#onClosed = onClosed;
  }

  /** Resolves when the bytes have been taken, or never will be. */
  async write(bytes: Buffer): Promise<void> {
    for (let written = 0; written < bytes.length && !this.#isClosed; ) {
      try {
        written += await writeOnce(this.#descriptor, bytes, written);
      } catch (error) {
        const code = error instanceof Error && 'code' in error ? error.code : undefined;
        // A descriptor that whoever started us has made non-blocking.
        if (code === 'EAGAIN') await new Promise((resolve) => setTimeout(resolve, AGAIN_MS));
        else {
          this.#isClosed = true;
          this.#onClosed();
        }
      }
    }
  }
}

function writeOnce(descriptor: number, bytes: Buffer, offset: number): Promise<number> {
  return new Promise((resolve, reject) => {
    write(descriptor, bytes, offset, bytes.length - offset, null, (error, written) => {
      if (error) reject(error);
      else resolve(written);
    });
  });
}
