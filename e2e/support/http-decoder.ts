/** What a response turned out to be, as far as it has been read. */
export type ResponseHead = { readonly status: number; readonly headers: ReadonlyMap<string, string> };

type Listener = { onHead(head: ResponseHead): void; onBody(bytes: Buffer): void; onEnd(): void };
type Step = 'head' | 'size' | 'data' | 'data-end' | 'trailer' | 'raw' | 'done';

/**
 * Reads one HTTP/1.1 response from bytes, cut anywhere. Written apart from Node's own parser, so that the chunk framing
 * which the server writes by hand is checked by something that was not made by the same people.
 */
export class HttpDecoder {
  readonly #listener: Listener;
  #step: Step = 'head';
  #buffer: Buffer = Buffer.alloc(0);
  #left = 0;
  /** Size of the largest chunk of a chunked body. */
  largestChunkBytes = 0;

  constructor(listener: Listener) {
    this.#listener = listener;
  }

  /** True when the response ended the way its framing says it must. */
  get complete(): boolean {
    return this.#step === 'done';
  }

  feed(bytes: Buffer): void {
    this.#buffer = this.#buffer.length === 0 ? bytes : Buffer.concat([this.#buffer, bytes]);
    while (this.#advance());
    // A caller may read into the same memory again, as thousands of sockets do under load.
    if (this.#buffer.length > 0) this.#buffer = Buffer.from(this.#buffer);
  }

  #advance(): boolean {
    switch (this.#step) {
      case 'head':
        return this.#readHead();
      case 'size':
        return this.#readSize();
      case 'data':
      case 'raw':
        return this.#readData();
      case 'data-end':
        return this.#readLine((line) => {
          if (line !== '') throw new Error(`expected a line end after a chunk, got ${JSON.stringify(line)}`);
          this.#step = 'size';
        });
      case 'trailer':
        return this.#readLine((line) => {
          if (line === '') this.#finish();
        });
      case 'done':
        return false;
    }
  }

  #readHead(): boolean {
    const end = this.#buffer.indexOf('\r\n\r\n');
    if (end === -1) return false;
    const [statusLine = '', ...lines] = this.#buffer.toString('latin1', 0, end).split('\r\n');
    this.#buffer = this.#buffer.subarray(end + 4);
    const headers = new Map(
      lines.map((line) => {
        const colon = line.indexOf(':');
        return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()] as const;
      }),
    );
    this.#listener.onHead({ status: Number(statusLine.split(' ')[1]), headers });
    if (headers.get('transfer-encoding') === 'chunked') this.#step = 'size';
    else {
      this.#step = 'raw';
      this.#left = Number(headers.get('content-length') ?? Number.POSITIVE_INFINITY);
      if (this.#left === 0) this.#finish();
    }
    return true;
  }

  #readSize(): boolean {
    return this.#readLine((line) => {
      if (!/^[0-9a-f]+$/i.test(line)) throw new Error(`expected the size of a chunk, got ${JSON.stringify(line)}`);
      this.#left = Number.parseInt(line, 16);
      this.largestChunkBytes = Math.max(this.largestChunkBytes, this.#left);
      this.#step = this.#left === 0 ? 'trailer' : 'data';
    });
  }

  #readData(): boolean {
    if (this.#buffer.length === 0) return false;
    const piece = this.#buffer.subarray(0, Math.min(this.#left, this.#buffer.length));
    this.#buffer = this.#buffer.subarray(piece.length);
    this.#left -= piece.length;
    this.#listener.onBody(piece);
    if (this.#left > 0) return true;
    if (this.#step === 'data') this.#step = 'data-end';
    else this.#finish();
    return true;
  }

  #readLine(take: (line: string) => void): boolean {
    const end = this.#buffer.indexOf('\r\n');
    if (end === -1) return false;
    const line = this.#buffer.toString('latin1', 0, end);
    this.#buffer = this.#buffer.subarray(end + 2);
    take(line);
    return true;
  }

  #finish(): void {
    this.#step = 'done';
    this.#listener.onEnd();
  }
}
