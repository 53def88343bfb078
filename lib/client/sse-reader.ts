import { createParser, type EventSourceMessage } from 'eventsource-parser';
import { EVENT_BYTES_MAX, type StreamedEvent } from '@/lib/core/event.ts';
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
export type SseFrame = { readonly id: string | undefined } & (
  | { readonly type: 'event'; readonly event: StreamedEvent }
  | { readonly type: 'stream'; readonly data: StreamFrame }
  | { readonly type: 'live'; readonly data: LiveFrame }
  | { readonly type: 'gap'; readonly data: GapFrame }
  | { readonly type: 'heartbeat'; readonly data: HeartbeatFrame }
  | { readonly type: 'bye'; readonly data: ByeFrame }
  | { readonly type: 'busy'; readonly data: BusyFrame }
  | { readonly type: 'retry'; readonly retryMs: number }
  /** An event of a newer server. */
  | { readonly type: 'unknown' }
);

/** How a stream ended: it may be asked for again (not before `retryMs`, if the server said so), or not at all. */
export type SseEnd =
  | { readonly again: true; readonly cause: string; readonly retryMs?: number }
  | { readonly again: false; readonly cause: string };

export type SseRequest = {
  readonly fetch: typeof fetch;
  readonly url: string;
  readonly lastEventId: string | undefined;
  readonly signal: AbortSignal;
  readonly now: () => number;
  /** Called between tasks' worth of events, so that a long replay never blocks input and paint. */
  readonly breathe: () => Promise<void>;
  readonly onBytes: (bytes: number) => void;
  readonly onFrames: (frames: readonly SseFrame[]) => void;
};

export const EVENTS_PER_TASK = 2_000;
/** Bounds the text that one call of the parser turns into frames. */
const SLICE_CHARS = 64 * 1024;

/** Reads one stream until it ends. Never throws: a broken line, a refusal and an abort are all ways to end. */
export async function readStream(request: SseRequest): Promise<SseEnd> {
  try {
    const response = await request.fetch(request.url, {
      headers: {
        Accept: 'text/event-stream, application/json',
        'X-Tailrace-Client': 'web',
        ...(request.lastEventId !== undefined && { 'Last-Event-ID': request.lastEventId }),
      },
      cache: 'no-store',
      signal: request.signal,
    });
    const refusal = refusalOf(response, request.now());
    if (refusal || !response.body) {
      await response.body?.cancel();
      return refusal ?? { again: true, cause: 'the server answered without a body' };
    }
    await readFrames(response.body, request);
    return { again: true, cause: 'the server ended the stream' };
  } catch (error) {
    return { again: true, cause: error instanceof Error ? causeOf(error) : 'the connection broke' };
  }
}

function causeOf(error: Error): string {
  if (error.name === 'AbortError') return 'the request was cancelled';
  // A browser says "Failed to fetch", "Load failed" or "network error" for one and the same thing.
  return error instanceof TypeError ? 'the server cannot be reached' : error.message;
}

function refusalOf(response: Response, nowMs: number): SseEnd | undefined {
  if (response.status === 204) return { again: false, cause: 'the server asked to stop (204)' };
  if (response.status !== 200) {
    const retryMs = retryAfterMs(response.headers.get('Retry-After'), nowMs);
    const cause = `the server answered ${response.status}`;
    return retryMs === undefined ? { again: true, cause } : { again: true, cause, retryMs };
  }
  const type = response.headers.get('Content-Type') ?? '';
  if (type.startsWith('text/event-stream')) return undefined;
  return { again: true, cause: `expected an event stream, got "${type.slice(0, 60)}"` };
}

/** RFC 9110 §10.2.3: seconds, or a date. */
function retryAfterMs(header: string | null, nowMs: number): number | undefined {
  if (header === null) return undefined;
  if (/^\d{1,6}$/.test(header)) return Number(header) * 1000;
  const dateMs = Date.parse(header);
  return Number.isNaN(dateMs) ? undefined : Math.max(0, dateMs - nowMs);
}

async function readFrames(body: ReadableStream<Uint8Array>, request: SseRequest): Promise<void> {
  const frames: SseFrame[] = [];
  let overflow = false;
  const parser = createParser({
    maxBufferSize: 2 * EVENT_BYTES_MAX,
    onEvent: (message) => frames.push(frameOf(message)),
    onRetry: (retryMs) => frames.push({ type: 'retry', id: undefined, retryMs }),
    onError: (error) => {
      overflow ||= error.type === 'max-buffer-size-exceeded';
    },
  });
  const decoder = new TextDecoder();
  const reader = body.getReader();
  let sinceBreath = 0;
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done || request.signal.aborted) return;
      request.onBytes(value.byteLength);
      const text = decoder.decode(value, { stream: true });
      for (let start = 0; start < text.length; start += SLICE_CHARS) {
        parser.feed(text.slice(start, start + SLICE_CHARS));
        if (overflow) throw new Error('the server sent a frame that is too large');
        while (frames.length > 0) {
          const some = frames.splice(0, EVENTS_PER_TASK);
          sinceBreath += some.length;
          request.onFrames(some);
          if (sinceBreath >= EVENTS_PER_TASK) {
            sinceBreath = 0;
            await request.breathe();
          }
          if (request.signal.aborted) return;
        }
      }
    }
  } finally {
    // Closes the socket when this side is the one that stops.
    await reader.cancel().catch(() => undefined);
  }
}

/** Events are the server's own JSON and far too many for a schema each; control frames are few and decide much. */
function frameOf({ event: name, id, data }: EventSourceMessage): SseFrame {
  switch (name) {
    case 'log':
    case 'metric':
      return { type: 'event', id, event: JSON.parse(data) as StreamedEvent };
    case 'stream':
      return { type: 'stream', id, data: streamFrameSchema.parse(JSON.parse(data)) };
    case 'live':
      return { type: 'live', id, data: liveFrameSchema.parse(JSON.parse(data)) };
    case 'gap':
      return { type: 'gap', id, data: gapFrameSchema.parse(JSON.parse(data)) };
    case 'heartbeat':
      return { type: 'heartbeat', id, data: heartbeatFrameSchema.parse(JSON.parse(data)) };
    case 'bye':
      return { type: 'bye', id, data: byeFrameSchema.parse(JSON.parse(data)) };
    case 'busy':
      return { type: 'busy', id, data: busyFrameSchema.parse(JSON.parse(data)) };
    default:
      return { type: 'unknown', id };
  }
}
