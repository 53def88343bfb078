import { z } from 'zod';
import { CLOSE_REASONS } from '@/lib/core/close-reason.ts';
import { ACTIVITIES, CONNECTION_STATES } from '@/lib/core/connection-state.ts';
import { filterSchema } from '@/lib/core/filter.ts';

/** `sse-web` is `text/event-stream` out of a route handler; `http` the NDJSON stream; `poll` one long poll. */
export const TRANSPORTS = ['sse', 'sse-web', 'ws', 'http', 'poll', 'grpc', 'mqtt'] as const;

const reasons = Object.keys(CLOSE_REASONS) as [keyof typeof CLOSE_REASONS];

export const connectionStepSchema = z.object({
  state: z.enum(CONNECTION_STATES),
  activity: z.enum(ACTIVITIES).optional(),
  atMs: z.number(),
  cause: z.string(),
});

/** One server-side connection, open or closed a short while ago. Times in ms since 1970. */
export const connectionRowSchema = z.object({
  id: z.string(),
  transport: z.enum(TRANSPORTS),
  /** Of the client; behind a proxy that is not trusted, the proxy's. `unknown` where the platform does not tell. */
  address: z.string(),
  state: z.enum(CONNECTION_STATES),
  activity: z.enum(ACTIVITIES).optional(),
  /** Who: a name or the fingerprint of a token; absent when nobody asked for any. */
  user: z.string().optional(),
  filter: filterSchema,
  /** Where the stream has been served up to. */
  position: z.string(),
  /** Events between that and the head (unfiltered), and how long the oldest of them has been waiting. */
  lagEvents: z.number(),
  lagMs: z.number(),
  /** Where the client says it is; absent before the first acknowledgement. */
  ackedPosition: z.string().optional(),
  ackedLagEvents: z.number().optional(),
  ackedAtMs: z.number().optional(),
  roundTripMs: z.number().optional(),
  eventsSent: z.number(),
  bytesSent: z.number(),
  queuedBytes: z.number(),
  openedMs: z.number(),
  lastActivityMs: z.number(),
  reconnects: z.number(),
  userAgent: z.string(),
  closedMs: z.number().optional(),
  reason: z.enum(reasons).optional(),
});
export type ConnectionRow = z.infer<typeof connectionRowSchema>;

export const CONNECTION_SORTS = ['lag', 'age', 'bytes', 'events', 'queue', 'activity', 'roundTrip', 'address'] as const;
export const CONNECTION_ROWS_MAX = 500;

/** Query of `GET /api/connections` and of its stream: which rows, in which order. */
export const connectionQuerySchema = z.object({
  state: z.enum([...CONNECTION_STATES, ...ACTIVITIES]).optional(),
  /** Found in id, address, user, user agent or filter. */
  q: z.string().max(200).optional(),
  sort: z.enum(CONNECTION_SORTS).default('lag'),
  order: z.enum(['asc', 'desc']).default('desc'),
  limit: z.coerce.number().int().min(1).max(CONNECTION_ROWS_MAX).default(100),
  /** Connections that ended a short while ago too. */
  closed: z.enum(['0', '1']).default('0'),
});
export type ConnectionQuery = z.infer<typeof connectionQuerySchema>;

/**
 * One second of all connections, for the charts. Counters are of that second, gauges as they stood at its end.
 * `states` counts by state, an active one by its activity; `closed` counts by reason; absent keys are 0.
 */
export const connectionSampleSchema = z.object({
  atMs: z.number(),
  states: z.record(z.string(), z.number()),
  transports: z.record(z.string(), z.number()),
  opened: z.number(),
  refused: z.number(),
  closed: z.record(z.string(), z.number()),
  lagP50Ms: z.number(),
  lagP95Ms: z.number(),
  lagP99Ms: z.number(),
  eventsSent: z.number(),
  bytesSent: z.number(),
});
export type ConnectionSample = z.infer<typeof connectionSampleSchema>;

/** How evenly the crowd came back after the last burst of arrivals: busiest second over the mean second. */
export const herdSchema = z.object({
  atMs: z.number(),
  connections: z.number(),
  seconds: z.number(),
  factor: z.number(),
});

export const connectionSummarySchema = z.object({
  nowMs: z.number(),
  head: z.string(),
  open: z.number(),
  /** Rows that match the query, of which at most `limit` are in `rows`. */
  matching: z.number(),
  connectionsMax: z.number(),
  openedTotal: z.number(),
  refusedTotal: z.number(),
  closedTotal: z.record(z.string(), z.number()),
  draining: z.boolean(),
  herd: herdSchema.optional(),
});
export type ConnectionSummary = z.infer<typeof connectionSummarySchema>;

/** Answer of `GET /api/connections`. */
export const connectionPageSchema = z.object({ summary: connectionSummarySchema, rows: z.array(connectionRowSchema) });
export type ConnectionPage = z.infer<typeof connectionPageSchema>;

/** Answer of `GET /api/connections/:id`. */
export const connectionDetailSchema = z.object({ row: connectionRowSchema, steps: z.array(connectionStepSchema) });
export type ConnectionDetail = z.infer<typeof connectionDetailSchema>;

/**
 * Frames of `GET /api/connections/stream` (each `event: connections`), once a second: the first brings the samples of the
 * last quarter of an hour, every other one those since the frame before.
 */
export const connectionFrameSchema = connectionPageSchema.extend({ samples: z.array(connectionSampleSchema) });
export type ConnectionFrame = z.infer<typeof connectionFrameSchema>;

/** Body of `POST /api/connections/:id/disconnect`: `kick` tells the client not to come back. */
export const disconnectSchema = z.object({ kick: z.boolean().default(false) });
