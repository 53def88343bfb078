import type { StreamReport } from './stream-batch.ts';
import { LATE_MS } from './transport-choice.ts';
import { HEARTBEAT_DEFAULT_MS } from './watchdog.ts';

/** So much between two heartbeats is a flood, and a browser that has to work through it hears late by itself. */
const FLOOD_BYTES = 1024 * 1024;
/** Two heartbeats so close together were not sent so. */
const TOGETHER_MS = 100;

/** Of the stream so far: the newest heartbeat's delay against the quickest one, bytes, and the promised interval. */
export type Rhythm = Pick<StreamReport, 'heartbeatDelayMs' | 'bytes' | 'heartbeatMs'>;

/** Holds the arrival of heartbeats against the promised rhythm: what sits between may collect them and pass them on later. */
export class RhythmWatch {
  #inBurst = false;
  #last: { sentMs: number; atMs: number; bytes: number } | undefined;

  /** A new connection has a rhythm of its own. */
  begin(): void {
    this.#last = undefined;
  }

  /** Undefined where a heartbeat says nothing either way. */
  heard(time: string, rhythm: Rhythm, atMs: number): 'on-time' | 'late' | 'burst' | undefined {
    const { heartbeatDelayMs: delayMs, bytes, heartbeatMs = HEARTBEAT_DEFAULT_MS } = rhythm;
    const sentMs = Date.parse(time);
    const last = this.#last;
    if (Number.isNaN(sentMs)) return undefined;
    this.#last = { sentMs, atMs, bytes };
    const isTogether = last !== undefined && atMs - last.atMs < TOGETHER_MS;
    const wasInBurst = this.#inBurst;
    this.#inBurst = isTogether && (wasInBurst || sentMs - last.sentMs >= heartbeatMs / 2);
    // However many come at once, it happened once: a laptop that wakes looks the same.
    if (this.#inBurst) return wasInBurst ? undefined : 'burst';
    if (delayMs === null || delayMs < LATE_MS) return 'on-time';
    return last !== undefined && bytes - last.bytes > FLOOD_BYTES ? undefined : 'late';
  }
}
