/** Events without a break between them, as they came: checked once, so that the same bytes need not be read again. */
export type Run = {
  readonly bytes: Buffer;
  /** Seq of the event before the first, of the first and of the last. */
  readonly prev: number;
  readonly first: number;
  readonly last: number;
  readonly events: number;
  /** When the first, the middle and the last event were sent, in µs. */
  readonly sentUs: readonly number[];
};

/**
 * The runs that the viewers of one filter have been sent lately. A server that encodes once sends thousands the same
 * bytes; comparing them costs a fiftieth of reading them, which is what lets one process check ten thousand viewers
 * event by event.
 */
export class RunCache {
  readonly #bytesMax: number;
  readonly #runs = new Map<number, Run>();
  #bytes = 0;

  constructor(bytesMax: number) {
    this.#bytesMax = bytesMax;
  }

  /** What came to somebody else after the event with this seq. */
  after(seq: number): Run | undefined {
    return this.#runs.get(seq);
  }

  put(after: number, run: Run): void {
    if (this.#runs.has(after)) return;
    this.#runs.set(after, run);
    this.#bytes += run.bytes.length;
    for (const [oldest, { bytes }] of this.#runs) {
      if (this.#bytes <= this.#bytesMax) return;
      this.#runs.delete(oldest);
      this.#bytes -= bytes.length;
    }
  }
}
