import { describe, expect, test } from 'vitest';
import { jsonFrames } from '@/lib/wire/json-frames.ts';
import type { OpenWebSocket, SendAcknowledgement, WebSocketEvents } from './stream-reader.ts';
import { EVENTS_PER_TASK } from './stream-reader.ts';
import { logEvent } from './testing/fake-server.ts';
import { readAll } from './testing/read-all.ts';
import { WAITING_CHARS_MAX, wsReader } from './ws-reader.ts';

const entry = (seq: number) => ({ seq, kind: 'log', body: JSON.stringify(logEvent(`m${seq}`)) });
const message = (from: number, to: number) =>
  `[${jsonFrames
    .events(
      'EpochAA1',
      from - 1,
      Array.from({ length: to - from + 1 }, (_, index) => entry(from + index)),
    )
    .join(',')}]`;

/** @param script what the server does once the socket is asked for */
async function read(script: (events: WebSocketEvents) => void, asked: Parameters<typeof readAll>[1] = {}) {
  const seen = { urls: [] as string[], protocols: [] as string[], sent: [] as string[], closed: 0 };
  const openWebSocket: OpenWebSocket = (url, protocol, events) => {
    seen.urls.push(url);
    seen.protocols.push(protocol);
    setImmediate(() => script(events));
    const close = () => {
      seen.closed += 1;
    };
    return { send: (text) => seen.sent.push(text), close };
  };
  const result = await readAll(wsReader({ fetch, baseUrl: 'http://there', openWebSocket }), asked);
  return { ...result, seen };
}

const opened = (then: (events: WebSocketEvents) => void) => (events: WebSocketEvents) => {
  events.opened();
  then(events);
};

describe('the reader of a WebSocket', () => {
  test('names its protocol and its place in the address, since it can send no headers', async () => {
    const { seen } = await read(({ closed }) => closed(1006, ''), { filter: { kind: 'log' } });
    expect(seen.urls).toEqual(['http://there/api/ws?kind=log&lastEventId=EpochAA1.4']);
    expect(seen.protocols).toEqual(['tailrace.v1']);
  });

  test('reads arrays of frames, and everything that came before the end', async () => {
    const { frames, end, bytes } = await read(
      opened((events) => {
        events.message(message(5, 6));
        events.message(message(7, 7));
        events.closed(1006, '');
      }),
    );
    expect(frames.map(({ id }) => id)).toEqual(['EpochAA1.5', 'EpochAA1.6', 'EpochAA1.7']);
    expect(bytes).toBe(message(5, 6).length + message(7, 7).length);
    expect(end).toEqual({ again: true, cause: 'the WebSocket broke' });
  });

  test('tells the ends apart: never opened, broken, ended, come back, do not come back', async () => {
    const end = async (code: number, reason = '', wasOpen = true) =>
      (
        await read((events) =>
          wasOpen ? opened(({ closed }) => closed(code, reason))(events) : events.closed(code, reason),
        )
      ).end;
    expect(await end(1006, '', false)).toEqual({ again: true, cause: 'the WebSocket could not be opened' });
    expect(await end(1006)).toEqual({ again: true, cause: 'the WebSocket broke' });
    expect(await end(1000)).toEqual({ again: true, cause: 'the server ended the stream' });
    expect(await end(4000, 'draining')).toEqual({ again: true, cause: 'the server is shutting down' });
    expect(await end(3000, 'kicked')).toMatchObject({ again: false });
  });

  test('says what the server complained about before it closed', async () => {
    const { end } = await read(
      opened((events) => {
        events.message('[{"event":"error","data":{"code":"bad-request","detail":"expected a level"}}]');
        events.closed(1008, 'the request was not understood');
      }),
    );
    expect(end).toEqual({ again: true, cause: 'the server said: expected a level' });
  });

  test('ends at what is no message of this protocol', async () => {
    for (const strange of ['{', '{}', '[7]', new ArrayBuffer(1), '[{"event":"stream","data":{"state":"flying"}}]']) {
      const { end, seen } = await read(opened((events) => events.message(strange)));
      expect(end.again).toBe(true);
      expect(seen.closed).toBeGreaterThan(0);
    }
  });

  test('hands on what carries acknowledgements', async () => {
    let send: SendAcknowledgement | undefined;
    const { seen } = await read(
      opened((events) => {
        send?.({ position: 'EpochAA1.9', reconnects: 2 });
        events.closed(1000, '');
      }),
      {
        onLine: (given) => {
          send = given;
        },
      },
    );
    expect(seen.sent).toEqual(['{"type":"ack","position":"EpochAA1.9","reconnects":2}']);
  });

  test('closes the line when more waits than is kept, and still hands on all that had come', async () => {
    const text = message(1, 2_000);
    const count = Math.ceil(WAITING_CHARS_MAX / text.length) + 5;
    const { end, frames, seen } = await read(
      opened((events) => {
        for (let i = 0; i < count; i += 1) events.message(text);
      }),
    );
    expect(end).toEqual({ again: true, cause: 'more arrived than this browser could take in', retryMs: 0 });
    expect(seen.closed).toBeGreaterThan(0);
    expect(frames.length).toBeGreaterThanOrEqual(2_000 * (count - 6));
    expect(frames.length).toBeLessThan(2_000 * count);
  });

  test('pauses between tasks of bounded size', async () => {
    const { groups, breaths, frames } = await read(
      opened((events) => {
        events.message(message(5, 10_004));
        events.closed(1000, '');
      }),
    );
    expect(frames).toHaveLength(10_000);
    expect(Math.max(...groups.map((group) => group.length))).toBeLessThanOrEqual(EVENTS_PER_TASK);
    expect(breaths).toBeGreaterThanOrEqual(4);
  });

  test('closes the line at once when it is no longer wanted', async () => {
    const stop = new AbortController();
    const { end, seen, frames } = await read(
      opened((events) => {
        stop.abort();
        events.message(message(5, 6));
      }),
      { signal: stop.signal },
    );
    expect({ again: end.again, closed: seen.closed > 0, frames }).toEqual({ again: true, closed: true, frames: [] });
  });

  test('ends where there are no WebSockets', async () => {
    const { end } = await readAll(wsReader({ fetch, baseUrl: '' }));
    expect(end).toEqual({ again: true, cause: 'there are no WebSockets here' });
  });
});
