import type { StreamedEvent } from '@/lib/core/event.ts';
import type { Filter } from '@/lib/core/filter.ts';
import type { ConnectionState, GapNotice } from './state.ts';
import type { TransportReport } from './transport-try.ts';

/** A fact about continuity, at its place between the events. */
export type Notice =
  | { readonly kind: 'gap' | 'reset'; readonly gap: GapNotice }
  /** The stream is live (again); `downMs` is present when that ended a loss of the connection. */
  | { readonly kind: 'caught-up'; readonly atMs: number; readonly downMs?: number; readonly lost: number };

/**
 * What one flush delivers: every event after `fromCursor` up to `toCursor` that `filter` lets through. The notices
 * happened before the first of the events. After a reset the events belong to the journal of `toCursor`.
 */
export type StreamBatch = {
  readonly filter: Filter;
  readonly fromCursor: string;
  readonly toCursor: string;
  /** These events are caught up on, not live. */
  readonly replay: boolean;
  readonly notices: readonly Notice[];
  readonly events: readonly StreamedEvent[];
};

/** The small, changing part of ConnectionState: what the leader tells the other tabs. */
export type StreamReport = Pick<
  ConnectionState,
  | 'phase'
  | 'sinceMs'
  | 'cause'
  | 'attempt'
  | 'retryAtMs'
  | 'connectionId'
  | 'epoch'
  | 'head'
  | 'cursor'
  | 'heartbeatMs'
  | 'received'
  | 'replayed'
  | 'lost'
  | 'repeated'
  | 'bytes'
  | 'reconnects'
  | keyof TransportReport
> & {
  readonly heartbeats: number;
  /** Delay of the newest heartbeat against the quickest one seen, which cancels the difference of the two clocks. */
  readonly heartbeatDelayMs: number | null;
};

export function emptyReport(atMs: number): StreamReport {
  return {
    phase: 'idle',
    sinceMs: atMs,
    cause: 'not started',
    attempt: 0,
    retryAtMs: undefined,
    connectionId: undefined,
    epoch: undefined,
    head: undefined,
    cursor: undefined,
    heartbeatMs: undefined,
    received: 0,
    replayed: 0,
    lost: 0,
    repeated: 0,
    bytes: 0,
    reconnects: 0,
    transport: undefined,
    wish: undefined,
    why: '',
    tried: [],
    switches: 0,
    switching: false,
    heartbeats: 0,
    heartbeatDelayMs: null,
  };
}
