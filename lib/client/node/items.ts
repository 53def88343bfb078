import type { ClientTransport } from '@/lib/core/client-transport.ts';
import type { StreamedEvent } from '@/lib/core/event.ts';
import type { GapReason } from '@/lib/wire/frames.ts';

/**
 * Events that will not come: those after `from` up to `to`. `missed` counts them, whatever the filter; 0 where nobody can
 * know. `unannounced`: the server went on as if nothing were missing, and the proof of continuity found it out; under a
 * filter `missed` is then 1 and means at least one.
 */
export type Gap = {
  readonly from: string;
  readonly to: string;
  readonly missed: number;
  readonly reason: GapReason | 'unannounced';
};

/** What a connection brings, in the order of the journal. */
export type ConnectionItem =
  | { readonly type: 'event'; readonly event: StreamedEvent }
  /** `reset`: another journal begins here, the server's old one is gone. */
  | { readonly type: 'gap' | 'reset'; readonly gap: Gap }
  /** What follows is live. `downMs` is there when a lost connection is back, `lost` counts what that cost. */
  | { readonly type: 'live'; readonly downMs?: number; readonly lost: number }
  /** The server asked not to come back; nothing follows. */
  | { readonly type: 'end'; readonly cause: string };

/** `closed`: by `close`, the signal, or because the server asked to stop: then `cause` says why. */
export type ConnectionPhase = 'connecting' | 'replaying' | 'live' | 'waiting' | 'closed';

/** Where a connection stands. All counts are since `connect`. */
export type ConnectionReport = {
  readonly state: ConnectionPhase;
  /** Why it stands there, in words. */
  readonly cause: string;
  /** Failed attempts since a stream was last open. */
  readonly attempt: number;
  readonly transport: ClientTransport;
  /** Position of the last event or control frame read from the line, which is ahead of `Connection.cursor`. */
  readonly read: string | undefined;
  /** Events read. */
  readonly received: number;
  /** Events that will never come: those of all gaps. */
  readonly lost: number;
  /** Events that came twice, and were handed out once. */
  readonly repeated: number;
  readonly reconnects: number;
};

/** Thrown by `Connection.events` at a gap, unless `onGap` takes it. The connection lives on: iterate again to go on. */
export class StreamGapError extends Error {
  readonly gap: Gap;
  readonly isReset: boolean;

  constructor(gap: Gap, isReset: boolean) {
    const events = gap.missed === 1 ? '1 event is' : `${gap.missed} events are`;
    super(
      isReset
        ? `another journal begins at ${gap.to} (${gap.reason}); ${events} known to be missing`
        : `${events} missing between ${gap.from} and ${gap.to} (${gap.reason})`,
    );
    this.name = 'StreamGapError';
    this.gap = gap;
    this.isReset = isReset;
  }
}

/** Thrown by `Connection.events` when the server asks not to come back (204, or `reconnect: false`). */
export class StreamEndedError extends Error {
  constructor(cause: string) {
    super(`the stream has ended for good: ${cause}`);
    this.name = 'StreamEndedError';
  }
}
