import type { StreamedEvent } from '@/lib/core/event.ts';
import {
  type BusyFrame,
  type ByeFrame,
  busyFrameSchema,
  byeFrameSchema,
  type GapFrame,
  gapFrameSchema,
  type HeartbeatFrame,
  heartbeatFrameSchema,
  type LiveFrame,
  liveFrameSchema,
  type StreamFrame,
  streamFrameSchema,
} from '@/lib/wire/frames.ts';

/** `id` moves the cursor on every frame that has one. */
export type ServerFrame = { readonly id: string | undefined } & (
  | { readonly type: 'event'; readonly event: StreamedEvent }
  | { readonly type: 'stream'; readonly data: StreamFrame }
  | { readonly type: 'live'; readonly data: LiveFrame }
  | { readonly type: 'gap'; readonly data: GapFrame }
  | { readonly type: 'heartbeat'; readonly data: HeartbeatFrame }
  | { readonly type: 'bye'; readonly data: ByeFrame }
  | { readonly type: 'busy'; readonly data: BusyFrame }
  | { readonly type: 'retry'; readonly retryMs: number }
  /** The stream goes on where it was, as another connection of the server: the next poll. */
  | { readonly type: 'renewed'; readonly data: StreamFrame }
  /** An event of a newer server. */
  | { readonly type: 'unknown' }
);

/**
 * A frame out of its name, id and data, whatever transport it came by. Events are the server's own JSON and far too many
 * for a schema each; control frames are few and decide much. Throws a ZodError.
 * @param read its data, parsed; not called for a frame that nobody here knows
 */
export function frameOf(name: string | undefined, id: string | undefined, read: () => unknown): ServerFrame {
  switch (name) {
    case 'log':
    case 'metric':
      return { type: 'event', id, event: read() as StreamedEvent };
    case 'stream':
      return { type: 'stream', id, data: streamFrameSchema.parse(read()) };
    case 'live':
      return { type: 'live', id, data: liveFrameSchema.parse(read()) };
    case 'gap':
      return { type: 'gap', id, data: gapFrameSchema.parse(read()) };
    case 'heartbeat':
      return { type: 'heartbeat', id, data: heartbeatFrameSchema.parse(read()) };
    case 'bye':
      return { type: 'bye', id, data: byeFrameSchema.parse(read()) };
    case 'busy':
      return { type: 'busy', id, data: busyFrameSchema.parse(read()) };
    default:
      return { type: 'unknown', id };
  }
}
