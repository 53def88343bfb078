import { expect, test } from 'vitest';
import { GrpcClient } from './conformance/clients/grpc-client.ts';
import { withGrpcServer } from './grpc-served.ts';
import { NO_FAULTS } from './support/continuity-ledger.ts';
import { EventFactory } from './support/events.ts';
import { publish } from './support/ingest-client.ts';
import { Random } from './support/random.ts';
import { until } from './support/wait.ts';

const MIB = 1024 * 1024;

test('a reader that stops holds little, disturbs nobody and goes on where it was', async () => {
  await withGrpcServer({ TAILRACE_RING_EVENTS: '2000', TAILRACE_SLOW_MS: '60000' }, async (server, url) => {
    const [fast, slow] = [new GrpcClient(url, { keepFrames: false }), new GrpcClient(url, { keepFrames: false })];
    await until('both to be attached', () => [fast, slow].every(({ ledger }) => ledger.cursor >= 0));
    slow.pause();
    const factory = new EventFactory(new Random(7));
    let sent = 0;
    for (let round = 0; round < 40; round += 1) {
      await publish(server.url, factory.many(500, { kind: 'log', message: 'p'.repeat(900) }));
      sent += 500;
      await fast.events(sent);
    }
    expect(fast.bytes).toBeGreaterThan(16 * MIB);
    // What the client's library reads ahead: sixteen messages of a quarter of a MiB, and a window of HTTP/2.
    expect(slow.bytes).toBeLessThan(6 * MIB);
    const queued = [...server.runtime.hub.sessions.values()].map(({ writer }) => writer.queuedBytes);
    expect(Math.max(...queued)).toBeLessThan(MIB);
    slow.resume();
    await slow.events(sent, 30_000);
    for (const { ledger } of [fast, slow]) expect(ledger.faults).toEqual(NO_FAULTS);
    for (const each of [fast, slow]) each.close();
  });
});

test('a reader that takes nothing for too long loses its place, though it reads neither goodbye nor status', async () => {
  await withGrpcServer({ TAILRACE_SLOW_MS: '500', TAILRACE_HEARTBEAT_MS: '200' }, async (server, url) => {
    const client = new GrpcClient(url, { keepFrames: false });
    await until('the stream', () => client.ledger.cursor >= 0);
    client.pause();
    const factory = new EventFactory(new Random(8));
    // Beyond what the client's library reads ahead.
    for (let batch = 0; batch < 12; batch += 1) {
      await publish(server.url, factory.many(500, { kind: 'log', message: 'p'.repeat(2000) }));
    }
    await until('the place to be free', () => server.runtime.hub.connections === 0, 15_000);
    expect(server.runtime.hub.closedByReason.get('slow')).toBe(1);
    client.close();
  });
});

test('a connection that is broken off by the server is taken up again where it was', async () => {
  await withGrpcServer({}, async (server, url) => {
    const client = new GrpcClient(url, { reconnect: true });
    await client.first('live');
    const factory = new EventFactory(new Random(9));
    for (let round = 0; round < 5; round += 1) {
      await publish(server.url, factory.many(50));
      expect(server.runtime.hub.cut(1)).toBe(1);
      await publish(server.url, factory.many(50));
      await client.events(100 * (round + 1));
    }
    expect(client.ledger.faults).toEqual(NO_FAULTS);
    expect(client.connections).toBeGreaterThan(5);
    client.close();
  });
});

test('a peer that answers no ping has lost its place after its time', async () => {
  await withGrpcServer({ TAILRACE_HEARTBEAT_MS: '200' }, async ({ runtime }, url) => {
    const client = new GrpcClient(url);
    await client.first('live');
    client.freeze();
    await until('the place to be free', () => runtime.hub.connections === 0, 15_000);
    client.close();
  });
});
