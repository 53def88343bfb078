import { z } from 'zod';
import type { Level } from './level.ts';

export const MESSAGE_BYTES_MAX = 256 * 1024;
export const ATTRIBUTES_MAX = 128;
export const ATTRIBUTE_KEY_CHARS_MAX = 256;
export const ATTRIBUTE_VALUE_BYTES_MAX = 16 * 1024;
/** Objects and arrays within each other, the event itself counted: cleaning and writing JSON recurse. */
export const DEPTH_MAX = 64;
export const NAME_CHARS_MAX = 256;
/** One event as JSON may not be larger: a full message in which every byte needs an escape still fits. */
export const EVENT_BYTES_MAX = 2 * 1024 * 1024;

export type JsonValue = string | number | boolean | null | JsonValue[] | { [key: string]: JsonValue };
export type Attributes = Record<string, JsonValue>;

/** What the journal noticed about an event and kept all the same. */
export type Flag = 'time-before-1970' | 'time-in-future' | 'control-characters';

type Common = { time: string; service: string; attributes?: Attributes; flags?: Flag[] };

/** `time` is ISO 8601 in UTC with milliseconds, in every event that has passed the edge. */
export type LogEvent = Common & {
  kind: 'log';
  level: Level;
  message: string;
  traceId?: string;
  spanId?: string;
};

export type MetricType = 'gauge' | 'counter';
export type MetricEvent = Common & {
  kind: 'metric';
  name: string;
  value: number;
  type: MetricType;
  unit?: string;
};

export type TailraceEvent = LogEvent | MetricEvent;
export type Kind = TailraceEvent['kind'];
export const KINDS = ['log', 'metric'] as const satisfies readonly Kind[];

/** Present where an event was passed on while the history was away: a crash could still take it back. */
type Held = { durable?: false };

/** An event as a stream delivers it: `prev` is the position of the event before it under the stream's filter. */
export type StreamedEvent = TailraceEvent & Held & { position: string; prev: string };

/** An event as a history page holds it. */
export type PlacedEvent = TailraceEvent & Held & { position: string };

const name = z
  .string()
  .min(1)
  .max(NAME_CHARS_MAX, { error: `expected at most ${NAME_CHARS_MAX} characters` });
const time = z.union([z.string().max(64), z.number()]).optional();
// What JSON.parse returned is JSON already: a schema that walks every key and value would double the cost of a line.
// The limits on attributes are checked where they are cleaned, see `prepareEvent`.
const attributes = z
  .custom<Attributes>((value) => typeof value === 'object' && value !== null && !Array.isArray(value), {
    error: 'expected an object',
  })
  .optional();

/** What a sender may write for a log (DESIGN §4); keys beyond these are folded into its attributes. */
export const logInputSchema = z.looseObject({
  kind: z.literal('log').optional(),
  time,
  level: z.union([z.string().max(64), z.number()]).optional(),
  service: name.optional(),
  message: z.string(),
  attributes,
  traceId: z.string().max(64).optional(),
  spanId: z.string().max(64).optional(),
});

/** What a sender may write for a metric. JSON has no NaN and no Infinity, so a value is always finite. */
export const metricInputSchema = z.looseObject({
  kind: z.literal('metric'),
  time,
  name,
  value: z.number(),
  unit: z.string().max(32).optional(),
  type: z.enum(['gauge', 'counter']).optional(),
  service: name.optional(),
  attributes,
});

export type LogInput = z.infer<typeof logInputSchema>;
export type MetricInput = z.infer<typeof metricInputSchema>;
