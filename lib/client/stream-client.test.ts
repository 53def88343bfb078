import fc from 'fast-check';
import { afterEach, expect, test } from 'vitest';
import { FILTER_NONE } from '@/lib/core/filter.ts';
import { encodeControl, encodeEvents, encodeRetry } from '@/lib/wire/sse.ts';
import type { Phase } from './state.ts';
import type { StreamBatch, StreamReport } from './stream-batch.ts';
import { StreamClient } from './stream-client.ts';
import { FakeScheduler } from './testing/fake-scheduler.ts';
import { FakeServer, logEvent } from './testing/fake-server.ts';

const disposals: (() => void)[] = [];
afterEach(() => {
  for (const dispose of disposals.splice(0)) dispose();
});

function setUp(random?: () => number) {
  const scheduler = new FakeScheduler(random);
  const server = new FakeServer(scheduler);
  const batches: StreamBatch[] = [];
  const reports: StreamReport[] = [];
  const line = { online: true };
  const client = new StreamClient({
    fetch: server.fetch,
    scheduler,
    isOnline: () => line.online,
    onBatch: (batch) => batches.push(batch),
    onReport: (report) => reports.push(report),
    onIllegal: (state, input) => {
      throw new Error(`illegal move ${input.type} in ${state.phase}`);
    },
  });
  disposals.push(() => {
    client.stop('test over');
    server.dispose();
  });
  const messages = () => batches.flatMap((batch) => batch.events.map((e) => (e.kind === 'log' ? e.message : e.name)));
  const phases = () => reports.map((r) => r.phase).filter((phase, i, all): phase is Phase => phase !== all[i - 1]);
  return { scheduler, server, client, batches, reports, messages, phases, line };
}

const named = (from: number, to: number) =>
  Array.from({ length: to - from + 1 }, (_, index) => logEvent(`m${from + index}`));
const names = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, index) => `m${from + index}`);

test('the stream client starts from a position, catches up and goes live', async () => {
  const { scheduler, server, client, messages, phases } = setUp();
  server.append(...named(1, 5));
  client.open({ filter: { kind: 'log' }, cursor: 'EpochAA1.2' }, 'start');
  await scheduler.advance(50);
  server.append(...named(6, 7));
  await scheduler.advance(50);
  expect(messages()).toEqual(names(3, 7));
  expect(phases()).toEqual(['connecting', 'replaying', 'live']);
  expect(server.calls[0]?.url).toBe('/api/stream?kind=log&from=EpochAA1.2&ack=1');
  expect(server.calls[0]?.headers).toMatchObject({ 'X-Tailrace-Client': 'web' });
  expect(client.report).toMatchObject({ received: 5, replayed: 3, lost: 0, repeated: 0, cursor: 'EpochAA1.7' });
});

test('the stream client resumes with Last-Event-ID after a break and says how long it was down', async () => {
  const { scheduler, server, client, messages, batches } = setUp();
  client.open({ filter: {}, cursor: 'EpochAA1.0' }, 'start');
  await scheduler.advance(10_000);
  server.append(...named(1, 2));
  await scheduler.advance(20);
  server.cut();
  server.append(...named(3, 4));
  await scheduler.advance(2_000);
  expect(server.calls[1]).toMatchObject({ url: '/api/stream?ack=1', headers: { 'Last-Event-ID': 'EpochAA1.2' } });
  expect(messages()).toEqual(names(1, 4));
  const notices = batches.flatMap((batch) => batch.notices);
  expect(notices.at(-1)).toMatchObject({ kind: 'caught-up', downMs: 375, lost: 0 });
  expect(client.report.reconnects).toBe(1);
});

test('the stream client loses and repeats nothing, wherever the bytes are cut', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.integer({ min: 0, max: 3_000 }), { minLength: 1, maxLength: 12 }),
      fc.array(fc.integer({ min: 1, max: 90 }), { minLength: 1, maxLength: 5 }),
      fc.array(fc.integer({ min: 0, max: 9 }), { minLength: 1, maxLength: 8 }),
      async (cuts, pieces, bursts) => {
        const { scheduler, server, client, messages } = setUp();
        let piece = 0;
        server.pieces = () => pieces[piece++ % pieces.length] ?? 1;
        server.breaksAfter = () => cuts.shift() ?? Number.POSITIVE_INFINITY;
        client.open({ filter: {}, cursor: 'EpochAA1.0' }, 'start');
        let sent = 0;
        for (const burst of bursts) {
          server.append(...Array.from({ length: burst }, (_, i) => logEvent(`m${sent + i + 1}`)));
          sent += burst;
          await scheduler.advance(700);
        }
        await scheduler.advance(250_000);
        expect(messages()).toEqual(names(1, sent));
        expect(client.report).toMatchObject({ phase: 'live', lost: 0, repeated: 0, received: sent });
        client.stop('done');
        server.dispose();
      },
    ),
    { numRuns: 40, seed: 7 },
  );
});

