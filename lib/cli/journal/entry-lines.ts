import { StringDecoder } from 'node:string_decoder';

/** An entry may hold a core dump; nobody reads that as a message. */
const LINE_CHARS_MAX = 4 * 1024 * 1024;

/** Cuts what journalctl prints into lines; of those that are too long nothing is kept. */
export class EntryLines {
  readonly #decoder = new StringDecoder('utf8');
  #rest = '';
  #isSkipping = false;
  skipped = 0;

  feed(piece: Buffer): string[] {
    const lines = (this.#rest + this.#decoder.write(piece)).split('\n');
    this.#rest = lines.pop() ?? '';
    if (this.#isSkipping && lines.length > 0) {
      lines.shift();
      this.#isSkipping = false;
    }
    if (this.#rest.length > LINE_CHARS_MAX || this.#isSkipping) {
      if (!this.#isSkipping) this.skipped += 1;
      this.#isSkipping = true;
      this.#rest = '';
    }
    return lines.filter((line) => line !== '');
  }
}
