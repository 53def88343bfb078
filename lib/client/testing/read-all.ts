import type { ServerFrame } from '../server-frame.ts';
import type { ReadRequest, StreamEnd, StreamReader } from '../stream-reader.ts';

/** Reads to the end and keeps what came. */
export async function readAll(reader: StreamReader, asked: Partial<ReadRequest> = {}) {
  const groups: (readonly ServerFrame[])[] = [];
  const seen = { bytes: 0, breaths: 0 };
  const end: StreamEnd = await reader.read({
    filter: {},
    from: undefined,
    lastEventId: 'EpochAA1.4',
    signal: new AbortController().signal,
    now: () => 0,
    breathe: async () => {
      seen.breaths += 1;
    },
    onBytes: (bytes) => {
      seen.bytes += bytes;
    },
    onFrames: (frames) => groups.push(frames),
    ...asked,
  });
  return { end, groups, frames: groups.flat(), ...seen };
}
