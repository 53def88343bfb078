import { SIGNED_OUT } from './goodbye.ts';
import type { ReaderEnvironment, ReadRequest, StreamEnd } from './stream-reader.ts';

/** A stream to be asked for by HTTP. `url` is a path with its query. */
export type StreamQuestion = {
  readonly url: string;
  readonly lastEventId: string | undefined;
  /** What the answer must be, such as `text/event-stream`, and what to call it when it is something else. */
  readonly type: string;
  readonly typeName: string;
};

/** The body of a stream, or why there is none. Throws what `fetch` throws: see `endOf`. */
export async function fetchStream(
  { fetch, baseUrl }: ReaderEnvironment,
  { signal, now }: ReadRequest,
  { url, lastEventId, type, typeName }: StreamQuestion,
): Promise<ReadableStream<Uint8Array> | StreamEnd> {
  const response = await fetch(baseUrl + url, {
    headers: {
      Accept: `${type}, application/json`,
      'X-Tailrace-Client': 'web',
      ...(lastEventId !== undefined && { 'Last-Event-ID': lastEventId }),
    },
    cache: 'no-store',
    signal,
  });
  const given = response.headers.get('Content-Type') ?? '';
  const refusal =
    refusalOf(response, now()) ??
    (given.startsWith(type)
      ? undefined
      : ({ again: true, cause: `expected ${typeName}, got "${given.slice(0, 60)}"` } as const));
  if (!refusal && response.body) return response.body;
  await response.body?.cancel();
  return refusal ?? { again: true, cause: 'the server answered without a body' };
}

/** Runs the reading of a stream to its end, whatever that is. */
export async function endOf(read: () => Promise<StreamEnd>): Promise<StreamEnd> {
  try {
    return await read();
  } catch (error) {
    return { again: true, cause: error instanceof Error ? causeOf(error) : 'the connection broke' };
  }
}

export const ENDED_BY_SERVER: StreamEnd = { again: true, cause: 'the server ended the stream' };
export const CANCELLED: StreamEnd = { again: true, cause: 'the request was cancelled' };

function causeOf(error: Error): string {
  if (error.name === 'AbortError') return CANCELLED.cause;
  // A browser says "Failed to fetch", "Load failed" or "network error" for one and the same thing.
  return error instanceof TypeError ? 'the server cannot be reached' : error.message;
}

function refusalOf(response: Response, nowMs: number): StreamEnd | undefined {
  if (response.status === 204) return { again: false, cause: 'the server asked to stop (204)' };
  if (response.status === 200) return undefined;
  if (response.status === 401) return SIGNED_OUT;
  const retryMs = retryAfterMs(response.headers.get('Retry-After'), nowMs);
  return {
    again: true,
    cause: `the server answered ${response.status}`,
    ...(retryMs !== undefined && { retryMs }),
    ...((response.status >= 500 || response.status === 429) && { busy: true }),
  };
}

/** RFC 9110 §10.2.3: seconds, or a date. */
function retryAfterMs(header: string | null, nowMs: number): number | undefined {
  if (header === null) return undefined;
  if (/^\d{1,6}$/.test(header)) return Number(header) * 1000;
  const dateMs = Date.parse(header);
  return Number.isNaN(dateMs) ? undefined : Math.max(0, dateMs - nowMs);
}
