import type { StreamedEvent } from '@/lib/core/event.ts';
import { type Filter, isFilterNone } from '@/lib/core/filter.ts';
import { parsePosition } from '@/lib/core/position.ts';
import type { GapFrame, StreamFrame } from '@/lib/wire/frames.ts';
import { distance } from './cursor.ts';
import type { Notice } from './stream-batch.ts';

/**
 * The proof that nothing is missing: `prev ≤ cursor < position` holds for every event. One object lives as long as
 * the stream's owner, across all its connections; it is the only place where the cursor moves.
 */
export class Continuity {
  cursor: string | undefined;
  lost: number;
  repeated: number;
  #unfiltered = true;

  constructor(counts: { lost: number; repeated: number }) {
    this.lost = counts.lost;
    this.repeated = counts.repeated;
  }

  begin(filter: Filter, cursor: string | undefined): void {
    this.#unfiltered = isFilterNone(filter);
    this.cursor = cursor;
  }

  /** First frame of a connection. Returns the notice to show when the server cannot go on where the cursor stood. */
  open(frame: StreamFrame, atMs: number): Notice | undefined {
    const from = this.cursor ?? frame.from;
    this.cursor ??= frame.from;
    if (frame.state === 'gap' || frame.state === 'reset') {
      const missed = frame.missed ?? 0;
      const reason = frame.reason ?? (frame.state === 'reset' ? 'epoch' : 'retention');
      this.lost += missed;
      this.cursor = frame.from;
      return { kind: frame.state, gap: { from, to: frame.from, missed, reason, atMs } };
    }
    this.#breakAt(frame.from);
    return undefined;
  }

  /** Returns undefined for a gap that the first frame has announced already. One into another journal is a reset. */
  gap(frame: GapFrame, atMs: number): Notice | undefined {
    if (this.cursor !== undefined && (distance(this.cursor, frame.to) ?? 1) <= 0) return undefined;
    const kind = this.cursor !== undefined && distance(this.cursor, frame.to) === undefined ? 'reset' : 'gap';
    this.lost += frame.missed;
    this.cursor = frame.to;
    return { kind, gap: { ...frame, atMs } };
  }

  /** True when the event is new and belongs to the reader; a repeated one is counted and kept from him. */
  accept(event: StreamedEvent): boolean {
    const ahead = this.cursor === undefined ? 1 : distance(this.cursor, event.position);
    if (ahead !== undefined && ahead <= 0) {
      this.repeated += 1;
      return false;
    }
    this.#breakAt(event.prev);
    this.cursor = event.position;
    return true;
  }

  /** Frames without an event carry the cursor too: an idle or filtered stream still moves on. Never backwards. */
  moveTo(position: string): void {
    if (this.cursor === undefined ? parsePosition(position) : (distance(this.cursor, position) ?? 0) > 0) {
      this.cursor = position;
    }
  }

  /** Without a filter the distance is the number of lost events; with one it is only sure that `prev` is lost. */
  #breakAt(prev: string): void {
    if (this.cursor === undefined) return;
    const missing = distance(this.cursor, prev);
    if (missing === undefined) this.lost += 1;
    else if (missing > 0) this.lost += this.#unfiltered ? missing : 1;
    if (missing === undefined || missing > 0) this.cursor = prev;
  }
}
