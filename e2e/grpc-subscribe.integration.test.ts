import { Metadata, status } from '@grpc/grpc-js';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { streamFrameSchema } from '@/lib/wire/frames.ts';
import { GrpcClient, grpcStub } from './conformance/clients/grpc-client.ts';
import { GRPC_SETTINGS, grpcUrl, withGrpcServer } from './grpc-served.ts';
import { NO_FAULTS } from './support/continuity-ledger.ts';
import { EventFactory } from './support/events.ts';
import { type InProcessServer, startInProcess } from './support/in-process-server.ts';
import { publish } from './support/ingest-client.ts';
import { Random, withSeed } from './support/random.ts';
import { until } from './support/wait.ts';

describe('on a server that all share', () => {
  let server: InProcessServer;
  const clients: GrpcClient[] = [];
  const open = (options?: ConstructorParameters<typeof GrpcClient>[1]): GrpcClient => {
    const client = new GrpcClient(grpcUrl(server), options);
    clients.push(client);
    return client;
  };
  beforeAll(async () => {
    server = await startInProcess('socket', GRPC_SETTINGS);
  });
  afterAll(async () => {
    for (const client of clients) client.close();
    await server.close();
  });

  test('the first frame tells where the stream stands, replay and live events follow in order', async () => {
    const factory = new EventFactory(new Random(1), 'order');
    const { last } = await publish(server.url, factory.many(3));
    await publish(server.url, factory.many(5));
    const client = open({ query: `?from=${last}` });
    expect(streamFrameSchema.parse(await client.first('stream'))).toMatchObject({ state: 'replay', from: last });
    await client.first('live');
    await publish(server.url, factory.many(4));
    await client.events(9);
    expect(client.frames[0]?.id).toBe(last);
    expect(client.ledger.faults).toEqual(NO_FAULTS);
    const row = server.runtime.connections.page({ sort: 'lag', order: 'desc', limit: 10, closed: '0' }).rows;
    expect(row.find(({ transport }) => transport === 'grpc')).toMatchObject({ address: '127.0.0.1' });
  });

  test('an event is what it is over SSE', async () => {
    const event = {
      ...{
        kind: 'log',
        message: '\u001b[31mÜ "x"\n',
        level: 'error',
        service: 'ünï',
        time: '2026-01-02T03:04:05.678Z',
      },
      ...{ traceId: 't1', spanId: 's1', attributes: { deep: { list: [1, null, [true, 'x']] }, '': 0.5, big: 1e300 } },
    };
    const client = open({ query: '?service=ünï' });
    await client.first('live');
    const { last } = await publish(server.url, [event]);
    await client.events(1);
    const { prev: _, ...data } = JSON.parse(client.frames.find(({ event: name }) => name === 'log')?.data ?? '');
    expect(data).toEqual({ position: last, ...event });
  });

  test('a filter lets through what it lets through elsewhere, and heartbeats move the cursor over the rest', async () => {
    const factory = new EventFactory(new Random(2), 'filter');
    const client = open({ query: '?service=only-this&level=warn' });
    await client.first('live');
    await publish(server.url, factory.many(20, { kind: 'log', level: 'fatal' }));
    await publish(server.url, factory.many(2, { kind: 'log', level: 'info', service: 'only-this' }));
    const { last } = await publish(server.url, factory.many(2, { kind: 'log', level: 'error', service: 'only-this' }));
    await client.events(2);
    const { last: beyond } = await publish(server.url, factory.many(3));
    await until('a heartbeat beyond', () => client.ledger.lastEventId === beyond);
    expect(client.ledger.events).toBe(2);
    expect(client.ledger.lastEventId).not.toBe(last);
    expect(client.ledger.faults).toEqual(NO_FAULTS);
  });

  test.each([
    [{ query: '?level=loud' }, 'level'],
    [{ query: '?from=yesterday' }, 'from: expected "now", a position'],
    [{ query: '?speed=-1' }, 'speed: expected a number above 0'],
    [{ query: '?kind=trace' }, 'kind'],
  ])('what is not understood is refused as over HTTP: %j', async (options, says) => {
    const client = open(options);
    await client.end();
    const response = await fetch(`${server.url}/api/stream${options.query}`, { headers: { 'X-Tailrace-Client': 'x' } });
    const problem = (await response.json()) as { code: string; detail: string };
    expect(client.status?.code).toBe(status.INVALID_ARGUMENT);
    expect(client.status?.details).toContain(says);
    expect(client.status?.details).toBe(problem.detail);
    expect(client.status?.metadata.get('tailrace-code')).toEqual([problem.code]);
  });

  test('a cursor that is none is answered with a reset, also when it comes as metadata', async () => {
    const client = open({ headers: { 'Last-Event-ID': 'nonsense' } });
    expect(await client.first('stream')).toMatchObject({ state: 'reset', reason: 'malformed' });
  });

  test('a deadline ends the call, and its place is free', async () => {
    const before = server.runtime.hub.connections;
    const stub = grpcStub(`127.0.0.1:${server.gateway.grpcPort}`);
    const call = stub.Subscribe({}, new Metadata(), { deadline: Date.now() + 400 });
    call.on('data', () => undefined).on('error', () => undefined);
    const ended = await new Promise<{ code: number }>((resolve) => call.on('status', resolve));
    expect(ended.code).toBe(status.DEADLINE_EXCEEDED);
    await until('the session to be gone', () => server.runtime.hub.connections <= before);
    stub.close();
  });

  test('who is cut off at any byte goes on without loss or repetition', async () => {
    await withSeed(async (random) => {
      const factory = new EventFactory(random, `cut${random.seed}-`);
      const client = open({ reconnect: true, cutAfterBytes: () => random.integer(300, 20_000) });
      await until('a stream', () => client.ledger.cursor >= 0);
      // Some 200 KB, so that a line which lasts for 10 KB on the average breaks more often than is asked for below.
      for (let round = 0; round < 120; round += 1) await publish(server.url, factory.many(random.integer(1, 20)));
      const { last } = await publish(server.url, factory.many(1));
      await until('all of it', () => client.ledger.lastEventId === last, 30_000);
      expect(client.ledger.faults).toEqual(NO_FAULTS);
      expect([...client.ledger.seen.values()].every((count) => count === 1)).toBe(true);
      expect(client.connections).toBeGreaterThan(5);
      client.close();
    });
  });

  test('who cancels at random and comes back sees every event once', async () => {
    await withSeed(async (random) => {
      const factory = new EventFactory(random, `cancel${random.seed}-`);
      let left = random.integer(1, 40);
      const client = open({
        reconnect: true,
        onFrame: () => {
          left -= 1;
          if (left > 0) return;
          left = random.integer(1, 40);
          setImmediate(() => client.cancel());
        },
      });
      await until('a stream', () => client.ledger.cursor >= 0);
      for (let round = 0; round < 40; round += 1) await publish(server.url, factory.many(random.integer(1, 20)));
      const { last } = await publish(server.url, factory.many(1));
      await until('all of it', () => client.ledger.lastEventId === last, 30_000);
      expect(client.ledger.faults).toEqual(NO_FAULTS);
      client.close();
    });
  });
});

