import type { ClientTransport } from '@/lib/core/client-transport.ts';
import type { PlacedEvent } from '@/lib/core/event.ts';
import type { GapFrame } from '@/lib/wire/frames.ts';
import type { MetricPoint, MetricSeries } from '@/lib/wire/pages.ts';
import type { TransportTry, TransportWish } from './transport-try.ts';

/** Where this browser's stream stands; moved only by the reducer in `connection-machine.ts`. */
export const PHASES = ['idle', 'connecting', 'replaying', 'live', 'stale', 'waiting', 'offline', 'closed'] as const;
export type Phase = (typeof PHASES)[number];

export type PhaseChange = { readonly phase: Phase; readonly atMs: number; readonly cause: string };

/** One loss of the connection and how it healed. */
export type Outage = {
  readonly atMs: number;
  readonly cause: string;
  /** Until the next stream opened; undefined while it lasts. */
  readonly downMs?: number;
  /** From the opened stream to `live`. */
  readonly catchUpMs?: number;
  readonly replayed: number;
};

/** One second of the stream. `heartbeatDelayMs` is null where no heartbeat came in that second. */
export type StreamSample = {
  readonly atMs: number;
  readonly events: number;
  readonly bytes: number;
  readonly heartbeatDelayMs: number | null;
  readonly phase: Phase;
};

export type GapNotice = GapFrame & { readonly atMs: number };

/** Who holds the one stream of this browser: this tab, another tab, or every tab its own (no Web Locks). */
export type TabRole = 'leader' | 'follower' | 'alone';

export type ConnectionState = {
  readonly phase: Phase;
  readonly sinceMs: number;
  readonly cause: string;
  /** Failed attempts since the last open stream. */
  readonly attempt: number;
  /** When the next attempt is due, in phase `waiting`. */
  readonly retryAtMs: number | undefined;
  readonly role: TabRole;
  readonly tabs: number;
  readonly connectionId: string | undefined;
  readonly epoch: string | undefined;
  readonly head: string | undefined;
  readonly cursor: string | undefined;
  readonly heartbeatMs: number | undefined;
  readonly received: number;
  readonly replayed: number;
  /** Breaks found by `prev ≤ cursor < position`, and events that announced gaps left out. */
  readonly lost: number;
  readonly repeated: number;
  readonly bytes: number;
  readonly reconnects: number;
  /** What the stream is read by; undefined before the first attempt. */
  readonly transport: ClientTransport | undefined;
  readonly wish: TransportWish | undefined;
  /** Why this transport: a sentence without its full stop. */
  readonly why: string;
  readonly tried: readonly TransportTry[];
  /** Times that the running stream went over to another transport. */
  readonly switches: number;
  /** It is going over now. */
  readonly switching: boolean;
  /** Newest last, bounded. */
  readonly changes: readonly PhaseChange[];
  readonly outages: readonly Outage[];
  readonly gaps: readonly GapNotice[];
  readonly samples: readonly StreamSample[];
};

export type LogRow =
  | { readonly kind: 'event'; readonly key: string; readonly seq: number; readonly event: PlacedEvent }
  | {
      readonly kind: 'marker';
      readonly key: string;
      readonly atMs: number;
      readonly marker: 'gap' | 'reset' | 'reconnected';
      readonly text: string;
    };

export type LogState = {
  /** In journal order, bounded; the array is replaced, never changed, at most once a frame. */
  readonly rows: readonly LogRow[];
  /** False while the reader has paused or scrolled up: then `rows` stands still and `unseen` counts. */
  readonly following: boolean;
  readonly unseen: number;
  /** Older lines from history: nothing asked, on their way, none left, or the sentence to show. */
  readonly older: 'idle' | 'loading' | 'end' | { readonly error: string };
  /** First page of a changed filter. */
  readonly loading: boolean;
  readonly error: string | undefined;
};

export const RANGES = {
  '1m': 60_000,
  '5m': 300_000,
  '15m': 900_000,
  '1h': 3_600_000,
  '6h': 21_600_000,
  '24h': 86_400_000,
};
export type RangeKey = keyof typeof RANGES;

/** A series as the charts draw it: points in time order, one a bucket; a bucket without a sample is absent. */
export type ChartSeries = Omit<MetricSeries, 'points'> & {
  readonly key: string;
  readonly points: readonly MetricPoint[];
};

export type MetricState = {
  readonly range: RangeKey;
  /** The window drawn: it moves with the clock while live. */
  readonly fromMs: number;
  readonly toMs: number;
  readonly stepMs: number;
  readonly series: readonly ChartSeries[];
  readonly omitted: number;
  readonly loading: boolean;
  readonly error: string | undefined;
};
