import { describe, expect, test } from 'vitest';
import { EVENT_BYTES_MAX } from '@/lib/core/event.ts';
import { jsonFrames, jsonLines } from '@/lib/wire/json-frames.ts';
import { httpReader } from './http-reader.ts';
import { EVENTS_PER_TASK } from './stream-reader.ts';
import { logEvent } from './testing/fake-server.ts';
import { readAll } from './testing/read-all.ts';

function read(chunks: Uint8Array[], type = 'application/x-ndjson; charset=utf-8') {
  const asked: { url: string; headers: unknown }[] = [];
  const body = new ReadableStream<Uint8Array>({
    start(controller) {
      for (const chunk of chunks) controller.enqueue(chunk);
      controller.close();
    },
  });
  const fetch: typeof globalThis.fetch = async (input, init) => {
    asked.push({ url: String(input), headers: init?.headers });
    return new Response(body, { headers: { 'Content-Type': type } });
  };
  return readAll(httpReader({ fetch, baseUrl: 'http://there' })).then((result) => ({ ...result, asked }));
}

const entry = (seq: number, message: string) => ({ seq, kind: 'log', body: JSON.stringify(logEvent(message)) });
const text = (value: string) => new TextEncoder().encode(value);

describe('the reader of an HTTP stream', () => {
  test('asks for a stream without an end, and goes on behind its cursor', async () => {
    const { asked } = await read([]);
    expect(asked[0]?.url).toBe('http://there/api/poll?follow=1&ack=1');
    expect(asked[0]?.headers).toMatchObject({ 'Last-Event-ID': 'EpochAA1.4', 'X-Tailrace-Client': 'web' });
  });

  test('reads the same from bytes cut anywhere, in the middle of a letter too', async () => {
    const message = 'größer 🚰 → "quoted"\nline';
    const bytes = jsonLines(jsonFrames.events('EpochAA1', 4, [entry(5, message)]));
    for (let cut = 0; cut <= bytes.length; cut += 1) {
      const { frames, end, bytes: count } = await read([bytes.slice(0, cut), bytes.slice(cut)]);
      expect(frames).toMatchObject([{ type: 'event', id: 'EpochAA1.5', event: { message, prev: 'EpochAA1.4' } }]);
      expect(end).toEqual({ again: true, cause: 'the server ended the stream' });
      expect(count).toBe(bytes.length);
    }
  });

  test('does not deliver a line that was cut off', async () => {
    const bytes = jsonLines(jsonFrames.events('EpochAA1', 4, [entry(5, 'whole'), entry(6, 'cut')]));
    expect((await read([bytes.slice(0, -1)])).frames).toHaveLength(1);
  });

  test('tells control frames from those of a newer server', async () => {
    const heartbeat = { time: '2026-01-01T00:00:00.000Z', head: 'EpochAA1.9' };
    const lines = [jsonFrames.control('heartbeat', heartbeat, 'EpochAA1.7'), '{"event":"sparkle","id":"EpochAA1.8"}'];
    expect((await read([jsonLines(lines)])).frames).toEqual([
      { type: 'heartbeat', id: 'EpochAA1.7', data: heartbeat },
      { type: 'unknown', id: 'EpochAA1.8' },
    ]);
  });

  test('ends at what is no frame, at one that is too large and at another type, and may ask again', async () => {
    expect((await read([text('[1\n')])).end.again).toBe(true);
    expect((await read([text('7\n')])).end.cause).toBe('the server sent a frame that is no object');
    const large = Array.from({ length: 5 }, () => text('x'.repeat(EVENT_BYTES_MAX / 2)));
    expect((await read(large)).end.cause).toBe('the server sent a frame that is too large');
    expect((await read([], 'text/html')).end.cause).toBe('expected lines of JSON, got "text/html"');
  });

  test('pauses between tasks of bounded size', async () => {
    const entries = Array.from({ length: 10_000 }, (_, index) => entry(index + 5, 'm'));
    const { groups, breaths, frames } = await read([jsonLines(jsonFrames.events('EpochAA1', 4, entries))]);
    expect(frames).toHaveLength(10_000);
    expect(Math.max(...groups.map((group) => group.length))).toBeLessThanOrEqual(EVENTS_PER_TASK);
    expect(breaths).toBeGreaterThanOrEqual(4);
  });
});