test('the stream client follows an idle, filtered stream by the id of heartbeats', async () => {
  const { scheduler, server, client } = setUp();
  client.open({ filter: { services: ['nobody'] }, cursor: 'EpochAA1.0' }, 'start');
  await scheduler.advance(100);
  server.append(...named(1, 9));
  await scheduler.advance(15_100);
  expect(client.report).toMatchObject({ cursor: 'EpochAA1.9', received: 0, lost: 0, heartbeatDelayMs: 0 });
});

test('the stream client counts a break that the server does not announce', async () => {
  const { scheduler, server, client, messages } = setUp();
  client.open({ filter: FILTER_NONE, cursor: 'EpochAA1.0' }, 'start');
  await scheduler.advance(20);
  const entry = (seq: number) => ({ seq, kind: 'log', body: JSON.stringify(logEvent(`m${seq}`)) });
  server.send(encodeEvents('EpochAA1', 0, [entry(1), entry(2)]));
  server.send(encodeEvents('EpochAA1', 6, [entry(7)]));
  server.send(encodeEvents('EpochAA1', 1, [entry(2)]));
  await scheduler.advance(20);
  expect(client.report).toMatchObject({ lost: 4, repeated: 1 });
  expect(messages()).toEqual(['m1', 'm2', 'm7']);
});

test('the stream client turns an announced gap into a notice before the events that follow it', async () => {
  const { scheduler, server, client, batches } = setUp();
  server.append(...named(1, 9));
  server.retained = 5;
  client.open({ filter: {}, cursor: 'EpochAA1.2' }, 'start');
  await scheduler.advance(50);
  expect(batches[0]?.notices).toMatchObject([
    { kind: 'gap', gap: { from: 'EpochAA1.2', to: 'EpochAA1.5', missed: 3 } },
  ]);
  expect(batches[0]).toMatchObject({ fromCursor: 'EpochAA1.2', toCursor: 'EpochAA1.9', replay: true });
  server.send(
    encodeControl('gap', { from: 'EpochAA1.9', to: 'EpochAA1.12', missed: 3, reason: 'retention' }, 'EpochAA1.12'),
  );
  await scheduler.advance(50);
  expect(client.report).toMatchObject({ lost: 6, cursor: 'EpochAA1.12' });
});

test('the stream client goes over to another journal when the server lost the old one', async () => {
  const { scheduler, server, client, batches, messages } = setUp();
  server.append(...named(1, 3));
  client.open({ filter: {}, cursor: 'EpochAA1.0' }, 'start');
  await scheduler.advance(50);
  server.reset('EpochBB2');
  server.append(logEvent('again'));
  await scheduler.advance(2_000);
  expect(messages()).toEqual(['m1', 'm2', 'm3', 'again']);
  expect(batches.flatMap((batch) => batch.notices).find((notice) => notice.kind === 'reset')).toBeDefined();
  expect(client.report).toMatchObject({ cursor: 'EpochBB2.1', epoch: 'EpochBB2', lost: 0 });
});

test('the stream client gives up a silent stream after a heartbeat and its slack, and connects again', async () => {
  const { scheduler, server, client, phases } = setUp();
  client.open({ filter: {}, cursor: 'EpochAA1.0' }, 'start');
  await scheduler.advance(50);
  server.heartbeat = () => undefined;
  await scheduler.advance(24_000);
  expect(client.report.phase).toBe('live');
  await scheduler.advance(2_000);
  expect(phases()).toEqual(['connecting', 'live', 'stale', 'connecting', 'live']);
  expect(client.report.reconnects).toBe(1);
  expect(server.open).toBe(1);
});

test('the stream client looks at once when a laptop wakes', async () => {
  const { scheduler, client, phases } = setUp();
  client.open({ filter: {}, cursor: 'EpochAA1.0' }, 'start');
  await scheduler.advance(50);
  scheduler.sleep(3_600_000);
  client.check();
  expect(phases()).toContain('stale');
});

test('the stream client does not wait for an answer for ever', async () => {
  const { scheduler, server, client, phases } = setUp();
  server.mute = true;
  client.open({ filter: {}, cursor: undefined }, 'start');
  await scheduler.advance(26_000);
  expect(phases()).toEqual(['connecting', 'stale', 'connecting']);
  expect(server.calls).toHaveLength(2);
});

test('the stream client stops for good at 204 and comes back when asked', async () => {
  const { scheduler, server, client } = setUp();
  server.refuse = () => new Response(null, { status: 204 });
  client.open({ filter: {}, cursor: 'EpochAA1.0' }, 'start');
  await scheduler.advance(120_000);
  expect(client.report.phase).toBe('closed');
  expect(server.calls).toHaveLength(1);
  server.refuse = () => undefined;
  client.reconnectNow('the reader asked');
  await scheduler.advance(50);
  expect(client.report.phase).toBe('live');
});

