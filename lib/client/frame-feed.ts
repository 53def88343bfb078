import type { ServerFrame } from './server-frame.ts';
import { EVENTS_PER_TASK, type ReadRequest } from './stream-reader.ts';

/** Bounds the text that is turned into frames before some of them are handed on. */
const SLICE_CHARS = 64 * 1024;

/** Hands frames on in tasks of bounded size, with a breath between them, however they come in. */
export class FrameFeed {
  readonly #request: ReadRequest;
  #frames: ServerFrame[] = [];
  #sinceBreath = 0;

  constructor(request: ReadRequest) {
    this.#request = request;
  }

  push(...frames: ServerFrame[]): void {
    this.#frames.push(...frames);
  }

  /** Resolves to false when the reader has gone and the rest is for nobody. */
  async deliver(): Promise<boolean> {
    const { signal, onFrames, breathe } = this.#request;
    while (this.#frames.length > 0 && !signal.aborted) {
      const some = this.#frames.splice(0, EVENTS_PER_TASK);
      this.#sinceBreath += some.length;
      onFrames(some);
      if (this.#sinceBreath < EVENTS_PER_TASK) continue;
      this.#sinceBreath = 0;
      await breathe();
    }
    return !signal.aborted;
  }

  /**
   * Reads a body to its end, piece by piece.
   * @param take turns text, cut anywhere, into frames that it pushes; what it throws ends the reading
   */
  async readBody(body: ReadableStream<Uint8Array>, take: (text: string) => void): Promise<void> {
    const decoder = new TextDecoder();
    const reader = body.getReader();
    try {
      for (;;) {
        const { done, value } = await reader.read();
        if (done || this.#request.signal.aborted) return;
        this.#request.onBytes(value.byteLength);
        const text = decoder.decode(value, { stream: true });
        for (let start = 0; start < text.length; start += SLICE_CHARS) {
          take(text.slice(start, start + SLICE_CHARS));
          if (!(await this.deliver())) return;
        }
      }
    } finally {
      // Closes the socket when this side is the one that stops.
      await reader.cancel().catch(() => undefined);
    }
  }
}
