import { formatPosition } from '@/lib/core/position.ts';
import type { ReadableEvent } from '@/lib/journal/journal-reader.ts';
import type { ControlFrames, ControlName } from '@/lib/wire/frames.ts';
import type { EncodedChunk } from './fan-out-group.ts';
import type { Heartbeat, HeartbeatFrames } from './heartbeat-frames.ts';
import type { Sink } from './sink.ts';
import type { ResolvedStart } from './stream-start.ts';
import type { FrameName, WireFormat } from './wire-format.ts';

/** What all writers of a hub have handed to their sinks. */
export type Delivered = { events: number; bytes: number };

/** A session's sink, and what has gone into it: how far the client has been told, how much, and when last. */
export class SessionWriter {
  readonly #sink: Sink;
  readonly #format: WireFormat;
  readonly #epoch: string;
  readonly #now: () => number;
  readonly #delivered: Delivered;
  /** False from the write that filled the sink until the sink calls back. */
  ready = true;
  /** The highest seq whose `id` the client has been sent. */
  toldSeq = 0;
  writtenMs: number;
  eventsSent = 0;
  bytesSent = 0;

  constructor(sink: Sink, format: WireFormat, epoch: string, now: () => number, delivered: Delivered) {
    this.#delivered = delivered;
    this.#sink = sink;
    this.#format = format;
    this.#epoch = epoch;
    this.#now = now;
    this.writtenMs = now();
  }

  position(seq: number): string {
    return formatPosition(this.#epoch, seq);
  }

  /** The first frame: how the stream goes on from what the client has. */
  open(connectionId: string, start: ResolvedStart, headSeq: number, heartbeatMs: number): void {
    const { afterSeq, state, missed, reason } = start;
    const [from, head] = [this.position(afterSeq), this.position(headSeq)];
    const details = { ...(missed !== undefined && { missed }), ...(reason && { reason }) };
    this.tell('stream', { state, connectionId, epoch: this.#epoch, head, from, ...details, heartbeatMs }, afterSeq);
  }

  heartbeat(frames: HeartbeatFrames, beat: Omit<Heartbeat, 'epoch'>): void {
    this.toldSeq = Math.max(this.toldSeq, beat.seq);
    this.#write(frames.of(this.#format, { epoch: this.#epoch, ...beat }), 'heartbeat');
  }

  /** A control frame that moves the client's cursor to `seq`. */
  tell<Name extends ControlName>(name: Name, data: ControlFrames[Name], seq: number): void {
    this.toldSeq = Math.max(this.toldSeq, seq);
    this.#write(this.#format.control(name, data, this.position(seq)), name);
  }

  /** A control frame that leaves the client's cursor where it is. */
  say<Name extends ControlName>(name: Name, data: ControlFrames[Name]): void {
    this.#write(this.#format.control(name, data), name);
  }

  retry(retryMs: number): void {
    this.#write(this.#format.retry(retryMs), 'retry');
  }

  /**
   * @param previous seq of the event before the first of these under the filter
   * @param durableSeq events beyond it are marked as not stored yet
   */
  events(previous: number, events: readonly ReadableEvent[], durableSeq: number): void {
    const last = events.at(-1);
    if (!last) return;
    this.toldSeq = Math.max(this.toldSeq, last.seq);
    this.eventsSent += events.length;
    this.#delivered.events += events.length;
    this.#write(this.#format.events(this.#epoch, previous, events, durableSeq), 'events');
  }

  /** A frame of the group's; its time is noted there once for all members. */
  chunk(chunk: EncodedChunk): void {
    if (!chunk.bytes) return;
    this.toldSeq = chunk.lastMatch;
    this.eventsSent += chunk.count;
    this.bytesSent += chunk.bytes.length;
    this.#delivered.events += chunk.count;
    this.#delivered.bytes += chunk.bytes.length;
    this.ready = this.#sink.write(chunk.bytes, 'events');
  }

  end(): void {
    this.#sink.end();
  }

  /** Breaks the connection without a word. */
  destroy(): void {
    this.#sink.destroy();
  }

  get queuedBytes(): number {
    return this.#sink.queuedBytes;
  }

  #write(bytes: Uint8Array, what: FrameName): void {
    if (bytes.length === 0) return;
    this.bytesSent += bytes.length;
    this.#delivered.bytes += bytes.length;
    this.writtenMs = this.#now();
    this.ready = this.#sink.write(bytes, what);
  }
}
