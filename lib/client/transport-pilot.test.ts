import { afterEach, expect, test } from 'vitest';
import type { StoragePort } from './connection-history.ts';
import type { StreamBatch, StreamReport } from './stream-batch.ts';
import { StreamClient } from './stream-client.ts';
import { FakeScheduler } from './testing/fake-scheduler.ts';
import { FakeServer, logEvent, type Treatment } from './testing/fake-server.ts';
import { FIRST_FRAME_MS, REST } from './transport-choice.ts';
import type { TransportWish } from './transport-try.ts';

const disposals: (() => void)[] = [];
afterEach(() => {
  for (const dispose of disposals.splice(0)) dispose();
});

function storage(): StoragePort {
  const kept = new Map<string, string>();
  return { getItem: (key) => kept.get(key) ?? null, setItem: (key, value) => void kept.set(key, value) };
}

function setUp(memory = storage()) {
  const scheduler = new FakeScheduler();
  const server = new FakeServer(scheduler);
  const batches: StreamBatch[] = [];
  const reports: StreamReport[] = [];
  const treatments: Partial<Record<string, Treatment>> = {};
  server.treats = (name) => treatments[name] ?? 'through';
  const open = () => {
    const client = new StreamClient({
      fetch: server.fetch,
      openWebSocket: server.openWebSocket,
      scheduler,
      memory,
      isOnline: () => true,
      onBatch: (batch) => batches.push(batch),
      onReport: (report) => reports.push(report),
      onIllegal: (state, input) => {
        throw new Error(`illegal move ${input.type} in ${state.phase}`);
      },
    });
    disposals.push(() => client.stop('test over'));
    client.open({ filter: {}, cursor: 'EpochAA1.0' }, 'start');
    return client;
  };
  disposals.push(() => server.dispose());
  const messages = () => batches.flatMap((batch) => batch.events.map((e) => (e.kind === 'log' ? e.message : e.name)));
  return { scheduler, server, treatments, open, reports, messages };
}

const byHand = (wish: TransportWish) => ({ wish, why: 'it was chosen by hand', remember: true });

test('a stream that is held back is left for a WebSocket, and the page says why', async () => {
  const { scheduler, server, treatments, open, messages } = setUp();
  treatments['sse'] = 'held';
  server.append(logEvent('m1'));
  const client = open();
  await scheduler.advance(FIRST_FRAME_MS - 1);
  expect(client.report).toMatchObject({ phase: 'connecting', transport: 'sse' });
  await scheduler.advance(100);
  expect(client.report).toMatchObject({ phase: 'live', transport: 'ws', lost: 0, switches: 0, reconnects: 0 });
  expect(client.report.why).toContain('SSE brought nothing within 4 s');
  expect(client.report.tried.map(({ transport, outcome }) => [transport, outcome])).toEqual([
    ['sse', 'failed'],
    ['ws', 'open'],
  ]);
  expect(messages()).toEqual(['m1']);
  expect(server.open).toBe(1);
});

test('with WebSockets refused too it is the HTTP stream, and with that held back the long poll', async () => {
  const { scheduler, treatments, open } = setUp();
  Object.assign(treatments, { sse: 'held', ws: 'refused', http: 'held' });
  const client = open();
  await scheduler.advance(FIRST_FRAME_MS + 100);
  expect(client.report).toMatchObject({ phase: 'connecting', transport: 'http' });
  await scheduler.advance(FIRST_FRAME_MS + 100);
  expect(client.report).toMatchObject({ phase: 'live', transport: 'poll' });
  expect(client.report.tried.map(({ transport }) => transport)).toEqual(['sse', 'ws', 'http', 'poll']);
});

test('a server that is away is no reason to leave a transport', async () => {
  const { scheduler, server, open } = setUp();
  const client = open();
  await scheduler.advance(100);
  server.refuse = () => new TypeError('Failed to fetch');
  server.cut();
  await scheduler.advance(180_000);
  expect(client.report).toMatchObject({ phase: 'waiting', transport: 'sse' });
  server.refuse = () => undefined;
  await scheduler.advance(25_000);
  expect(client.report).toMatchObject({ phase: 'live', transport: 'sse' });
  // Three entries, whatever the number of attempts: the stream, the outage, the stream.
  expect(client.report.tried.map(({ outcome }) => outcome)).toEqual(['ended', 'failed', 'open']);
});

test('a server that is busy is no reason either', async () => {
  const { scheduler, server, open } = setUp();
  server.refuse = ({ url }) =>
    url.startsWith('/api/stream') ? new Response('{}', { status: 503, headers: { 'Retry-After': '2' } }) : undefined;
  const client = open();
  await scheduler.advance(60_000);
  expect(client.report).toMatchObject({ phase: 'waiting', transport: 'sse', cause: 'the server answered 503' });
});

