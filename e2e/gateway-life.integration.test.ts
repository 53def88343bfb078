import { rmSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { byeFrameSchema } from '@/lib/wire/frames.ts';
import { WsClient } from './conformance/clients/ws-client.ts';
import { NO_FAULTS } from './support/continuity-ledger.ts';
import { EventFactory } from './support/events.ts';
import { GatewayPair } from './support/gateway-pair.ts';
import { post, publish } from './support/ingest-client.ts';
import { Random } from './support/random.ts';
import { SseClient } from './support/sse-client.ts';
import { until } from './support/wait.ts';

let pair: GatewayPair;
const clients: { close(): void }[] = [];
const opened = <T extends { close(): void }>(client: T): T => {
  clients.push(client);
  return client;
};
afterEach(async () => {
  for (const client of clients.splice(0)) client.close();
  await pair.stop();
});

const askReady = async (): Promise<{ status: number; says: string }> => {
  const response = await fetch(`${pair.gateway.url}/readyz`);
  return { status: response.status, says: ((await response.json()) as { status: string }).status };
};

test('a gateway that is started first waits for the server, says so, and serves when that is there', async () => {
  pair = await GatewayPair.make();
  await pair.startGateway({}, { awaits: '/healthz' });
  const { url } = pair.gateway;
  expect(await askReady()).toMatchObject({ status: 503, says: expect.stringContaining('waiting for the journal') });
  expect((await fetch(`${url}/api/stream`)).status).toBe(503);
  expect((await post(url, [{ message: 'too early' }])).answer.code).toBe('storage-unavailable');
  await until('a line in its log', () =>
    pair.gateway.output.includes('start the server with the same TAILRACE_DATA_DIR'),
  );
  await pair.startOwner();
  await until('the gateway to be ready', async () => (await askReady()).says === 'ready');
  const stream = opened(new SseClient(url));
  await stream.first('live');
  await publish(url, [{ message: 'now' }]);
  await stream.events(1);
}, 60_000);

test('SIGTERM while it waits ends it at once', async () => {
  pair = await GatewayPair.make();
  await pair.startGateway({}, { awaits: '/healthz' });
  await until('it to wait', () => pair.gateway.output.includes('waiting for the journal'));
  pair.gateway.signal('SIGTERM');
  expect(await pair.gateway.exited(5000)).toBe(0);
});

test('SIGTERM says goodbye to each stream, spread over the drain time, and holds nothing at the end', async () => {
  pair = await GatewayPair.start({ TAILRACE_DRAIN_MS: '800' });
  const make = new EventFactory(new Random(51), 'bye-');
  const streams = Array.from({ length: 200 }, () => opened(new SseClient(pair.gateway.url)));
  const socket = opened(new WsClient(pair.gateway.url));
  const stuck = opened(new SseClient(pair.gateway.url));
  await until('all streams', () => [...streams, socket, stuck].every(({ ledger }) => ledger.cursor >= 0));
  stuck.pause();
  await publish(pair.owner.url, make.many(50));
  for (const stream of streams) await stream.events(50);
  const startedAt = performance.now();
  pair.gateway.signal('SIGTERM');
  expect(await pair.gateway.exited(20_000), pair.gateway.output).toBe(0);
  expect(performance.now() - startedAt).toBeGreaterThan(600);
  expect(pair.gateway.output).not.toContain('not released');
  await socket.first('bye');
  for (const stream of streams) {
    await until('the end', () => stream.ended === 1);
    expect(byeFrameSchema.parse(stream.named('bye')[0])).toMatchObject({ code: 2000, reconnect: true });
    expect([stream.endedCleanly, stream.ledger.faults]).toEqual([1, NO_FAULTS]);
  }
}, 60_000);

test('when retention passes a reader of the gateway by, it is told how much it missed', async () => {
  pair = await GatewayPair.start({ TAILRACE_RING_EVENTS: '100' });
  const make = new EventFactory(new Random(52), 'old-');
  const padding = 'x'.repeat(4000);
  const { first } = await publish(pair.owner.url, make.many(1000, { kind: 'log', message: padding }));
  for (let more = 0; more < 9; more += 1) {
    await publish(pair.owner.url, make.many(1000, { kind: 'log', message: padding }));
  }
  const [epoch] = first?.split('.') ?? [];
  const slow = opened(new SseClient(pair.gateway.url, { query: `?from=${epoch}.0`, keepFrames: false }));
  await slow.events(1);
  slow.pause();
  await pair.owner.kill();
  // All but the newest is older than that.
  await pair.startOwner({ TAILRACE_RETENTION_HOURS: '0.0001' });
  const oldest = () => pair.gateway.metric('tailrace_journal_oldest_seq');
  await until('the gateway to know', async () => (await oldest()) > 9000);
  slow.resume();
  await publish(pair.owner.url, make.many(10));
  await until('the rest', () => slow.ledger.cursor >= 10_010);
  const { gaps, ...faults } = slow.ledger.faults;
  expect(faults).toMatchObject({ lost: [], repeated: [], broken: [], resets: [] });
  expect(gaps.length).toBeGreaterThan(0);
  const missed = slow.ledger.gaps.reduce((sum, gap) => sum + (gap.missed ?? 0), 0);
  expect(missed + slow.ledger.events).toBe(10_010);
  expect(slow.ended).toBe(0);
  const late = opened(new SseClient(pair.gateway.url, { query: `?from=${epoch}.1` }));
  expect(await late.first('stream')).toMatchObject({ state: 'gap', reason: 'retention' });
}, 60_000);

test('when the server has to begin a new epoch, streams are told to come back, and go on without a repeat', async () => {
  pair = await GatewayPair.start();
  const make = new EventFactory(new Random(53), 'epoch-');
  const streams = [
    opened(new SseClient(pair.gateway.url, { reconnect: true })),
    opened(new WsClient(pair.gateway.url, { reconnect: true })),
  ];
  await Promise.all(streams.map((stream) => stream.first('live')));
  const { last } = await publish(pair.owner.url, make.many(30));
  const [epoch] = last?.split('.') ?? [];
  for (const stream of streams) await stream.events(30);
  await pair.owner.kill();
  // What stands there when the server dies while it holds events that it could not store.
  await writeFile(join(pair.dataDir, 'tailrace.db.held'), `held ${epoch}\n`);
  await pair.startOwner();
  const renewed = await publish(pair.gateway.url, make.many(30));
  expect(renewed.last?.split('.')[0]).not.toBe(epoch);
  for (const stream of streams) {
    await stream.events(60);
    const { resets, ...faults } = stream.ledger.faults;
    expect(faults).toEqual({ lost: [], repeated: [], broken: [], gaps: [] });
    expect(resets).toMatchObject([{ state: 'reset', reason: 'epoch' }]);
    expect([...stream.ledger.seen.values()].every((times) => times === 1)).toBe(true);
    expect(stream.named('bye')).toMatchObject([{ reason: 'draining', reconnect: true }]);
  }
}, 60_000);

test('when the whole database is replaced, the gateway notices and serves the new one', async () => {
  pair = await GatewayPair.start();
  await publish(pair.owner.url, [{ message: 'in the old one' }, { message: 'and another' }]);
  const stream = opened(new SseClient(pair.gateway.url, { reconnect: true }));
  await stream.first('live');
  await pair.owner.kill();
  for (const suffix of ['', '-wal', '-shm']) rmSync(join(pair.dataDir, `tailrace.db${suffix}`), { force: true });
  await pair.startOwner();
  const { last } = await publish(pair.owner.url, [{ message: 'in the new one' }]);
  await until('the new one', () => stream.ledger.epoch === last?.split('.')[0] && stream.ledger.events === 1);
  expect(stream.ledger.resets).toMatchObject([{ reason: 'epoch' }]);
}, 60_000);
