import { createParser } from 'eventsource-parser';
import { EVENT_BYTES_MAX } from '@/lib/core/event.ts';
import { ENDED_BY_SERVER, endOf, fetchStream } from './fetch-stream.ts';
import { FrameFeed } from './frame-feed.ts';
import { frameOf } from './server-frame.ts';
import type { ReaderEnvironment, ReadRequest, StreamEnd, StreamReader } from './stream-reader.ts';
import { streamUrl } from './stream-url.ts';

/** `text/event-stream` through fetch, which tells statuses and sends headers, as EventSource does not. */
export function sseReader(environment: ReaderEnvironment): StreamReader {
  return { name: 'sse', read: (request) => endOf(() => readStream(environment, request)) };
}

async function readStream(environment: ReaderEnvironment, request: ReadRequest): Promise<StreamEnd> {
  const { filter, from, lastEventId } = request;
  const body = await fetchStream(environment, request, {
    url: streamUrl('/api/stream', filter, from, { ack: '1' }),
    lastEventId,
    type: 'text/event-stream',
    typeName: 'an event stream',
  });
  if ('again' in body) return body;
  const feed = new FrameFeed(request);
  let overflow = false;
  const parser = createParser({
    maxBufferSize: 2 * EVENT_BYTES_MAX,
    onEvent: ({ event, id, data }) => feed.push(frameOf(event, id, () => JSON.parse(data))),
    onRetry: (retryMs) => feed.push({ type: 'retry', id: undefined, retryMs }),
    onError: (error) => {
      overflow ||= error.type === 'max-buffer-size-exceeded';
    },
  });
  await feed.readBody(body, (text) => {
    parser.feed(text);
    if (overflow) throw new Error('the server sent a frame that is too large');
  });
  return ENDED_BY_SERVER;
}