test('the stream client waits as long as Retry-After says', async () => {
  const { scheduler, server, client } = setUp();
  server.refuse = () => new Response('{}', { status: 503, headers: { 'Retry-After': '7' } });
  client.open({ filter: {}, cursor: 'EpochAA1.0' }, 'start');
  await scheduler.advance(1);
  expect(client.report).toMatchObject({ phase: 'waiting', attempt: 1, cause: 'the server answered 503' });
  expect((client.report.retryAtMs ?? 0) - client.report.sinceMs).toBe(7_250);
  await scheduler.advance(7_000);
  expect(server.calls).toHaveLength(1);
  await scheduler.advance(300);
  expect(server.calls).toHaveLength(2);
});

test('the stream client backs off further with every failure, up to 20 s, and takes the hint of retry as its least', async () => {
  const { scheduler, server, client, reports } = setUp(() => 0.999_999);
  client.open({ filter: {}, cursor: 'EpochAA1.0' }, 'start');
  await scheduler.advance(50);
  server.send(encodeRetry(2_000));
  await scheduler.advance(50);
  server.refuse = () => new TypeError('Failed to fetch');
  server.cut();
  await scheduler.advance(120_000);
  const waits = reports.filter((r) => r.phase === 'waiting').map((r) => Math.round((r.retryAtMs ?? 0) - r.sinceMs));
  expect([...new Set(waits)]).toEqual([2_000, 4_000, 8_000, 16_000, 20_000]);
});

test('the stream client obeys busy and bye', async () => {
  const { scheduler, server, client } = setUp();
  client.open({ filter: {}, cursor: 'EpochAA1.0' }, 'start');
  await scheduler.advance(50);
  server.send(encodeControl('bye', { code: 2000, reason: 'draining', reconnect: true, retryMs: 3_000 }));
  await scheduler.advance(1);
  expect(client.report).toMatchObject({ phase: 'waiting', cause: 'the server is shutting down' });
  await scheduler.advance(3_300);
  expect(client.report.phase).toBe('live');
  server.send(encodeControl('busy', { reason: 'too many streams', retryMs: 4_000 }));
  await scheduler.advance(4_000);
  expect(client.report.phase).toBe('waiting');
  await scheduler.advance(300);
  server.send(encodeControl('bye', { code: 3000, reason: 'denied', reconnect: false, retryMs: 0 }));
  await scheduler.advance(60_000);
  expect(client.report.phase).toBe('closed');
});

test('the stream client is offline with the browser and returns with it', async () => {
  const { scheduler, server, client, line, phases } = setUp();
  client.open({ filter: {}, cursor: 'EpochAA1.0' }, 'start');
  await scheduler.advance(50);
  line.online = false;
  server.refuse = () => new TypeError('Failed to fetch');
  client.online(false);
  await scheduler.advance(5_000);
  expect(client.report.phase).toBe('offline');
  line.online = true;
  server.refuse = () => undefined;
  client.online(true);
  await scheduler.advance(50);
  expect(client.report.phase).toBe('live');
  expect(phases()).not.toContain('waiting');
});

test('the stream client turns a flood into a few batches of bounded size', async () => {
  const { scheduler, server, client, batches, messages } = setUp();
  client.open({ filter: {}, cursor: 'EpochAA1.0' }, 'start');
  await scheduler.advance(50);
  for (let burst = 0; burst < 10; burst += 1) {
    server.append(...named(burst * 1_000 + 1, burst * 1_000 + 1_000));
    await scheduler.advance(100);
  }
  expect(messages()).toEqual(names(1, 10_000));
  expect(Math.max(...batches.map((batch) => batch.events.length))).toBeLessThanOrEqual(2_000);
  expect(batches.length).toBeLessThan(40);
});

test('the stream client goes over to another filter without counting that as a loss', async () => {
  const { scheduler, server, client, phases } = setUp();
  client.open({ filter: {}, cursor: 'EpochAA1.0' }, 'start');
  await scheduler.advance(50);
  client.open({ filter: { kind: 'log' }, cursor: 'EpochAA1.0' }, 'the filter changed');
  await scheduler.advance(50);
  expect(phases()).toEqual(['connecting', 'live', 'connecting', 'live']);
  expect(client.report.reconnects).toBe(0);
  expect(server.open).toBe(1);
});

test('the stream client releases the connection and every timer when it stops', async () => {
  const { scheduler, server, client } = setUp();
  client.open({ filter: {}, cursor: 'EpochAA1.0' }, 'start');
  await scheduler.advance(50);
  client.stop('over');
  await scheduler.advance(1);
  expect(server.open).toBe(0);
  server.dispose();
  expect(scheduler.timers).toBe(0);
});
