import type { CloseReason } from '@/lib/core/close-reason.ts';
import type { ResourceOwner } from '@/lib/core/ledger.ts';
import type { JournalView } from '@/lib/journal/journal-view.ts';
import type { Cancellation } from './cancellation.ts';
import type { FanOutGroup } from './fan-out-group.ts';
import type { HeartbeatFrames } from './heartbeat-frames.ts';
import type { Peer } from './peer.ts';
import type { SessionRules } from './session-clock.ts';
import type { Delivered } from './session-writer.ts';
import type { Sink } from './sink.ts';
import type { StreamSession } from './stream-session.ts';
import type { StreamStart } from './stream-start.ts';

/** What a session is given by its hub. */
export type SessionOptions = {
  readonly id: string;
  readonly peer: Peer;
  readonly journal: JournalView;
  readonly group: FanOutGroup;
  readonly sink: Sink;
  readonly resources: ResourceOwner;
  readonly rules: SessionRules;
  readonly speed: number | undefined;
  /** Where the client has asked it to begin. */
  readonly start: StreamStart;
  /** The hub's: ends whatever any of its sessions waits for. */
  readonly cancellation: Cancellation;
  readonly heartbeats: HeartbeatFrames;
  readonly delivered: Delivered;
  now(): number;
  /** A delay for the client to come back after, drawn anew each time. */
  retryMs(): number;
  /** How often a client should acknowledge, as long as there are so many of them. */
  ackMs(): number;
  onClosed(session: StreamSession, reason: CloseReason): void;
  onError(error: unknown): void;
};
