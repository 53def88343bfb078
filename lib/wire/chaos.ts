import { z } from 'zod';

const seconds = z.number().min(0.1).max(600).default(10);
const share = z.number().min(0).max(1).default(1);

/**
 * Faults on purpose, body of `POST /api/chaos`. `share` is the part of the connections that are hit; faults with `seconds`
 * heal by themselves after so long, and all heal at once on `DELETE /api/chaos`.
 */
export const faultSchema = z.discriminatedUnion('fault', [
  /** Breaks connections in the middle of whatever they are sending, without a goodbye. */
  z.object({ fault: z.literal('cut'), share }),
  /** Every frame is held back for so long. */
  z.object({ fault: z.literal('delay'), share, seconds, delayMs: z.number().min(1).max(60_000).default(1000) }),
  /** A connection gets at most so many bytes a second. */
  z.object({
    fault: z.literal('throttle'),
    share,
    seconds,
    bytesPerSecond: z.number().min(1).max(1e9).default(10_000),
  }),
  /** Frames with events are sent twice; clients must notice. */
  z.object({ fault: z.literal('duplicate'), share, seconds }),
  /** `down`: every call fails; `slow`: every call takes `delayMs` longer; `kill`: its thread dies once. */
  z.object({
    fault: z.literal('history'),
    mode: z.enum(['down', 'slow', 'kill']),
    seconds,
    delayMs: z.number().min(1).max(60_000).default(2000),
  }),
  /** The event loop stands still for so long. */
  z.object({ fault: z.literal('stall-loop'), stallMs: z.number().min(1).max(30_000).default(1000) }),
]);
export type Fault = z.infer<typeof faultSchema>;
export const FAULT_NAMES = ['cut', 'delay', 'throttle', 'duplicate', 'history', 'stall-loop'] as const;

export const activeFaultSchema = z.object({
  id: z.number(),
  fault: faultSchema,
  sinceMs: z.number(),
  untilMs: z.number(),
});

/** Answer of `GET`, `POST` and `DELETE /api/chaos`. `done` tells what a fault that is over at once has done. */
export const chaosReportSchema = z.object({
  active: z.array(activeFaultSchema),
  injected: z.number(),
  done: z.string().optional(),
});
export type ChaosReport = z.infer<typeof chaosReportSchema>;
