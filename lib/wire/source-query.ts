import { z } from 'zod';

export const SENDER_SORTS = [
  'last',
  'protocol',
  'address',
  'accepted',
  'rejected',
  'late',
  'truncated',
  'skew',
  'bytes',
  'events',
] as const;
export const SENDER_ROWS_MAX = 500;
export const SENDER_KEY_CHARS_MAX = 600;

/** Query of `GET /api/sources` and of its stream: which senders, in which order, and which one in detail. */
export const sourceQuerySchema = z.object({
  /** Found in protocol, address, credential, a service or the last error. */
  q: z.string().max(200).optional(),
  sort: z.enum(SENDER_SORTS).default('protocol'),
  order: z.enum(['asc', 'desc']).default('asc'),
  limit: z.coerce.number().int().min(1).max(SENDER_ROWS_MAX).default(200),
  /** See `senderKey`. */
  open: z.string().max(SENDER_KEY_CHARS_MAX).optional(),
});
export type SourceQuery = z.infer<typeof sourceQuerySchema>;

const errorSchema = z.object({
  atMs: z.number(),
  status: z.number().optional(),
  says: z.string(),
  count: z.number(),
});

const countsSchema = z.object({
  protocol: z.string(),
  requests: z.number(),
  accepted: z.number(),
  rejected: z.number(),
  late: z.number(),
  truncated: z.number(),
  notKept: z.number().optional(),
  limited: z.number(),
  failed: z.number(),
  bytes: z.number(),
  lastMs: z.number(),
  lastError: errorSchema.optional(),
});

const senderSchema = countsSchema.extend({
  address: z.string(),
  credential: z.string().nullable(),
  services: z.array(z.string()),
  bytesPerSecond: z.number(),
  eventsPerSecond: z.number(),
  skewMs: z.number().nullable(),
  firstMs: z.number(),
});

/** Frames of `GET /api/sources/stream` (each `event: sources`), once a second: a `SourcesPage`. */
export const sourcesFrameSchema = z.object({
  nowMs: z.number(),
  startedMs: z.number(),
  head: z.string(),
  rows: z.array(senderSchema),
  matching: z.number(),
  senders: z.number(),
  forgotten: z.number(),
  eventsPerSecond: z.number(),
  bytesPerSecond: z.number(),
  protocols: z.array(countsSchema.extend({ senders: z.number(), lastAddress: z.string() })),
  uncharted: z.object({
    samples: z.number(),
    series: z.number(),
    hasMoreSeries: z.boolean(),
    seriesMax: z.number(),
    worst: z.array(z.object({ service: z.string(), name: z.string(), samples: z.number() })),
  }),
  doors: z.object({
    host: z.string(),
    ports: z.record(z.string(), z.number()),
    scrape: z.array(z.object({ job: z.string(), url: z.string() })),
  }),
  open: z.object({ row: senderSchema, errors: z.array(errorSchema), uncharted: z.number() }).optional(),
});

/** Query of `POST /api/sources/test`: who asks names the line, so that he knows it when it comes, maybe before the answer. */
export const testQuerySchema = z.object({ id: z.string().regex(/^[A-Za-z0-9]{1,32}$/, 'expected letters and digits') });

export const testLineSchema = z.object({
  id: z.string(),
  position: z.string(),
  durable: z.boolean(),
  storedInMs: z.number(),
});
