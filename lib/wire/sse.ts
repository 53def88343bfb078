import { formatPosition } from '@/lib/core/position.ts';
import type { Encodable } from './encodable.ts';
import type { ControlFrames, ControlName } from './frames.ts';

const encoder = new TextEncoder();

/**
 * Events as `text/event-stream` (WHATWG HTML §9.2). No field can be forged: ids and event names are this program's own,
 * and `body` comes from JSON.stringify, which escapes every CR, LF and NUL.
 *
 * @param previous seq of the event before the first of these under the stream's filter
 * @param durableSeq events beyond it are not stored yet (the history is away) and say so: `"durable":false`
 */
export function encodeEvents(
  epoch: string,
  previous: number,
  events: readonly Encodable[],
  durableSeq = Number.POSITIVE_INFINITY,
): Uint8Array {
  let text = '';
  let prev = formatPosition(epoch, previous);
  for (const { seq, kind, body } of events) {
    const position = formatPosition(epoch, seq);
    const mark = seq > durableSeq ? '"durable":false,' : '';
    text += `id: ${position}\nevent: ${kind}\ndata: {"position":"${position}","prev":"${prev}",${mark}${body.slice(1)}\n\n`;
    prev = position;
  }
  return encoder.encode(text);
}

/** @param id moves the client's cursor: only for what has really been served up to there */
export function encodeControl<Name extends ControlName>(
  name: Name,
  data: ControlFrames[Name],
  id?: string,
): Uint8Array {
  return encoder.encode(`${id === undefined ? '' : `id: ${id}\n`}event: ${name}\ndata: ${JSON.stringify(data)}\n\n`);
}

/** The browser's own reconnection delay; jittered by the caller so that a crowd does not return as one. */
export function encodeRetry(retryMs: number): Uint8Array {
  return encoder.encode(`retry: ${Math.round(retryMs)}\n\n`);
}
