import { z } from 'zod';

/** How the stream that begins here continues from the position the client asked for (DESIGN invariant 3). */
export const STREAM_STATES = ['live', 'replay', 'gap', 'reset'] as const;
export type StreamState = (typeof STREAM_STATES)[number];

/**
 * Why events between two positions cannot be delivered, or why a position means nothing here. `not-stored`: they were
 * delivered while the store was away (`durable: false`), and the server ended before it came back.
 */
export const GAP_REASONS = ['retention', 'epoch', 'future', 'malformed', 'not-stored'] as const;
export type GapReason = (typeof GAP_REASONS)[number];

const position = z.string();

/** First frame of every stream. `from` is the position after which the stream goes on; `missed` counts unfiltered. */
export const streamFrameSchema = z.object({
  state: z.enum(STREAM_STATES),
  connectionId: z.string(),
  epoch: z.string(),
  head: position,
  from: position,
  missed: z.number().optional(),
  reason: z.enum(GAP_REASONS).optional(),
  heartbeatMs: z.number(),
});
export type StreamFrame = z.infer<typeof streamFrameSchema>;

/** Everything up to `head` has been sent: what follows is live. */
export const liveFrameSchema = z.object({ head: position });
export type LiveFrame = z.infer<typeof liveFrameSchema>;

/** The events after `from` up to `to` are gone; the stream goes on after `to`. */
export const gapFrameSchema = z.object({
  from: position,
  to: position,
  missed: z.number(),
  reason: z.enum(GAP_REASONS),
});
export type GapFrame = z.infer<typeof gapFrameSchema>;

/**
 * `head` is the journal's; the frame's `id` is how far this stream has been served. `ackMs`: how often the client should
 * acknowledge; absent: once a heartbeat interval.
 */
export const heartbeatFrameSchema = z.object({ time: z.string(), head: position, ackMs: z.number().optional() });
export type HeartbeatFrame = z.infer<typeof heartbeatFrameSchema>;

export const byeFrameSchema = z.object({
  code: z.number(),
  reason: z.string(),
  reconnect: z.boolean(),
  retryMs: z.number(),
});
export type ByeFrame = z.infer<typeof byeFrameSchema>;

/** Too many connections, said in a way a native EventSource survives: 200, `retry:`, this event, a clean end. */
export const busyFrameSchema = z.object({ reason: z.string(), retryMs: z.number() });
export type BusyFrame = z.infer<typeof busyFrameSchema>;

/** Control frames by name, as every wire format writes them. */
export type ControlFrames = {
  stream: StreamFrame;
  live: LiveFrame;
  gap: GapFrame;
  heartbeat: HeartbeatFrame;
  bye: ByeFrame;
  busy: BusyFrame;
};
export type ControlName = keyof ControlFrames;
