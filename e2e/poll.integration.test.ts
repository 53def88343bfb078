import { Agent, get, type IncomingMessage } from 'node:http';
import { connect } from 'node:net';
import { afterEach, describe, expect, test } from 'vitest';
import { PollClient } from './conformance/clients/poll-client.ts';
import { NO_FAULTS } from './support/continuity-ledger.ts';
import { EventFactory } from './support/events.ts';
import { type InProcessServer, startInProcess, type Transport } from './support/in-process-server.ts';
import { publish } from './support/ingest-client.ts';
import { Random, withSeed } from './support/random.ts';
import { until } from './support/wait.ts';

const KIB = 1024;
let server: InProcessServer;
afterEach(async () => {
  await server.close();
  expect(server.runtime.ledger.leaks).toEqual([]);
});

async function expectFree(): Promise<void> {
  const { hub, ledger } = server.runtime;
  await until('the hub to be empty', () => hub.connections === 0 && hub.groups === 0);
  await until('nothing to be held', () => ledger.held('connection') + ledger.held('wheel-slot') === 0);
  expect(ledger.leaked).toBe(0);
}

type Answer = { status: number; headers: IncomingMessage['headers']; body: string };

function ask(path: string, agent: Agent): Promise<Answer> {
  return new Promise((resolve, reject) => {
    get(`${server.url}${path}`, { agent }, (res) => {
      let body = '';
      res.setEncoding('utf8').on('data', (piece: string) => {
        body += piece;
      });
      res.on('end', () => resolve({ status: res.statusCode ?? 0, headers: res.headers, body }));
      res.on('error', reject);
    }).on('error', reject);
  });
}

const frames = (body: string): { event: string; id?: string; data: { position?: string } }[] => {
  return body
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));
};

describe.each<Transport>(['socket', 'web'])('on the %s transport', (transport) => {
  test('a poll that does not want to wait is told at once that it is caught up, or given what there is', async () => {
    server = await startInProcess(transport, { TAILRACE_HEARTBEAT_MS: '60000' });
    const factory = new EventFactory(new Random(80));
    const { last } = await publish(server.url, factory.many(3));
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    const caughtUp = await ask('/api/poll?wait=0', agent);
    expect(frames(caughtUp.body).map(({ event }) => event)).toEqual(['stream', 'live']);
    expect(frames(caughtUp.body).at(-1)?.id).toBe(last);
    await publish(server.url, factory.many(2));
    const behind = await ask(`/api/poll?wait=0&from=${last}`, agent);
    expect(frames(behind.body).filter(({ data }) => data.position)).toHaveLength(2);
    await expectFree();
    agent.destroy();
  });

  test('a poll is answered in bounded pieces, and the next goes on exactly where it ended', async () => {
    server = await startInProcess(transport, { TAILRACE_RING_EVENTS: '500' });
    const factory = new EventFactory(new Random(81));
    const start = await publish(server.url, factory.many(1));
    for (let round = 0; round < 5; round += 1) {
      await publish(server.url, factory.many(1000, { kind: 'log', message: 'p'.repeat(900) }));
    }
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    let from = start.last ?? '';
    const seen: string[] = [];
    while (seen.length < 5000) {
      const { status, body } = await ask(`/api/poll?from=${from}`, agent);
      expect(status).toBe(200);
      expect(body.length).toBeLessThan(512 * KIB);
      const positions = frames(body).flatMap(({ event, data }) => (event === 'log' ? [data.position ?? ''] : []));
      expect(positions.length).toBeGreaterThan(0);
      seen.push(...positions);
      from = positions.at(-1) ?? from;
    }
    const first = Number(start.last?.split('.')[1]);
    expect(seen.map((position) => Number(position.split('.')[1]))).toEqual(
      Array.from({ length: 5000 }, (_, index) => first + 1 + index),
    );
    agent.destroy();
    await expectFree();
  });

  test('a thousand answered polls leave nothing behind and drive no story out of the list', async () => {
    server = await startInProcess(transport);
    const { hub, connections } = server.runtime;
    const { first } = await publish(server.url, new EventFactory(new Random(82)).many(3));
    const agent = new Agent({ keepAlive: true, maxSockets: 20 });
    const asked = Array.from({ length: 1000 }, () => ask(`/api/poll?from=${first}`, agent));
    for (const { status } of await Promise.all(asked)) expect(status).toBe(200);
    await expectFree();
    expect(hub.closedByReason.get('answered')).toBe(1000);
    expect(connections.closed.newest()).toEqual([]);
    connections.sample();
    expect(connections.herd?.connections ?? 0).toBeLessThan(20);
    agent.destroy();
  });

  test('a poll that is cut, before its answer or within it, is repeated and loses nothing', () =>
    withSeed(async (random) => {
      server = await startInProcess(transport, { TAILRACE_HEARTBEAT_MS: '400' });
      const factory = new EventFactory(random);
      const start = await publish(server.url, factory.many(1));
      const clients = Array.from({ length: 5 }, () => {
        const cutAfterBytes = (): number => random.integer(100, 8000);
        return new PollClient(server.url, { query: `?from=${start.last}`, reconnect: true, cutAfterBytes });
      });
      for (let round = 0; round < 20; round += 1) await publish(server.url, factory.many(10));
      for (const client of clients) {
        await client.events(200);
        expect(client.failure).toBeUndefined();
        expect(client.ledger.faults).toEqual(NO_FAULTS);
        expect(client.ledger.seen.size).toBe(200);
        client.close();
      }
      await expectFree();
    }));

  test('a full server answers 503 with a delay', async () => {
    server = await startInProcess(transport, { TAILRACE_CONNECTIONS_MAX: '1' });
    const waiting = new PollClient(server.url);
    await waiting.first('live');
    const agent = new Agent();
    const { status, headers, body } = await ask('/api/poll', agent);
    expect(status).toBe(503);
    expect(Number(headers['retry-after'])).toBeGreaterThanOrEqual(1);
    expect(JSON.parse(body)).toMatchObject({ code: 'too-many-connections' });
    waiting.close();
    await expectFree();
  });
});

