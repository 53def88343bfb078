import { expect, test } from 'vitest';
import { HeartbeatFrames } from './heartbeat-frames.ts';
import { sseChunkedFormat, sseFormat } from './wire-format.ts';

const BEAT = { epoch: 'AAAAAAAA', nowMs: 1000, headSeq: 9, seq: 7, ackMs: undefined };
const text = (bytes: Uint8Array): string => Buffer.from(bytes).toString('utf8');

test('sessions that beat at the same time and place get the same bytes', () => {
  const frames = new HeartbeatFrames();
  const first = frames.of(sseFormat, BEAT);
  expect(text(first)).toBe(
    'id: AAAAAAAA.7\nevent: heartbeat\ndata: {"time":"1970-01-01T00:00:01.000Z","head":"AAAAAAAA.9"}\n\n',
  );
  expect(frames.of(sseFormat, { ...BEAT })).toBe(first);
  expect(text(frames.of(sseChunkedFormat, BEAT))).toContain(text(first));
  expect(frames.of(sseFormat, BEAT)).toBe(first);
});

test.each([{ nowMs: 2000 }, { headSeq: 10 }, { seq: 8 }, { ackMs: 30_000 }, { epoch: 'BBBBBBBB' }])(
  'a heartbeat with another %o is another frame',
  (other) => {
    const frames = new HeartbeatFrames();
    const first = text(frames.of(sseFormat, BEAT));
    expect(text(frames.of(sseFormat, { ...BEAT, ...other }))).not.toBe(first);
  },
);
