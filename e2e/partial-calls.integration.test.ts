import { setTimeout as pause } from 'node:timers/promises';
import { Client, credentials, type ServiceError, status } from '@grpc/grpc-js';
import mqtt from 'mqtt';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { toProto } from '@/lib/ingest/otlp/testing/encode-otlp.ts';
import { logsRequest } from '@/lib/ingest/otlp/testing/otlp-requests.ts';
import { grpcStub, type TailraceStub } from './conformance/clients/grpc-client.ts';
import { BreakingStore } from './support/breaking-store.ts';
import { type InProcessServer, startInProcess } from './support/in-process-server.ts';
import { storedMessages } from './support/stored-events.ts';
import { until } from './support/wait.ts';

/** More than a commit takes, so that they are stored in several. */
const EVENTS = 5500;

const store = new BreakingStore();
let server: InProcessServer;
let stub: TailraceStub;
let before = 0;
beforeAll(async () => {
  const ports = { TAILRACE_GRPC_PORT: '0', TAILRACE_MQTT_PORT: '0' };
  const environment = { ...ports, TAILRACE_HELD_EVENTS_MAX: '0', TAILRACE_BREAKER_COOLDOWN_MS: '50' };
  server = await startInProcess('socket', environment, { wrapHistory: store.wrap });
  stub = grpcStub(`127.0.0.1:${server.gateway.grpcPort}`);
});
afterEach(async () => {
  store.mend();
  store.delayMs = 0;
  before = (await storedMessages(server.url)).length;
});
afterAll(async () => {
  stub.close();
  await server.close();
});

const stored = async (): Promise<string[]> => (await storedMessages(server.url)).slice(before);
const messagesOf = (name: string, count = EVENTS) => Array.from({ length: count }, (_, n) => `${name} ${n}`);

/** Sends until it is taken; in the middle of the first two tries the store goes away, first for a moment. */
async function untilTaken(send: () => Promise<ServiceError | undefined>): Promise<number> {
  for (let tries = 1; tries < 100; tries += 1) {
    if (tries < 3) store.breakAfter(1, tries === 1 ? 1 : undefined);
    else store.mend();
    const error = await send();
    if (!error) return tries;
    expect(error.code).toBe(status.UNAVAILABLE);
    await pause(60);
  }
  throw new Error('expected it to be taken at last');
}

test('a batch of gRPC without a key that was stored in part goes on behind it', async () => {
  const messages = messagesOf('batch');
  const request = { events: messages.map((message) => ({ log: { message } })) };
  let answer: Record<string, unknown> = {};
  const tries = await untilTaken(
    () =>
      new Promise((resolve) => {
        stub.PublishBatch(request, (error, response) => {
          answer = response;
          resolve(error ?? undefined);
        });
      }),
  );
  expect(tries).toBeGreaterThan(2);
  expect(answer).toMatchObject({ accepted: EVENTS, rejected: 0, durable: true });
  expect(await stored()).toEqual(messages);
});

test('a publisher that sends again what was not answered doubles nothing of its stream', async () => {
  const batches = Array.from({ length: 60 }, (_, n) => messagesOf(`stream ${n}`, 400));
  let answered = 0;
  const tries = await untilTaken(
    () =>
      new Promise((resolve) => {
        const call = stub.Publish();
        call.on('data', () => {
          answered += 1;
        });
        call.on('error', (error: ServiceError) => resolve(error));
        call.on('end', () => resolve(undefined));
        for (const batch of batches.slice(answered)) {
          call.write({ events: batch.map((message) => ({ log: { message } })) });
        }
        call.end();
      }),
  );
  expect(tries).toBeGreaterThan(2);
  expect(answered).toBe(batches.length);
  expect(await stored()).toEqual(batches.flat());
});

test('an export of OTLP over gRPC without times that was stored in part goes on behind it', async () => {
  const messages = messagesOf('export');
  const body = toProto('logs', logsRequest(messages.map((stringValue) => ({ body: { stringValue } }))));
  const client = new Client(`127.0.0.1:${server.gateway.grpcPort}`, credentials.createInsecure());
  const same = (bytes: Buffer): Buffer => bytes;
  const path = '/opentelemetry.proto.collector.logs.v1.LogsService/Export';
  const tries = await untilTaken(
    () =>
      new Promise((resolve) => {
        client.makeUnaryRequest(path, same, same, body, (error) => resolve(error ?? undefined));
      }),
  );
  client.close();
  expect(tries).toBeGreaterThan(2);
  expect(await stored()).toEqual(messages);
});

test.each<[string, number, number, number]>([
  ['a message', 1, EVENTS, 0],
  // Many commits of few events: some are on their way behind the one that is refused.
  ['a burst of messages', 90, 4, 10_000],
])('%s of MQTT goes on where it broke off when its client sends again what was not acknowledged', async (...given) => {
  const [name, count, events, paddingChars] = given;
  const padding = 'x'.repeat(paddingChars);
  const batches = Array.from({ length: count }, (_, n) => messagesOf(`${padding}${name} ${n}`, events));
  const url = `mqtt://127.0.0.1:${server.gateway.mqttPort}`;
  // What it was given before it is connected it sends one by one.
  const client = await mqtt.connectAsync(url, { clientId: 'partial', clean: false, reconnectPeriod: 50 });
  client.on('error', () => undefined);
  let closed = 0;
  client.on('close', () => {
    closed += 1;
  });
  try {
    store.breakAfter(1, 1);
    store.delayMs = 50;
    const payloads = batches.map((batch) => JSON.stringify(batch.map((message) => ({ message }))));
    const published = Promise.all(
      payloads.map((payload) => client.publishAsync('tailrace/ingest/shop', payload, { qos: 1 })),
    );
    await until('the client to be told by its connection', () => closed > 0);
    store.mend();
    await published;
    expect(await stored()).toEqual(batches.flat());
  } finally {
    await client.endAsync(true);
  }
});
