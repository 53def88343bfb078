import {
  type FrameName,
  jsonLinesChunkedFormat,
  jsonLinesFormat,
  sseChunkedFormat,
  sseFormat,
  type WireFormat,
} from '@/lib/stream/wire-format.ts';

/** How a stream is carried by an HTTP response. */
export type HttpStreamKind = {
  readonly headers: Readonly<Record<string, string>>;
  readonly format: WireFormat;
  /** The same with HTTP/1.1's framing done, for a socket. */
  readonly chunked: WireFormat;
  /** The frames with which the response is over; none: it has no end. */
  readonly endsWith: readonly FrameName[];
};

/** `no-transform` keeps compressing proxies from holding frames back, `X-Accel-Buffering` does so for nginx. */
const UNBUFFERED = {
  'Cache-Control': 'no-cache, no-store, no-transform',
  'X-Accel-Buffering': 'no',
};

export const EVENT_STREAM: HttpStreamKind = {
  headers: { 'Content-Type': 'text/event-stream; charset=utf-8', ...UNBUFFERED },
  format: sseFormat,
  chunked: sseChunkedFormat,
  endsWith: [],
};

/** One JSON frame a line, for as long as the client stays. */
export const JSON_STREAM: HttpStreamKind = {
  headers: { 'Content-Type': 'application/x-ndjson; charset=utf-8', ...UNBUFFERED },
  format: jsonLinesFormat,
  chunked: jsonLinesChunkedFormat,
  endsWith: [],
};

/**
 * The same lines, and an end, with the first events, or with the first heartbeat when there are none: it passes proxies that
 * hand a response on only when it is whole. Whatever comes before (`stream`, `gap`, `live`) belongs to the same response.
 */
export const LONG_POLL: HttpStreamKind = { ...JSON_STREAM, endsWith: ['events', 'heartbeat'] };

/** Does not wait for what is not there yet: whoever is caught up is told so at once. */
export const SHORT_POLL: HttpStreamKind = { ...JSON_STREAM, endsWith: ['events', 'heartbeat', 'live'] };