test('a server that shuts down says bye, then UNAVAILABLE with the delay in the trailing metadata', async () => {
  await withGrpcServer({}, async ({ runtime }, url) => {
    const client = new GrpcClient(url);
    await client.first('live');
    await runtime.hub.drain(0);
    await client.end();
    const bye = await client.first('bye');
    expect(bye).toMatchObject({ code: 2000, reason: 'draining', reconnect: true });
    expect(client.status?.code).toBe(status.UNAVAILABLE);
    expect(client.status?.metadata.getMap()).toMatchObject({
      'tailrace-reason': 'draining',
      'tailrace-reason-code': '2000',
      'tailrace-reconnect': 'true',
      'retry-after-ms': String(bye['retryMs']),
      'grpc-retry-pushback-ms': String(bye['retryMs']),
    });
    const late = new GrpcClient(url);
    await late.end();
    expect(late.status?.code).toBe(status.UNAVAILABLE);
    expect(late.status?.metadata.get('tailrace-code')).toEqual(['shutting-down']);
    expect(late.retryMs).toBeGreaterThan(0);
    for (const each of [client, late]) each.close();
  });
});

test('who is kicked is told not to come back, a full server when to come', async () => {
  await withGrpcServer({ TAILRACE_CONNECTIONS_MAX: '1' }, async ({ runtime }, url) => {
    const client = new GrpcClient(url);
    const { connectionId } = await client.first('stream');
    const second = new GrpcClient(url);
    await second.end();
    expect(second.status?.code).toBe(status.RESOURCE_EXHAUSTED);
    expect(second.status?.metadata.get('tailrace-code')).toEqual(['too-many-connections']);
    expect(second.retryMs).toBeGreaterThan(0);
    runtime.hub.sessions.get(String(connectionId))?.dismiss('kicked');
    await client.end();
    expect(client.status?.code).toBe(status.PERMISSION_DENIED);
    expect(client.status?.metadata.getMap()).toMatchObject({
      'tailrace-reconnect': 'false',
      'tailrace-reason': 'kicked',
    });
    expect(await client.first('bye')).toMatchObject({ code: 3000, reconnect: false });
    for (const each of [client, second]) each.close();
  });
});
