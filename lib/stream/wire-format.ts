import type { Encodable } from '@/lib/wire/encodable.ts';
import type { ControlFrames, ControlName } from '@/lib/wire/frames.ts';
import { jsonFrames, jsonLines } from '@/lib/wire/json-frames.ts';
import { encodeControl, encodeEvents, encodeRetry } from '@/lib/wire/sse.ts';

/** What a sink is given: events, a control frame, or a delay to come back after. */
export type FrameName = 'events' | 'retry' | ControlName;

/**
 * How a transport writes events and control frames as bytes. One object a format, not one a connection: sessions with the
 * same format object and filter share their encodings.
 */
export type WireFormat = {
  readonly name: string;
  /**
   * @param previous seq of the event before the first of these under the stream's filter
   * @param durableSeq events beyond it are not stored yet and say so
   */
  events(epoch: string, previous: number, events: readonly Encodable[], durableSeq?: number): Uint8Array;
  /** @param id moves the client's cursor: only for what has really been served up to there */
  control<Name extends ControlName>(name: Name, data: ControlFrames[Name], id?: string): Uint8Array;
  /** Empty where the protocol has no such thing: `bye` and refusals name their own delay. */
  retry(retryMs: number): Uint8Array;
};

const NOTHING = new Uint8Array(0);

/** `text/event-stream` for a transport that frames the body itself. */
export const sseFormat: WireFormat = {
  name: 'sse',
  events: encodeEvents,
  control: encodeControl,
  retry: encodeRetry,
};

/** `application/x-ndjson`, one frame a line: HTTP stream and long poll. */
export const jsonLinesFormat: WireFormat = {
  name: 'ndjson',
  events: (...given) => jsonLines(jsonFrames.events(...given)),
  control: (...given) => jsonLines([jsonFrames.control(...given)]),
  retry: () => NOTHING,
};

/**
 * Another format's bytes inside HTTP/1.1 chunks (RFC 9112 §7.1), so that a frame encoded once is written to every socket
 * as it is. Going through `http.ServerResponse.write` costs 13.5 µs a write, the prepared chunk 10 µs.
 */
export const sseChunkedFormat = framed(sseFormat, 'chunked', chunk);
export const jsonLinesChunkedFormat = framed(jsonLinesFormat, 'chunked', chunk);

/** A format whose bytes are put into an envelope that is the same for every connection. */
export function framed(format: WireFormat, name: string, envelope: (bytes: Uint8Array) => Uint8Array): WireFormat {
  const wrap = (bytes: Uint8Array): Uint8Array => (bytes.length === 0 ? bytes : envelope(bytes));
  return {
    name: `${format.name}-${name}`,
    events: (...given) => wrap(format.events(...given)),
    control: (...given) => wrap(format.control(...given)),
    retry: (retryMs) => wrap(format.retry(retryMs)),
  };
}

function chunk(body: Uint8Array): Uint8Array {
  const head = Buffer.from(`${body.length.toString(16)}\r\n`, 'latin1');
  return Buffer.concat([head, body, Buffer.from('\r\n', 'latin1')]);
}
