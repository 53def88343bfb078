import { type ServiceError, status } from '@grpc/grpc-js';
import { afterEach, expect, test } from 'vitest';
import { grpcStub, type TailraceStub } from './conformance/clients/grpc-client.ts';
import { GRPC_SETTINGS } from './grpc-served.ts';
import { FaultyStore } from './support/faulty-store.ts';
import { type InProcessServer, startInProcess } from './support/in-process-server.ts';
import { until } from './support/wait.ts';

type Fields = Record<string, unknown>;
type Outcome = { readonly answer?: Fields; readonly error?: ServiceError };

let server: InProcessServer;
let stub: TailraceStub;
const store = new FaultyStore();

async function start(settings: Readonly<Record<string, string>>): Promise<void> {
  server = await startInProcess('socket', { ...GRPC_SETTINGS, ...settings }, { wrapHistory: store.wrap });
  stub = grpcStub(`127.0.0.1:${server.gateway.grpcPort}`);
}
afterEach(async () => {
  store.isDown = false;
  stub.close();
  await server.close();
  expect(server.runtime.ledger.leaks).toEqual([]);
});

const logs = (count: number): Fields => ({
  events: Array.from({ length: count }, (_, index) => ({ service: 'grpc', log: { message: `m${index}` } })),
});

function ask(method: 'PublishBatch' | 'Query', request: Fields): Promise<Outcome> {
  return new Promise((resolve) => {
    stub[method](request, (error, answer) => resolve(error ? { error } : { answer }));
  });
}

test('while the store is away a batch is held and says so, then refused with UNAVAILABLE and a delay, and nothing acknowledged is lost', async () => {
  await start({ TAILRACE_HELD_EVENTS_MAX: '50', TAILRACE_BREAKER_COOLDOWN_MS: '200' });
  expect((await ask('PublishBatch', logs(10))).answer).toMatchObject({ accepted: 10, durable: true });
  store.isDown = true;
  let acknowledged = 10;
  let heldAnswers = 0;
  const refused: ServiceError[] = [];
  // Up to 25 appends fail before the breaker opens; then 50 events are held, and the rest is refused again.
  for (let tries = 0; tries < 200 && (heldAnswers < 5 || refused.at(-1)?.code !== status.UNAVAILABLE); tries += 1) {
    const { answer, error } = await ask('PublishBatch', logs(10));
    if (error) refused.push(error);
    else {
      expect(answer).toMatchObject({ accepted: 10, durable: false });
      acknowledged += 10;
      heldAnswers += 1;
    }
  }
  expect(heldAnswers).toBe(5);
  expect(new Set(refused.map(({ code }) => code))).toEqual(new Set([status.UNAVAILABLE]));
  const { error } = await ask('PublishBatch', logs(10));
  expect(error).toMatchObject({ code: status.UNAVAILABLE });
  expect(Number(error?.metadata.get('retry-after-ms')[0])).toBeGreaterThan(0);
  store.isDown = false;
  await until('what is held to be stored', () => server.runtime.journal.held.events === 0);
  expect(server.runtime.journal.durableSeq).toBe(acknowledged);
});

test('while the store is away a page of history is refused, and a stream goes on from what is in memory', async () => {
  await start({ TAILRACE_RING_EVENTS: '100' });
  for (let round = 0; round < 5; round += 1) await ask('PublishBatch', logs(100));
  const epoch = server.runtime.journal.epoch;
  store.isDown = true;
  const { error } = await ask('Query', { limit: 5, after: `${epoch}.1` });
  expect(error).toMatchObject({ code: status.UNAVAILABLE });
  const call = stub.Subscribe({ from: `${epoch}.480` });
  const frames: Fields[] = [];
  call.on('data', (frame: Fields) => frames.push(frame)).on('error', () => undefined);
  await until('the newest events', () => JSON.stringify(frames).includes('"m99"'));
  call.cancel();
  await until('the stream to be gone', () => server.runtime.hub.connections === 0);
});

test('an address that has sent more than it may is told RESOURCE_EXHAUSTED and when to come, and is let in then', async () => {
  await start({ TAILRACE_INGEST_RATE: '200' });
  expect((await ask('PublishBatch', logs(500))).answer).toMatchObject({ accepted: 500 });
  const { error } = await ask('PublishBatch', logs(1));
  expect(error).toMatchObject({ code: status.RESOURCE_EXHAUSTED });
  const delayMs = Number(error?.metadata.get('retry-after-ms')[0]);
  expect(delayMs).toBeGreaterThan(0);
  await new Promise((resolve) => setTimeout(resolve, delayMs + 50));
  expect((await ask('PublishBatch', logs(1))).answer).toMatchObject({ accepted: 1 });
  expect(server.runtime.ingestTotals.limited).toBe(1);
});

test('more new streams a second than are taken are told when to come', async () => {
  await start({ TAILRACE_CONNECT_RATE: '2' });
  const refusals: ServiceError[] = [];
  const calls = Array.from({ length: 6 }, () => {
    const call = stub.Subscribe({});
    call.on('data', () => undefined).on('error', (error: ServiceError) => refusals.push(error));
    return call;
  });
  await until('some to be refused', () => refusals.length >= 3);
  for (const { code, metadata } of refusals) {
    expect([status.RESOURCE_EXHAUSTED, status.UNAVAILABLE]).toContain(code);
    expect(Number(metadata.get('retry-after-ms')[0])).toBeGreaterThan(0);
  }
  for (const call of calls) call.cancel();
  await until('the streams to be gone', () => server.runtime.hub.connections === 0);
});
