import type { Duplex } from 'node:stream';
import type { Sink } from '@/lib/stream/sink.ts';
import type { FrameName } from '@/lib/stream/wire-format.ts';
import { type PublishMark, publishMarks } from './mqtt-format.ts';
import type { InFlightWindow } from './mqtt-window.ts';

const BUFFER_BYTES_MAX = 64 * 1024;
/**
 * Of packets written as one. Over a WebSocket that is one message, and nothing of it is there before its end is: a line that
 * breaks again and again would never get a whole page through.
 */
const RUN_BYTES_MAX = 8 * 1024;
const DUP = 0x08;

export type OutboxOptions = {
  readonly carrier: Duplex;
  readonly window: InFlightWindow;
  /** The client takes no packet that is larger. */
  readonly packetBytesMax: number;
  /** Events up to here were written to the client before it came back. */
  readonly resentTo: number;
  wants(frame: FrameName): boolean;
  /** The last value of a metric as a packet; undefined when there is none any more. */
  retained(key: string): Uint8Array | undefined;
  onReady(): void;
  end(): void;
  destroy(): void;
  onTooLarge(bytes: number): void;
  /** The client is told of a loss, if it wants to be told. */
  onLoss(): void;
};

type Held = { readonly bytes: Uint8Array; readonly marks: readonly PublishMark[]; next: number };

/**
 * The sink of one client. It is full while its window of unacknowledged messages is, or its socket; then it holds the one
 * chunk it was given, and the stream's cursor waits. Retained values fill what room is left.
 */
export class MqttOutbox implements Sink {
  readonly #options: OutboxOptions;
  #held: Held[] = [];
  readonly #retained = new Set<string>();
  #isFull = false;
  isClosed = false;
  /** The newest event that has been written. */
  sentSeq: number;
  /** The session has written its first frame: its cursor means something. */
  hasBegun = false;

  constructor(options: OutboxOptions) {
    this.#options = options;
    this.sentSeq = options.resentTo;
  }

  get queuedBytes(): number {
    return this.#options.carrier.writableLength;
  }
  /** Up to where the client has been served while something is unacknowledged or unsent; else undefined. */
  get before(): number | undefined {
    return this.#options.window.before ?? this.#unsent()?.before;
  }

  write(bytes: Uint8Array, what: FrameName): boolean {
    if (this.isClosed) return false;
    this.hasBegun = true;
    const marks = publishMarks(bytes);
    if (!marks) {
      // Cut to pieces on its way here, as faults on purpose do: half a packet is no MQTT, a cut line is.
      this.destroy();
      return false;
    }
    if (what !== 'events' && marks[0]?.before !== undefined) this.#options.onLoss();
    if (what === 'events' || this.#options.wants(what)) this.#held.push({ bytes, marks, next: 0 });
    this.#pump();
    this.#isFull = !this.#isReady();
    return !this.#isFull;
  }

  end(): void {
    this.#options.end();
  }
  destroy(): void {
    this.#options.destroy();
  }

  /** The stream begins anew: what it has not sent yet is not sent. Returns where it has to go on, if not at its cursor. */
  restart(): number | undefined {
    const before = this.#unsent()?.before;
    this.#held = [];
    this.hasBegun = false;
    return before;
  }

  offerRetained(keys: Iterable<string>): void {
    for (const key of keys) this.#retained.add(key);
    this.#pump();
  }

  /** An acknowledgement has come, or the socket has drained. */
  release(): void {
    if (this.isClosed) return;
    this.#pump();
    if (!this.#isFull || !this.#isReady()) return;
    this.#isFull = false;
    this.#options.onReady();
  }

  #unsent(): PublishMark | undefined {
    for (const { marks, next } of this.#held) {
      const mark = marks.slice(next).find(({ before }) => before !== undefined);
      if (mark) return mark;
    }
    return undefined;
  }

  #hasRoom(): boolean {
    return this.#options.carrier.writableLength < BUFFER_BYTES_MAX;
  }
  #isReady(): boolean {
    return this.#held.length === 0 && !this.#options.window.isFull && this.#hasRoom();
  }

  #pump(): void {
    for (let held = this.#held[0]; held && this.#hasRoom(); held = this.#held[0]) {
      this.#send(held);
      if (held.next < held.marks.length) return;
      this.#held.shift();
    }
    for (const key of this.#retained) {
      if (!this.#hasRoom()) return;
      this.#retained.delete(key);
      const packet = this.#options.retained(key);
      if (packet && this.#fits(packet.length)) this.#options.carrier.write(packet);
    }
  }

  /** Run by run: up to a packet that is left out, that finds no room in the window, or that would make it long. */
  #send(held: Held): void {
    const { window } = this.#options;
    let start = held.marks[held.next - 1]?.end ?? 0;
    let run: PublishMark[] = [];
    let room = window.room;
    const flush = (): void => {
      this.#writeRun(held.bytes, start, run);
      run = [];
    };
    for (; held.next < held.marks.length; held.next += 1) {
      const mark = held.marks[held.next];
      if (!mark || (mark.idAt > 0 && room === 0)) break;
      const from = run.at(-1)?.end ?? start;
      const isLeftOut = this.#isLeftOut(mark, mark.end - from);
      if (isLeftOut || from - start >= RUN_BYTES_MAX) {
        flush();
        start = isLeftOut ? mark.end : from;
      }
      if (isLeftOut) continue;
      run.push(mark);
      if (mark.idAt > 0) room -= 1;
    }
    flush();
  }

  #isLeftOut({ seq, idAt }: PublishMark, bytes: number): boolean {
    // At most once: it has been sent, and a resumed stream goes back to what was not acknowledged.
    if (idAt === 0 && seq > 0 && seq <= this.#options.resentTo) return true;
    return !this.#fits(bytes);
  }

  #fits(bytes: number): boolean {
    if (bytes <= this.#options.packetBytesMax) return true;
    this.#options.onTooLarge(bytes);
    return false;
  }

  #writeRun(bytes: Uint8Array, start: number, run: readonly PublishMark[]): void {
    const last = run.at(-1);
    if (!last) return;
    this.sentSeq = Math.max(this.sentSeq, last.seq);
    const shared = bytes.subarray(start, last.end);
    if (run.every(({ idAt }) => idAt === 0)) {
      this.#options.carrier.write(shared);
      return;
    }
    const own = Buffer.from(shared);
    let at = 0;
    for (const { idAt, before, seq, end } of run) {
      if (idAt > 0) {
        own.writeUInt16BE(this.#options.window.add(before), idAt - start);
        if (seq > 0 && seq <= this.#options.resentTo) own[at] = (own[at] ?? 0) | DUP;
      }
      at = end - start;
    }
    this.#options.carrier.write(own);
  }
}