test('polls that follow one another share a connection', async () => {
  server = await startInProcess('socket');
  const { first } = await publish(server.url, new EventFactory(new Random(83)).many(3));
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  const ports = new Set<number | undefined>();
  agent.on('free', (socket) => ports.add(socket.localPort));
  for (let round = 0; round < 20; round += 1) await ask(`/api/poll?from=${first}`, agent);
  expect(ports.size).toBe(1);
  agent.destroy();
  await expectFree();
});

test('a poll that is sent behind another on the same connection is told to wait for the answer', async () => {
  server = await startInProcess('socket');
  const { port } = new URL(server.url);
  const socket = connect(Number(port), '127.0.0.1');
  let text = '';
  socket.on('data', (piece) => {
    text += piece.toString();
  });
  const request = 'GET /api/poll HTTP/1.1\r\nHost: localhost\r\n\r\n';
  socket.write(request + request + request);
  await until('the first frames', () => text.includes('"live"'));
  expect(server.runtime.hub.connections).toBe(1);
  await publish(server.url, [{ message: 'an answer' }]);
  await until('all answers', () => text.split('HTTP/1.1 ').length === 4);
  expect(text.match(/HTTP\/1\.1 \d+/g)).toEqual(['HTTP/1.1 200', 'HTTP/1.1 503', 'HTTP/1.1 503']);
  socket.destroy();
  await expectFree();
  expect(server.runtime.ledger.heldTotal).toBeLessThan(10);
});

test('an answer that nobody takes keeps its place until patience is over', async () => {
  server = await startInProcess('socket', { TAILRACE_SLOW_MS: '400', TAILRACE_HEARTBEAT_MS: '600' });
  const { hub } = server.runtime;
  const factory = new EventFactory(new Random(84));
  const start = await publish(server.url, factory.many(1));
  await publish(server.url, factory.many(2000, { kind: 'log', message: 'p'.repeat(100) }));
  // Many answers behind one another fill what the kernel would take.
  const socket = connect(Number(new URL(server.url).port), '127.0.0.1');
  socket.on('error', () => undefined);
  socket.pause();
  const request = `GET /api/poll?from=${start.last} HTTP/1.1\r\nHost: localhost\r\n\r\n`;
  let sent = 0;
  while (hub.closedByReason.get('slow') === undefined && sent < 400) {
    socket.write(request);
    sent += 1;
    const answered = hub.closedByReason.get('answered') ?? 0;
    await until('an answer', () => hub.connections > 0 || (hub.closedByReason.get('answered') ?? 0) > answered);
    const isTaken = (): boolean => hub.connections === 0 || hub.closedByReason.get('slow') !== undefined;
    await until('the end of it', isTaken, 15_000);
  }
  expect(hub.closedByReason.get('slow')).toBe(1);
  await until('the socket', () => hub.connections === 0);
  await expectFree();
  socket.destroy();
});
