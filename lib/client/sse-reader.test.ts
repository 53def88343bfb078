import { describe, expect, test } from 'vitest';
import { EVENT_BYTES_MAX } from '@/lib/core/event.ts';
import { encodeControl, encodeEvents, encodeRetry } from '@/lib/wire/sse.ts';
import type { ServerFrame } from './server-frame.ts';
import { sseReader } from './sse-reader.ts';
import { EVENTS_PER_TASK } from './stream-reader.ts';
import { logEvent } from './testing/fake-server.ts';

async function read(chunks: Uint8Array[], init: ResponseInit = {}) {
  const body = new ReadableStream<Uint8Array>({
    start(controller) {
      for (const chunk of chunks) controller.enqueue(chunk);
      controller.close();
    },
  });
  const empty = init.status === 204;
  const response = new Response(empty ? null : body, { headers: { 'Content-Type': 'text/event-stream' }, ...init });
  return readFrom(async () => response);
}

async function readFrom(get: typeof fetch) {
  const groups: (readonly ServerFrame[])[] = [];
  const seen = { bytes: 0, breaths: 0 };
  const end = await sseReader({ fetch: get, baseUrl: '' }).read({
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
  });
  return { end, groups, frames: groups.flat(), ...seen };
}

const entry = (seq: number, message: string) => ({ seq, kind: 'log', body: JSON.stringify(logEvent(message)) });
const text = (value: string) => new TextEncoder().encode(value);

describe('the reader of a stream', () => {
  test('reads the same from bytes cut anywhere, in the middle of a letter too', async () => {
    const message = 'größer 🚰 → "quoted"';
    const bytes = encodeEvents('EpochAA1', 4, [entry(5, message)]);
    for (let cut = 0; cut <= bytes.length; cut += 1) {
      const { frames, end, bytes: count } = await read([bytes.slice(0, cut), bytes.slice(cut)]);
      expect(frames).toMatchObject([{ type: 'event', id: 'EpochAA1.5', event: { message, prev: 'EpochAA1.4' } }]);
      expect(end).toEqual({ again: true, cause: 'the server ended the stream' });
      expect(count).toBe(bytes.length);
    }
  });

  test('does not deliver a frame that was cut off', async () => {
    const bytes = encodeEvents('EpochAA1', 4, [entry(5, 'whole'), entry(6, 'cut')]);
    expect((await read([bytes.slice(0, -1)])).frames).toHaveLength(1);
  });

  test('tells control frames, hints and unknown events apart', async () => {
    const heartbeat = { time: '2026-01-01T00:00:00.000Z', head: 'EpochAA1.9' };
    const unknown = text('id: EpochAA1.8\nevent: sparkle\ndata: {}\n\n: a comment\n\n');
    const { frames } = await read([encodeRetry(1_234), encodeControl('heartbeat', heartbeat, 'EpochAA1.7'), unknown]);
    expect(frames).toEqual([
      { type: 'retry', id: undefined, retryMs: 1_234 },
      { type: 'heartbeat', id: 'EpochAA1.7', data: heartbeat },
      { type: 'unknown', id: 'EpochAA1.8' },
    ]);
  });

  test('ends at a control frame that it cannot understand, and may ask again', async () => {
    const { end } = await read([text('event: stream\ndata: {"state":"flying"}\n\n')]);
    expect(end.again).toBe(true);
  });

  test('ends at a frame that is too large instead of holding it', async () => {
    const { end } = await read([
      text('data: '),
      ...Array.from({ length: 5 }, () => text('x'.repeat(EVENT_BYTES_MAX / 2))),
    ]);
    expect(end).toEqual({ again: true, cause: 'the server sent a frame that is too large' });
  });

  test('pauses between tasks of bounded size', async () => {
    const entries = Array.from({ length: 10_000 }, (_, index) => entry(index + 5, 'm'));
    const { groups, breaths, frames } = await read([encodeEvents('EpochAA1', 4, entries)]);
    expect(frames).toHaveLength(10_000);
    expect(Math.max(...groups.map((group) => group.length))).toBeLessThanOrEqual(EVENTS_PER_TASK);
    expect(breaths).toBeGreaterThanOrEqual(4);
  });

  test('reads refusals: stop, wait, and come back', async () => {
    const retry = (value: string) => read([], { status: 503, headers: { 'Retry-After': value } });
    expect((await read([], { status: 204 })).end).toMatchObject({ again: false });
    expect((await retry('7')).end).toMatchObject({ again: true, retryMs: 7_000 });
    expect((await retry('Thu, 01 Jan 1970 00:00:09 GMT')).end).toMatchObject({ again: true, retryMs: 9_000 });
    expect((await read([], { status: 404 })).end).toEqual({ again: true, cause: 'the server answered 404' });
    const html = await read([text('<html>')], { headers: { 'Content-Type': 'text/html' } });
    expect(html.end).toEqual({ again: true, cause: 'expected an event stream, got "text/html"' });
    const broken = await readFrom(async () => {
      throw new TypeError('Failed to fetch');
    });
    expect(broken.end).toEqual({ again: true, cause: 'the server cannot be reached' });
  });
});
