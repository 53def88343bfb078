import { z } from 'zod';

export const BREAKER_STATES = ['closed', 'open', 'half-open'] as const;

/** What is measured once a second. `unit` is UCUM as metrics carry it. `alarm`: above it the chart is red. */
export const SYSTEM_METRICS = {
  cpu: { title: 'CPU', unit: '%', warn: 70, alarm: 90 },
  loopUtilization: { title: 'Event loop busy', unit: '%', warn: 70, alarm: 90 },
  loopDelayP95Ms: { title: 'Event loop delay p95', unit: 'ms', warn: 50, alarm: 200 },
  loopDelayP99Ms: { title: 'Event loop delay p99', unit: 'ms', warn: 100, alarm: 500 },
  gcPauseMs: { title: 'Garbage collection', unit: 'ms', warn: 100, alarm: 300 },
  rssBytes: { title: 'Memory (RSS)', unit: 'By', warn: undefined, alarm: undefined },
  heapUsedBytes: { title: 'Heap used', unit: 'By', warn: undefined, alarm: undefined },
  externalBytes: { title: 'Outside the heap', unit: 'By', warn: undefined, alarm: undefined },
  descriptors: { title: 'Descriptors', unit: '1', warn: undefined, alarm: undefined },
  connections: { title: 'Connections', unit: '1', warn: undefined, alarm: undefined },
  deliveryLagP95Ms: { title: 'Delivery lag p95', unit: 'ms', warn: 500, alarm: 2000 },
  deliveryLagP99Ms: { title: 'Delivery lag p99', unit: 'ms', warn: 1000, alarm: 5000 },
  historyP95Ms: { title: 'History call p95', unit: 'ms', warn: 200, alarm: 1000 },
  historyP99Ms: { title: 'History call p99', unit: 'ms', warn: 500, alarm: 2000 },
  errorPercent: { title: 'Errors', unit: '%', warn: 1, alarm: 5 },
  acceptedPerSecond: { title: 'Events in', unit: '/s', warn: undefined, alarm: undefined },
  deliveredPerSecond: { title: 'Events out', unit: '/s', warn: undefined, alarm: undefined },
  heldEvents: { title: 'Not stored yet', unit: '1', warn: 1, alarm: undefined },
} as const satisfies Record<
  string,
  { title: string; unit: string; warn: number | undefined; alarm: number | undefined }
>;
export type SystemMetric = keyof typeof SYSTEM_METRICS;
export const SYSTEM_METRIC_NAMES = Object.keys(SYSTEM_METRICS) as SystemMetric[];

/** `values` in the order of SYSTEM_METRIC_NAMES; null where nothing was measured. */
export const systemSampleSchema = z.object({ atMs: z.number(), values: z.array(z.number().nullable()) });
export type SystemSample = z.infer<typeof systemSampleSchema>;

export const heapSpaceSchema = z.object({ name: z.string(), usedBytes: z.number(), sizeBytes: z.number() });

/** `buckets[i]` collections paused the program for up to `GC_BUCKETS_MS[i]`; the last bucket has no bound. */
export const GC_BUCKETS_MS = [1, 2, 5, 10, 20, 50, 100, 200] as const;
export const gcSchema = z.object({
  kind: z.string(),
  count: z.number(),
  totalMs: z.number(),
  buckets: z.array(z.number()),
});

export const slowCallSchema = z.object({
  atMs: z.number(),
  method: z.string(),
  tookMs: z.number(),
  detail: z.string(),
  failed: z.boolean(),
});
export type SlowCall = z.infer<typeof slowCallSchema>;

export const breakerSchema = z.object({
  name: z.string(),
  state: z.enum(BREAKER_STATES),
  sinceMs: z.number(),
  /** Of the calls in its window. */
  calls: z.number(),
  failures: z.number(),
  slow: z.number(),
  opened: z.number(),
  /** When the next probe is due, while open. */
  probeAtMs: z.number().optional(),
  lastError: z.string().optional(),
});
export type BreakerReport = z.infer<typeof breakerSchema>;

/** In this order memory is given back when the soft limit is passed. */
export const SHED_STEPS = ['none', 'refuse-new', 'shorten-rings', 'lengthen-frames'] as const;

export const ledgerSchema = z.object({
  held: z.record(z.string(), z.number()),
  leaked: z.number(),
  leaks: z.array(z.object({ owner: z.string(), kind: z.string(), count: z.number(), atMs: z.number() })),
});

/** Answer of `GET /api/system`, and of each frame of its stream without `samples`. */
export const systemReportSchema = z.object({
  nowMs: z.number(),
  startedMs: z.number(),
  version: z.string(),
  nodeVersion: z.string(),
  pid: z.number(),
  cores: z.number(),
  memory: z.object({ softMaxBytes: z.number(), shed: z.enum(SHED_STEPS), sheds: z.number() }),
  descriptorsMax: z.number().optional(),
  heapSpaces: z.array(heapSpaceSchema),
  gc: z.array(gcSchema),
  slowCalls: z.array(slowCallSchema),
  breakers: z.array(breakerSchema),
  held: z.object({ events: z.number(), eventsMax: z.number() }),
  ledger: ledgerSchema,
  /** What a guard allows: `chaos` and `diagnostics` are off unless enabled. */
  enabled: z.object({ chaos: z.boolean(), diagnostics: z.boolean() }),
});
export type SystemReport = z.infer<typeof systemReportSchema>;

/** Frames of `GET /api/system/stream` (each `event: system`), once a second; `samples` as in connectionFrameSchema. */
export const systemFrameSchema = z.object({ report: systemReportSchema, samples: z.array(systemSampleSchema) });
export type SystemFrame = z.infer<typeof systemFrameSchema>;
