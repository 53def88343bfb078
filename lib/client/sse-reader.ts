import { createParser } from 'eventsource-parser';
import { EVENT_BYTES_MAX } from '@/lib/core/event.ts';
import { frameOf, type ServerFrame } from './server-frame.ts';
import {
  EVENTS_PER_TASK,
  type ReaderEnvironment,
  type ReadRequest,
  type StreamEnd,
  type StreamReader,
} from './stream-reader.ts';
import { streamUrl } from './stream-url.ts';

/** Bounds the text that one call of the parser turns into frames. */
const SLICE_CHARS = 64 * 1024;

/** `text/event-stream` through fetch, which tells statuses and sends headers, as EventSource does not. */
export function sseReader(environment: ReaderEnvironment): StreamReader {
  return { name: 'sse', read: (request) => readStream(environment, request) };
}

async function readStream({ fetch, baseUrl }: ReaderEnvironment, request: ReadRequest): Promise<StreamEnd> {
  try {
    const response = await fetch(baseUrl + streamUrl('/api/stream', request.filter, request.from), {
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

function refusalOf(response: Response, nowMs: number): StreamEnd | undefined {
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

async function readFrames(body: ReadableStream<Uint8Array>, request: ReadRequest): Promise<void> {
  const frames: ServerFrame[] = [];
  let overflow = false;
  const parser = createParser({
    maxBufferSize: 2 * EVENT_BYTES_MAX,
    onEvent: ({ event, id, data }) => frames.push(frameOf(event, id, () => JSON.parse(data))),
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
