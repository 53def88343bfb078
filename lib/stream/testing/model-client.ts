import { createParser, type EventSourceMessage } from 'eventsource-parser';
import { expect } from 'vitest';
import { parsePosition } from '@/lib/core/position.ts';
import type { Sink, SinkEvents } from '../sink.ts';

/** A connection that is full after so many writes, until the test says it has drained. */
export class FakeSink implements Sink {
  readonly frames: EventSourceMessage[] = [];
  readonly raw: string[] = [];
  readonly retries: number[] = [];
  onFrame: (frame: EventSourceMessage) => void = () => undefined;
  ended = false;
  room = Number.POSITIVE_INFINITY;
  events: SinkEvents | undefined;
  readonly #parser = createParser({
    onEvent: (frame) => {
      this.frames.push(frame);
      this.onFrame(frame);
    },
    onRetry: (ms) => this.retries.push(ms),
    onError: (error) => {
      throw error;
    },
  });

  write(bytes: Uint8Array): boolean {
    if (this.ended) throw new Error('written to after its end');
    const text = new TextDecoder().decode(bytes);
    this.raw.push(text);
    this.#parser.feed(text);
    this.room -= 1;
    return this.room > 0;
  }

  /** As a real connection does, it tells of its end a moment later. */
  end(): void {
    this.ended = true;
    queueMicrotask(() => this.events?.onClose('client-left'));
  }

  destroy(): void {
    if (!this.ended) this.end();
  }

  readonly queuedBytes = 0;

  drain(room = Number.POSITIVE_INFINITY): void {
    this.room = room;
    this.events?.onReady();
  }

  names(): (string | undefined)[] {
    return this.frames.map((frame) => frame.event);
  }

  data(index: number): Record<string, unknown> {
    return JSON.parse(this.frames[index]?.data ?? 'null');
  }

  /** Messages of the logs received. */
  messages(): string[] {
    return this.frames.flatMap((frame) => (frame.event === 'log' ? [JSON.parse(frame.data).message as string] : []));
  }
}

const seqIn = (text: unknown): number => parsePosition(String(text))?.seq ?? Number.NaN;

export type Truth = {
  /** Seqs after `from` up to `to` that pass the client's filter. */
  matching(from: number, to: number): number[];
  oldestSeq(): number;
  bodyOf(seq: number): string;
};

/** A client that believes nothing: it follows a stream by the rules of the contract and checks them against the truth. */
export class ModelClient {
  cursor = Number.NaN;
  received: number[] = [];
  /** The ranges that the server said are gone. */
  gaps: { from: number; to: number }[] = [];
  startSeq = Number.NaN;
  isLive = false;
  /** The seq after which the stream was asked to begin; undefined for "now". */
  asked: number | undefined;
  readonly #truth: Truth;

  constructor(truth: Truth) {
    this.#truth = truth;
  }

  readonly take = ({ id, event, data }: EventSourceMessage): void => {
    const frame = JSON.parse(data);
    if (Number.isNaN(this.cursor)) expect(event).toBe('stream');
    if (event === 'stream') {
      expect(this.cursor).toBeNaN();
      this.startSeq = seqIn(id);
      expect(seqIn(frame.from)).toBe(this.startSeq);
      this.#checkStart(frame);
    } else if (event === 'log' || event === 'metric') {
      const { position, prev, ...body } = frame;
      expect(seqIn(prev)).toBeLessThanOrEqual(this.cursor);
      expect(seqIn(position)).toBeGreaterThan(this.cursor);
      expect(position).toBe(id);
      expect(JSON.stringify(body)).toBe(this.#truth.bodyOf(seqIn(position)));
      this.received.push(seqIn(position));
    } else if (event === 'gap') {
      expect(seqIn(frame.from)).toBeGreaterThanOrEqual(this.cursor);
      expect(frame.missed).toBe(seqIn(frame.to) - seqIn(frame.from));
      expect(seqIn(frame.to)).toBeLessThan(this.#truth.oldestSeq());
      this.gaps.push({ from: seqIn(frame.from), to: seqIn(frame.to) });
    } else if (event === 'live') this.isLive = true;
    if (id !== undefined && event !== 'bye') {
      expect(seqIn(id)).toBeGreaterThanOrEqual(Number.isNaN(this.cursor) ? 0 : this.cursor);
      this.cursor = seqIn(id);
    }
    this.checkComplete();
  };

  /** What lies between the position asked for and the begin is told as a gap, or nothing does. */
  #checkStart({ state, missed }: { state: string; missed?: number }): void {
    if (this.asked === undefined) return;
    expect(missed ?? 0).toBe(this.startSeq - this.asked);
    expect(state === 'gap').toBe(missed !== undefined);
    if (missed === undefined) return;
    expect(this.startSeq).toBeLessThan(this.#truth.oldestSeq());
    this.gaps.push({ from: this.asked, to: this.startSeq });
  }

  /** Everything up to the cursor that matches has been received once, or lies in a gap that was told. */
  checkComplete(): void {
    const inGap = (seq: number): boolean => this.gaps.some(({ from, to }) => seq > from && seq <= to);
    const expected = this.#truth.matching(this.startSeq, this.cursor).filter((seq) => !inGap(seq));
    expect(this.received).toEqual(expected);
  }
}