test('the preferred transport is tried again after five minutes, then after ten, without a loss', async () => {
  const { scheduler, server, treatments, open, messages } = setUp();
  treatments['sse'] = 'held';
  const client = open();
  await scheduler.advance(FIRST_FRAME_MS + 100);
  server.opened.length = 0;
  await scheduler.advance(REST.minMs + FIRST_FRAME_MS);
  expect(server.opened).toEqual(['sse', 'ws']);
  server.append(logEvent('m1'));
  await scheduler.advance(REST.minMs);
  expect(server.opened).toHaveLength(2);
  treatments['sse'] = 'through';
  await scheduler.advance(REST.minMs + FIRST_FRAME_MS);
  expect(client.report).toMatchObject({ phase: 'live', transport: 'sse', lost: 0, repeated: 0, reconnects: 0 });
  expect(messages()).toEqual(['m1']);
});

test('the next page begins with what worked, until the preferred one is due again', async () => {
  const memory = storage();
  const first = setUp(memory);
  first.treatments['sse'] = 'held';
  first.open();
  await first.scheduler.advance(FIRST_FRAME_MS + 100);
  const second = setUp(memory);
  const client = second.open();
  await second.scheduler.advance(100);
  expect(second.server.opened).toEqual(['ws']);
  expect(client.report.why).toBe('it worked last time, when SSE did not');
});

test('a change by hand in mid-stream is a change, not an outage, and goes on at the cursor', async () => {
  const { scheduler, server, open, reports, messages } = setUp();
  const client = open();
  await scheduler.advance(100);
  server.append(logEvent('m1'), logEvent('m2'));
  client.wish(byHand('ws'));
  server.append(logEvent('m3'));
  await scheduler.advance(100);
  expect(client.report).toMatchObject({ phase: 'live', transport: 'ws', switches: 1, switching: false, reconnects: 0 });
  expect(client.report).toMatchObject({ lost: 0, repeated: 0, received: 3, why: 'it was chosen by hand' });
  expect(messages()).toEqual(['m1', 'm2', 'm3']);
  expect(reports.map(({ phase }) => phase)).not.toContain('waiting');
  expect(reports.some(({ phase, switching }) => phase === 'connecting' && switching)).toBe(true);
  expect(client.report.tried[0]).toMatchObject({
    outcome: 'ended',
    why: 'gave way to WebSocket: it was chosen by hand',
  });
});

test('what was chosen by hand is kept, even if it does not work', async () => {
  const { scheduler, treatments, open } = setUp();
  treatments['ws'] = 'refused';
  const client = open();
  client.wish(byHand('ws'));
  await scheduler.advance(120_000);
  expect(client.report).toMatchObject({
    phase: 'waiting',
    transport: 'ws',
    cause: 'the WebSocket could not be opened',
  });
  client.wish({ ...byHand('automatic'), why: 'it is the first in the order' });
  await scheduler.advance(100);
  expect(client.report).toMatchObject({ phase: 'live', transport: 'sse' });
});

test('a WebSocket carries its acknowledgements, a poll needs none', async () => {
  const { scheduler, server, open } = setUp();
  server.append(logEvent('m1'));
  const client = open();
  client.wish(byHand('ws'));
  await scheduler.advance(40_000);
  expect(server.acks).toEqual([]);
  expect(server.socketAcks.length).toBeGreaterThanOrEqual(2);
  expect(server.socketAcks.at(-1)).toMatchObject({ position: 'EpochAA1.1', heartbeat: { heldMs: expect.any(Number) } });
  client.wish(byHand('poll'));
  const before = server.socketAcks.length;
  await scheduler.advance(60_000);
  expect([server.acks.length, server.socketAcks.length]).toEqual([0, before]);
  expect(client.report).toMatchObject({ phase: 'live', lost: 0, repeated: 0 });
});

test('a stream that is handed on only when it has ended is left as well', async () => {
  const { scheduler, server, open } = setUp();
  // What the server wrote in three seconds arrives with its end.
  server.refuse = ({ url }) => {
    if (!url.startsWith('/api/stream')) return undefined;
    const text = `event: stream\ndata: ${JSON.stringify({
      state: 'live',
      connectionId: 'c9',
      epoch: 'EpochAA1',
      head: 'EpochAA1.0',
      from: 'EpochAA1.0',
      heartbeatMs: 1_000,
    })}\n\nevent: bye\ndata: {"code":2003,"reason":"heartbeat-missed","reconnect":true,"retryMs":300}\n\n`;
    const body = new ReadableStream<Uint8Array>({
      start: (controller) => {
        scheduler.after(3_000, () => {
          controller.enqueue(new TextEncoder().encode(text));
          controller.close();
        });
      },
    });
    return new Response(body, { headers: { 'Content-Type': 'text/event-stream' } });
  };
  const client = open();
  await scheduler.advance(3_100);
  expect(client.report).toMatchObject({ phase: 'live', transport: 'ws' });
  expect(client.report.why).toContain('SSE brought everything at once when it was over');
});
