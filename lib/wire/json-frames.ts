import { formatPosition } from '@/lib/core/position.ts';
import type { Encodable } from './encodable.ts';
import type { ControlFrames, ControlName } from './frames.ts';

/**
 * The frames of a stream as JSON, for every transport that is not `text/event-stream`: `{"event":…,"id":…,"data":…}`, the
 * same names, ids and data as there. An event's id is its own `position` and is not repeated.
 */
export const jsonFrames = {
  /** One JSON text an event; see `WireFormat` for the parameters. */
  events(
    epoch: string,
    previous: number,
    events: readonly Encodable[],
    durableSeq = Number.POSITIVE_INFINITY,
  ): string[] {
    let prev = formatPosition(epoch, previous);
    return events.map(({ seq, kind, body }) => {
      const position = formatPosition(epoch, seq);
      const mark = seq > durableSeq ? '"durable":false,' : '';
      const text = `{"event":"${kind}","data":{"position":"${position}","prev":"${prev}",${mark}${body.slice(1)}}`;
      prev = position;
      return text;
    });
  },
  control<Name extends ControlName>(name: Name, data: ControlFrames[Name], id?: string): string {
    return JSON.stringify(id === undefined ? { event: name, data } : { event: name, id, data });
  },
};

/** No frame holds a line end: JSON.stringify escapes them. */
export function jsonLines(frames: readonly string[]): Uint8Array {
  return Buffer.from(`${frames.join('\n')}\n`);
}
