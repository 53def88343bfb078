import type { Frame } from '@/lib/ingest/frame-buffer.ts';
import type { SenderLine } from './sender-line.ts';
import type { SenderLines } from './sender-lines.ts';
import type { TcpLine } from './tcp-door.ts';

/** Waiting to be stored, of one connection; beyond it the connection is not read. */
const LINE_BYTES_MAX = 2 * 1024 * 1024;

/** Cuts a stream of bytes into messages. */
export type Framer = {
  readonly isMidway: boolean;
  feed(piece: Buffer): Frame[];
  end(): Frame[];
};

export type TakeFrame = (line: SenderLine, frame: Frame, nowMs: number) => void;

/** A connection whose messages nobody acknowledges: cut, read, queued; and held back by the queue. */
export class FramedLine implements TcpLine {
  readonly #line: SenderLine;
  readonly #framer: Framer;
  readonly #take: TakeFrame;
  readonly takesText = true;
  messages = 0;

  constructor(lines: SenderLines, address: string, framer: Framer, take: TakeFrame) {
    this.#line = lines.open({ address, bytesMax: LINE_BYTES_MAX });
    this.#framer = framer;
    this.#take = take;
  }

  get isMidway(): boolean {
    return this.#framer.isMidway;
  }

  take(piece: Buffer): Promise<void> | undefined {
    this.#line.reception.onBytes(piece.length);
    this.#takeAll(this.#framer.feed(piece));
    return this.#line.whenRoom();
  }

  /** What came of the last message is kept. What waits is stored without the connection. */
  end(): Promise<void> {
    this.#takeAll(this.#framer.end());
    void this.#line.end();
    return Promise.resolve();
  }

  #takeAll(frames: readonly Frame[]): void {
    if (frames.length === 0) return;
    const nowMs = Date.now();
    this.messages += frames.length;
    for (const frame of frames) this.#take(this.#line, frame, nowMs);
  }
}
