import { ENDED_BY_SERVER, endOf, fetchStream } from './fetch-stream.ts';
import { FrameFeed } from './frame-feed.ts';
import { JsonLines } from './json-frame.ts';
import type { ReaderEnvironment, ReadRequest, StreamEnd, StreamReader } from './stream-reader.ts';
import { streamUrl } from './stream-url.ts';

/** A frame a line in one response without an end: it passes what knows `text/event-stream` and holds it back. */
export function httpReader(environment: ReaderEnvironment): StreamReader {
  return { name: 'http', read: (request) => endOf(() => readStream(environment, request)) };
}

async function readStream(environment: ReaderEnvironment, request: ReadRequest): Promise<StreamEnd> {
  const { filter, from, lastEventId } = request;
  const body = await fetchStream(environment, request, {
    url: streamUrl('/api/poll', filter, from, { follow: '1', ack: '1' }),
    lastEventId,
    ...JSON_LINES,
  });
  if ('again' in body) return body;
  const feed = new FrameFeed(request);
  const lines = new JsonLines((frame) => feed.push(frame));
  await feed.readBody(body, (text) => lines.take(text));
  return ENDED_BY_SERVER;
}

export const JSON_LINES = { type: 'application/x-ndjson', typeName: 'lines of JSON' } as const;
