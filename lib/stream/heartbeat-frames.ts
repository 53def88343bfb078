import { formatPosition } from '@/lib/core/position.ts';
import type { WireFormat } from './wire-format.ts';

/** What a heartbeat says. */
export type Heartbeat = {
  readonly epoch: string;
  readonly nowMs: number;
  readonly headSeq: number;
  /** How far the client has been served: its cursor moves there. */
  readonly seq: number;
  /** How often it should acknowledge; undefined: at every heartbeat. */
  readonly ackMs: number | undefined;
};

/**
 * Heartbeats, encoded once for all sessions that beat in the same turn of the wheel and stand at the same place: with ten
 * thousand idle streams some hundred and fifty a turn. Encoding each by itself cost more than sending it, most of it in
 * collecting the garbage.
 */
export class HeartbeatFrames {
  readonly #last = new Map<WireFormat, Heartbeat & { readonly bytes: Uint8Array }>();

  of(format: WireFormat, beat: Heartbeat): Uint8Array {
    const last = this.#last.get(format);
    if (last && isSame(last, beat)) return last.bytes;
    const { epoch, nowMs, headSeq, seq, ackMs } = beat;
    const frame = { time: new Date(nowMs).toISOString(), head: formatPosition(epoch, headSeq) };
    const said = ackMs === undefined ? frame : { ...frame, ackMs };
    const bytes = format.control('heartbeat', said, formatPosition(epoch, seq));
    this.#last.set(format, { ...beat, bytes });
    return bytes;
  }
}

function isSame(a: Heartbeat, b: Heartbeat): boolean {
  const isSamePlace = a.epoch === b.epoch && a.headSeq === b.headSeq && a.seq === b.seq;
  return isSamePlace && a.nowMs === b.nowMs && a.ackMs === b.ackMs;
}
