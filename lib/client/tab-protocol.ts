import { z } from 'zod';
import { CLIENT_TRANSPORTS } from '@/lib/core/client-transport.ts';
import type { StreamedEvent } from '@/lib/core/event.ts';
import { filterSchema } from '@/lib/core/filter.ts';
import { GAP_REASONS } from '@/lib/wire/frames.ts';
import { PHASES } from './state.ts';
import type { Notice, StreamBatch, StreamReport } from './stream-batch.ts';
import { TRANSPORT_WISHES, TRIES_MAX, transportTrySchema } from './transport-try.ts';

/** Tabs of one origin may run different builds: a change of these messages needs other names for lock and channel. */
export const STREAM_LOCK = 'tailrace-2-stream';
export const TAB_LOCK_PREFIX = 'tailrace-2-tab-';
export const CHANNEL = 'tailrace-2';

const tabId = z.string().min(1).max(64);
const gap = z.object({
  from: z.string(),
  to: z.string(),
  missed: z.number(),
  reason: z.enum(GAP_REASONS),
  atMs: z.number(),
});
const notice = z.union([
  z.object({ kind: z.enum(['gap', 'reset']), gap }),
  z.object({ kind: z.literal('caught-up'), atMs: z.number(), downMs: z.number().exactOptional(), lost: z.number() }),
]) satisfies z.ZodType<Notice>;

/** The events are not looked at one by one: a tab of the same origin sent them, and there are many. */
const events = z.custom<readonly StreamedEvent[]>((value) => Array.isArray(value));

const text = z.string().optional();
const text200 = z.string().max(200);
const count = z.number();

const messageSchema = z.discriminatedUnion('type', [
  /** What a tab needs: null when none of its views wants events. Sent on every change, and again when it has a hole. */
  z.object({
    type: z.literal('register'),
    tabId,
    need: z.object({ filter: filterSchema, cursor: z.string() }).nullable(),
  }),
  z.object({ type: z.literal('leave'), tabId }),
  /** A new leader asks every tab for its need. */
  z.object({ type: z.literal('who') }),
  z.object({ type: z.literal('reconnect') }),
  /** The reader of a tab has chosen a transport, or `automatic`. */
  z.object({ type: z.literal('wish'), wish: z.enum(TRANSPORT_WISHES), why: text200, remember: z.boolean() }),
  z.object({
    type: z.literal('batch'),
    batch: z.object({
      filter: filterSchema,
      fromCursor: z.string(),
      toCursor: z.string(),
      replay: z.boolean(),
      notices: z.array(notice),
      events,
    }),
  }),
  z.object({
    type: z.literal('report'),
    tabs: count,
    report: z.object({
      phase: z.enum(PHASES),
      sinceMs: count,
      cause: z.string(),
      attempt: count,
      retryAtMs: count.optional(),
      connectionId: text,
      epoch: text,
      head: text,
      cursor: text,
      heartbeatMs: count.optional(),
      received: count,
      replayed: count,
      lost: count,
      repeated: count,
      bytes: count,
      reconnects: count,
      transport: z.enum(CLIENT_TRANSPORTS).optional(),
      wish: z.enum(TRANSPORT_WISHES).optional(),
      why: z.string(),
      tried: z.array(transportTrySchema).max(TRIES_MAX),
      switches: count,
      switching: z.boolean(),
      heartbeats: count,
      heartbeatDelayMs: count.nullable(),
    }),
  }),
]);
type Parsed = z.infer<typeof messageSchema>;

/** What goes to and from the room's other parts, whose types are stricter about what may be absent. */
export type TabMessage =
  | Exclude<Parsed, { type: 'batch' | 'report' | 'register' }>
  | { type: 'register'; tabId: string; need: TabNeed | null }
  | { type: 'batch'; batch: StreamBatch }
  | { type: 'report'; report: StreamReport; tabs: number };

export type TabNeed = { readonly filter: StreamBatch['filter']; readonly cursor: string };

/** Returns undefined for what is no message of this protocol: another script may use the channel's name. */
export function parseTabMessage(data: unknown): TabMessage | undefined {
  const parsed = messageSchema.safeParse(data);
  return parsed.success ? (parsed.data as TabMessage) : undefined;
}
