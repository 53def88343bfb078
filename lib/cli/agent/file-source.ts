import { createReadStream } from 'node:fs';
import type { FileHandle } from 'node:fs/promises';
import { createGunzip, type Gunzip } from 'node:zlib';
import type { ByteSource } from './byte-source.ts';

/** What has been read of a source, in bytes of the file: for who looks on. */
export type FileSource = ByteSource & { readonly bytesRead: number; close(): void };

export class PlainFileSource implements FileSource {
  readonly #file: FileHandle;
  bytesRead = 0;

  constructor(file: FileHandle) {
    this.#file = file;
  }

  async read(into: Uint8Array, position: number): Promise<number> {
    const { bytesRead } = await this.#file.read(into, 0, into.length, position);
    this.bytesRead = position + bytesRead;
    return bytesRead;
  }

  close(): void {}
}

/** The content of a compressed file. Places are those of the content, so going back means to begin again. */
export class GzipFileSource implements FileSource {
  readonly #path: string;
  #input: ReturnType<typeof createReadStream> | undefined;
  #pieces: AsyncIterator<Buffer> | undefined;
  #gunzip: Gunzip | undefined;
  #piece: Buffer = Buffer.alloc(0);
  #position = 0;

  constructor(path: string) {
    this.#path = path;
  }

  get bytesRead(): number {
    return this.#input?.bytesRead ?? 0;
  }

  async read(into: Uint8Array, position: number): Promise<number> {
    if (!this.#pieces || position < this.#position) this.#open();
    for (;;) {
      if (this.#piece.length === 0 && !(await this.#next())) return 0;
      const skipped = Math.min(position - this.#position, this.#piece.length);
      const copied = this.#piece.copy(into, 0, skipped);
      this.#position += skipped + copied;
      this.#piece = this.#piece.subarray(skipped + copied);
      if (copied > 0) return copied;
    }
  }

  close(): void {
    this.#input?.destroy();
    this.#gunzip?.destroy();
  }

  #open(): void {
    this.close();
    const input = createReadStream(this.#path);
    const gunzip = createGunzip();
    input.on('error', (error) => gunzip.destroy(error));
    this.#input = input;
    this.#gunzip = gunzip;
    this.#pieces = input.pipe(gunzip)[Symbol.asyncIterator]();
    this.#position = 0;
    this.#piece = Buffer.alloc(0);
  }

  async #next(): Promise<boolean> {
    const next = await this.#pieces?.next();
    if (!next || next.done) return false;
    this.#piece = next.value;
    return true;
  }
}
