import { afterEach, expect, test } from 'vitest';
import { encodeControl } from '@/lib/wire/sse.ts';
import { StreamClient } from './stream-client.ts';
import { FakeScheduler } from './testing/fake-scheduler.ts';
import { FakeServer, logEvent } from './testing/fake-server.ts';

const disposals: (() => void)[] = [];
afterEach(() => {
  for (const dispose of disposals.splice(0)) dispose();
});

/** A stream that is open and live, with the fake server's heartbeat of 15 s. */
async function live(random: () => number = () => 0.5) {
  const scheduler = new FakeScheduler(random);
  const server = new FakeServer(scheduler);
  const options = { fetch: server.fetch, scheduler, isOnline: () => true, onBatch: () => {}, onReport: () => {} };
  const client = new StreamClient(options);
  disposals.push(() => {
    client.stop('test over');
    server.dispose();
  });
  const openedMs = scheduler.now();
  client.open({ filter: {}, cursor: 'EpochAA1.0' }, 'start');
  await scheduler.advance(0);
  return { scheduler, server, client, openedMs };
}

test('the first acknowledgement falls anywhere in the first interval, later ones follow the heartbeats', async () => {
  const { scheduler, server, openedMs } = await live(() => 0.2);
  await scheduler.advance(46_000);
  expect(server.acks.map((ack) => ack.atMs - openedMs)).toEqual([3_000, 15_000, 30_000, 45_000]);
  expect(server.acks.map((ack) => ack.connectionId)).toEqual(['c1', 'c1', 'c1', 'c1']);
});

test('an acknowledgement says how far the client has read and how long it has held the newest heartbeat', async () => {
  const { scheduler, server, openedMs } = await live(() => 0.8);
  server.append(logEvent('one'), logEvent('two'));
  await scheduler.advance(12_500);
  expect(server.acks).toEqual([expect.objectContaining({ position: 'EpochAA1.2', reconnects: 0 })]);
  expect(server.acks[0]).not.toHaveProperty('heartbeat');
  // The heartbeat at 15 s comes too soon after it; the timer, an interval after the last one, reports on it.
  await scheduler.advance(15_000);
  expect(server.acks[1]).toMatchObject({
    atMs: openedMs + 27_000,
    heartbeat: { time: new Date(openedMs + 15_000).toISOString(), heldMs: 12_000 },
  });
});

test('a heartbeat that comes long after the last acknowledgement is answered at once, held for no time', async () => {
  const { scheduler, server } = await live(() => 0.2);
  await scheduler.advance(15_000);
  expect(server.acks[1]?.heartbeat?.heldMs).toBe(0);
});

test('heartbeats that come fast are not each answered', async () => {
  const { scheduler, server } = await live(() => 0.2);
  for (let second = 0; second < 60; second += 1) {
    const time = new Date(scheduler.now()).toISOString();
    server.send(encodeControl('heartbeat', { time, head: server.head }, server.head));
    await scheduler.advance(1_000);
  }
  expect(server.acks.length).toBeGreaterThanOrEqual(4);
  expect(server.acks.length).toBeLessThanOrEqual(8);
});

test('a client without heartbeats still acknowledges once an interval', async () => {
  const { scheduler, server } = await live(() => 0.4);
  server.heartbeat = () => undefined;
  // Bytes come in pieces that never make a frame: the watchdog is content, and nothing else would trigger.
  for (let second = 0; second < 62; second += 1) {
    server.send(new TextEncoder().encode(':'));
    await scheduler.advance(1_000);
  }
  expect(server.acks).toHaveLength(4);
});

test('one acknowledgement is on its way at a time, and one without an answer gives way after an interval', async () => {
  const { scheduler, server, client } = await live(() => 0.2);
  const signals: (AbortSignal | undefined)[] = [];
  server.ack = (signal) => {
    signals.push(signal);
    return new Promise((_, reject) => signal?.addEventListener('abort', () => reject(signal.reason)));
  };
  await scheduler.advance(17_000);
  expect(signals).toHaveLength(1);
  await scheduler.advance(2_000);
  expect(signals.map((signal) => signal?.aborted)).toEqual([true, false]);
  client.stop('the page was left');
  expect(signals.map((signal) => signal?.aborted)).toEqual([true, true]);
});

test('an acknowledgement that fails changes nothing about the stream', async () => {
  const { scheduler, server, client } = await live(() => 0.2);
  const answers = [() => new Response(null, { status: 404 }), () => new Response('{}', { status: 500 })];
  server.ack = async () => {
    const answer = answers.shift();
    if (!answer) throw new TypeError('network error');
    return answer();
  };
  await scheduler.advance(50_000);
  expect(server.acks).toHaveLength(4);
  expect(client.report).toMatchObject({ phase: 'live', reconnects: 0 });
  expect(server.calls).toHaveLength(1);
});

test('a lost stream is not acknowledged, and the next one counts how often the client came back', async () => {
  const { scheduler, server, client } = await live(() => 0.2);
  await scheduler.advance(4_000);
  server.refuse = () => new Response(null, { status: 503 });
  server.cut();
  const acks = server.acks.length;
  await scheduler.advance(40_000);
  expect(server.acks).toHaveLength(acks);
  server.refuse = () => undefined;
  client.reconnectNow('test');
  await scheduler.advance(3_500);
  expect(server.acks.at(-1)).toMatchObject({ connectionId: 'c2', reconnects: 1 });
});
