import { createServer, request, type Server } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { createParser, type EventSourceMessage } from 'eventsource-parser';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { ResourceLedger } from '@/lib/core/ledger.ts';
import { logAt } from '@/lib/core/testing/arbitraries.ts';
import { makeJournal } from '@/lib/journal/testing/make-journal.ts';
import type { StreamHub } from '@/lib/stream/stream-hub.ts';
import { parseStreamRequest } from '@/lib/stream/stream-request.ts';
import { makeHub, PEER } from '@/lib/stream/testing/make-hub.ts';
import { EVENT_STREAM } from './http-stream-kind.ts';
import { openSocketStream } from './socket-stream.ts';
import { wantsStatus } from './wants-status.ts';
import { openWebStream } from './web-stream.ts';

type Parts = ReturnType<typeof makeJournal> & { hub: StreamHub; ledger: ResourceLedger; server: Server; url: string };
const settled = (check: () => void) => vi.waitFor(check, { interval: 3, timeout: 4000 });

/** A real server with one of the two transports on it. */
async function serve(kind: 'socket' | 'web'): Promise<Parts> {
  const parts = makeJournal({ pendingBytesMax: 1e9, pendingEventsMax: 1e6, ring: { eventsMax: 500, bytesMax: 1e9 } });
  await parts.journal.open();
  const { journal, clock } = parts;
  const { hub, ledger } = makeHub({
    journal,
    clock,
    onError: (error) => {
      throw error;
    },
  });
  const server = createServer(async (req, res) => {
    const asked = parseStreamRequest(new URL(req.url ?? '/', 'http://x').searchParams, null, clock.ms);
    if (kind === 'socket') return openSocketStream(hub, EVENT_STREAM, asked, PEER, req, res);
    const abort = new AbortController();
    res.once('close', () => abort.abort());
    res.writeHead(200, EVENT_STREAM.headers);
    const reader = openWebStream(hub, EVENT_STREAM, asked, PEER, abort.signal).getReader();
    let resume = (): void => undefined;
    res.on('drain', () => resume());
    res.once('close', () => resume());
    for (let piece = await reader.read(); !piece.done && !res.destroyed; piece = await reader.read()) {
      const drained = new Promise<void>((resolve) => {
        resume = resolve;
      });
      if (!res.write(piece.value)) await drained;
    }
    res.end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { ...parts, hub, ledger, server, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` };
}

/** Reads a stream as any client would. */
function listen(url: string) {
  const frames: EventSourceMessage[] = [];
  const parser = createParser({ onEvent: (frame) => frames.push(frame) });
  const state = { ended: false, broken: false, headers: {} as Record<string, unknown> };
  const req = request(url, (res) => {
    state.headers = res.headers;
    const decoder = new TextDecoder();
    res.on('data', (piece: Buffer) => parser.feed(decoder.decode(piece, { stream: true })));
    res.on('end', () => {
      state.ended = true;
    });
    res.on('error', () => {
      state.broken = true;
    });
  });
  req.on('error', () => {
    state.broken = true;
  });
  req.end();
  const messages = () =>
    frames.flatMap((frame) => (frame.event === 'log' ? [JSON.parse(frame.data).message as string] : []));
  return { frames, state, messages, leave: () => req.destroy() };
}

describe.each(['socket', 'web'] as const)('a stream through a %s', (kind) => {
  let parts: Parts;
  beforeEach(async () => {
    parts = await serve(kind);
  });
  afterEach(async () => {
    parts.hub.close();
    parts.server.closeAllConnections();
    await new Promise((resolve) => parts.server.close(resolve));
  });

  test('brings first frame, replay, live and goodbye, and ends cleanly', async () => {
    const { journal, hub, url } = parts;
    await journal.append([logAt('é1'), logAt('2')]);
    const client = listen(`${url}/?from=AAAAAAAA.0`);
    await settled(() => expect(client.frames.map((frame) => frame.event)).toEqual(['stream', 'log', 'log', 'live']));
    expect(client.state.headers).toMatchObject({
      'content-type': 'text/event-stream; charset=utf-8',
      'x-accel-buffering': 'no',
    });
    await journal.append([logAt('3')]);
    await settled(() => expect(client.messages()).toEqual(['é1', '2', '3']));
    await hub.drain(0);
    await settled(() => expect(client.state).toMatchObject({ ended: true, broken: false }));
    expect(client.frames.at(-1)?.event).toBe('bye');
    expect(hub.connections).toBe(0);
  });

  test('the first frame comes first, also when the reader waits for it', async () => {
    const client = listen(parts.url);
    await settled(() => expect(client.frames.map((frame) => frame.event)).toEqual(['stream', 'live']));
  });

  test('a client that leaves is forgotten', async () => {
    const client = listen(parts.url);
    await settled(() => expect(client.frames).toHaveLength(2));
    client.leave();
    await settled(() => expect(parts.hub).toMatchObject({ connections: 0, groups: 0 }));
    expect(parts.hub.closedByReason.get('client-left')).toBe(1);
    await settled(() => expect(parts.ledger.heldTotal + parts.ledger.leaked).toBe(0));
  });

  test('a client that stops reading holds a bounded amount, and gets everything when it reads again', async () => {
    const { journal, hub, url } = parts;
    const frames: EventSourceMessage[] = [];
    const parser = createParser({ onEvent: (frame) => frames.push(frame) });
    const response = await fetch(url);
    const text = response.body?.pipeThrough(new TextDecoderStream()).getReader();
    if (!text) throw new Error('no body');
    const text8k = 'x'.repeat(8000);
    for (let round = 0; round < 60; round += 1)
      await journal.append(Array.from({ length: 50 }, (_, index) => logAt(`${round * 50 + index} ${text8k}`)));
    // 24 MB were written; what was handed to the sink stops far below, at what the kernel and the buffers hold.
    let before = -1;
    await settled(() => {
      const { bytes } = hub.delivered;
      const stands = bytes === before;
      before = bytes;
      expect(stands && bytes > 0).toBe(true);
    });
    expect(hub.delivered.bytes).toBeLessThan(16e6);
    const seen = () =>
      frames.flatMap((frame) => (frame.event === 'log' ? [Number.parseInt(JSON.parse(frame.data).message, 10)] : []));
    while ((frames.at(-1)?.id ?? '') !== 'AAAAAAAA.3000') parser.feed((await text.read()).value ?? '');
    expect(seen()).toEqual(Array.from({ length: 3000 }, (_, index) => index));
    await text.cancel();
  }, 15_000);
});

test('an HTTP/1.0 client gets the stream without chunks', async () => {
  const parts = await serve('socket');
  const socket = connect(Number(new URL(parts.url).port), '127.0.0.1');
  let text = '';
  socket.on('data', (piece) => {
    text += piece.toString();
  });
  socket.write('GET / HTTP/1.0\r\n\r\n');
  await settled(() => expect(text).toContain('event: live'));
  expect(text).not.toMatch(/transfer-encoding/i);
  expect(text.split('\r\n\r\n')[1]).toMatch(/^retry: \d+\n\nid: AAAAAAAA\.0\nevent: stream\n/);
  socket.destroy();
  await settled(() => expect(parts.hub.connections).toBe(0));
  parts.hub.close();
  await new Promise((resolve) => parts.server.close(resolve));
});

test('a client that has left before its stream is opened leaves nothing behind', async () => {
  const { journal, clock } = makeJournal();
  await journal.open();
  const { hub } = makeHub({ journal, clock, onError: () => undefined });
  const left = { seen: false };
  const server = createServer((req, res) => {
    res.once('close', () => {
      openSocketStream(hub, EVENT_STREAM, parseStreamRequest(new URLSearchParams(), null, 0), PEER, req, res);
      left.seen = true;
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const socket = connect((server.address() as AddressInfo).port, '127.0.0.1');
  socket.write('GET / HTTP/1.1\r\nHost: x\r\n\r\n', () => setTimeout(() => socket.destroy(), 20));
  await settled(() => expect(left.seen).toBe(true));
  expect(hub.connections).toBe(0);
  hub.close();
  await new Promise((resolve) => server.close(resolve));
});

test('who asks for JSON or names itself wants an honest status', () => {
  expect(wantsStatus({ accept: 'text/event-stream', client: null })).toBe(false);
  expect(wantsStatus({ accept: null, client: null })).toBe(false);
  expect(wantsStatus({ accept: 'text/event-stream, application/json', client: null })).toBe(true);
  expect(wantsStatus({ accept: null, client: 'web' })).toBe(true);
});
