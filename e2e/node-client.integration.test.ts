import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, test } from 'vitest';
import { type Connection, connect, StreamEndedError } from '@/lib/client/node/connect.ts';
import { CLIENT_TRANSPORTS, type ClientTransport } from '@/lib/core/client-transport.ts';
import type { StreamedEvent } from '@/lib/core/event.ts';
import { EventFactory, type TestEvent } from './support/events.ts';
import { startInProcess } from './support/in-process-server.ts';
import { publish } from './support/ingest-client.ts';
import { Random, withSeed } from './support/random.ts';
import { freePort, ServerProcess } from './support/server-process.ts';
import { until } from './support/wait.ts';

const MIB = 1024 * 1024;

/** Takes what comes until the connection is closed; `n` of each event in the order of arrival. */
function drain(connection: Connection): { readonly taken: string[]; readonly done: Promise<void> } {
  const taken: string[] = [];
  const read = async (): Promise<void> => {
    for await (const event of connection.events()) taken.push(nOf(event));
  };
  return { taken, done: read() };
}

const nOf = (event: StreamedEvent): string => String(event.attributes?.['n']);
const nsOf = (events: readonly TestEvent[]): string[] => events.map(({ attributes }) => attributes.n);

test.each(CLIENT_TRANSPORTS)(
  'a Node client replays, goes on live, filters, and lets go of its line (%s)',
  async (transport) => {
    const server = await startInProcess('socket');
    const factory = new EventFactory(new Random(301));
    const errors = { kind: 'log', level: 'error', service: 'api' } as const;
    try {
      const before = factory.many(3_000);
      await publish(server.url, before);
      const all = connect(server.url, { transport, from: '-15m' });
      const some = connect(server.url, { transport, from: '-15m', level: 'error', service: 'api' });
      const [everything, filtered] = [drain(all), drain(some)];
      await until('the replay', () => everything.taken.length === before.length);
      const after = factory.many(40);
      for (const event of after) await publish(server.url, [event, factory.one(errors)]);
      await until('all of it', () => everything.taken.length === before.length + 2 * after.length);
      await until('the filter', () => filtered.taken.length >= after.length && some.cursor === all.cursor);
      expect(new Set(everything.taken).size).toBe(everything.taken.length);
      const isError = ({ level = '', service }: TestEvent) => service === 'api' && ['error', 'fatal'].includes(level);
      expect(filtered.taken.slice(0, before.filter(isError).length)).toEqual(nsOf(before.filter(isError)));
      await until('the turn to live', () => all.report.state === 'live');
      expect(all.report).toMatchObject({ transport, lost: 0, repeated: 0, reconnects: 0 });
      await until('a line', () => server.runtime.hub.connections > 0);
      all.close();
      some.close();
      await Promise.all([everything.done, filtered.done]);
      await until('no line', () => server.runtime.hub.connections === 0);
      expect(all.report.state).toBe('closed');
    } finally {
      await server.close();
    }
  },
);

test.each(CLIENT_TRANSPORTS)(
  'a Node client that takes nothing makes the server wait, and loses nothing (%s)',
  async (transport) => {
    const server = await startInProcess('socket', { TAILRACE_RING_EVENTS: '2000' });
    const factory = new EventFactory(new Random(302));
    // 40 MiB in all: more than the kernel's buffers, ours and the server's hold together.
    const message = 'p'.repeat(1_900);
    const connection = connect(server.url, { transport });
    try {
      const events = connection.events();
      const first = events.next();
      await until('the stream', () => connection.report.state === 'live');
      const sent: string[] = [];
      for (let round = 0; round < 40; round += 1) {
        const some = factory.many(500, { kind: 'log', message });
        await publish(server.url, some);
        sent.push(...nsOf(some));
      }
      await until('the line to stand still', async () => {
        const { bytes } = server.runtime.hub.delivered;
        await new Promise((resolve) => setTimeout(resolve, 300));
        return server.runtime.hub.delivered.bytes === bytes;
      });
      expect(server.runtime.hub.delivered.bytes).toBeLessThan(16 * MIB);
      expect(connection.report.received).toBeLessThan(5_000);
      const taken = [nOf((await first).value)];
      while (taken.length < sent.length) taken.push(nOf((await events.next()).value));
      expect(taken).toEqual(sent);
      expect(connection.report).toMatchObject({ lost: 0, repeated: 0, reconnects: 0 });
    } finally {
      connection.close();
      await server.close();
    }
  },
);

test('a Node client that goes over to another transport again and again gets every event once', async () => {
  await withSeed(async (random) => {
    const server = await startInProcess('socket', { TAILRACE_RING_EVENTS: '500' });
    const factory = new EventFactory(random);
    const connection = connect(server.url, { from: '-1m', transport: random.pick(CLIENT_TRANSPORTS) });
    const { taken, done } = drain(connection);
    const sent: string[] = [];
    const used = new Set<ClientTransport>();
    try {
      for (let round = 0; round < 60; round += 1) {
        const some = factory.many(random.integer(1, 60));
        await publish(server.url, some);
        sent.push(...nsOf(some));
        if (random.next() < 0.4) connection.switchTransport(random.pick(CLIENT_TRANSPORTS));
        if (random.next() < 0.5) await new Promise((resolve) => setTimeout(resolve, random.integer(1, 60)));
        if (connection.report.state === 'live') used.add(connection.report.transport);
      }
      await until('all events', () => taken.length >= sent.length);
      expect(taken).toEqual(sent);
      expect(connection.report).toMatchObject({ lost: 0, repeated: 0 });
      expect(used.size).toBeGreaterThan(1);
    } finally {
      connection.close();
      await done;
      await server.close();
    }
  });
});

test('the cursor of one connection, given as from, is where the next one goes on, over any transport', async () => {
  const server = await startInProcess('socket');
  try {
    const events = new EventFactory(new Random(303)).many(900);
    await publish(server.url, events);
    const taken: string[] = [];
    let from: string | undefined = '-15m';
    for (const transport of [...CLIENT_TRANSPORTS, ...CLIENT_TRANSPORTS]) {
      const connection: Connection = connect(server.url, { from: from ?? 'now', transport });
      for await (const event of connection.events()) {
        taken.push(nOf(event));
        from = connection.cursor;
        if (taken.length % 100 === 50) break;
      }
    }
    expect(taken).toEqual(nsOf(events.slice(0, taken.length)));
    expect(taken).toHaveLength(750);
    await until('no line', () => server.runtime.hub.connections === 0);
  } finally {
    await server.close();
  }
});

test.each(CLIENT_TRANSPORTS)(
  'a Node client goes on where it was when the server is killed and comes back (%s)',
  async (transport) => {
    const port = await freePort();
    const factory = new EventFactory(new Random(304));
    const environment = { TAILRACE_GRPC_PORT: 'off' };
    let server = await ServerProcess.start({ port, environment });
    const { dataDir } = server;
    const first = server;
    const causes: string[] = [];
    const connection = connect(server.url, {
      transport,
      from: '-15m',
      onState: ({ state, cause }) => state === 'waiting' && causes.push(cause),
    });
    const { taken, done } = drain(connection);
    const sent: string[] = [];
    const send = async (count: number): Promise<void> => {
      const some = factory.many(count);
      await publish(server.url, some);
      sent.push(...nsOf(some));
    };
    try {
      await send(300);
      await until('the first part', () => taken.length === 300);
      await send(200);
      await server.kill();
      server = await ServerProcess.start({ port, dataDir, environment });
      await send(300);
      await until('the rest', () => taken.length >= sent.length);
      expect(taken).toEqual(sent);
      await until('the turn to live', () => connection.report.state === 'live');
      expect(connection.report).toMatchObject({ lost: 0, repeated: 0, reconnects: 1 });
      expect(causes.length).toBeGreaterThan(0);
    } finally {
      connection.close();
      await done;
      await server.kill();
      await first.stop();
    }
  },
);

test('the token is sent on every transport, and a 204 ends a connection for good', async () => {
  const asked: (string | undefined)[] = [];
  const server = createServer((req, res) => {
    asked.push(req.headers.authorization);
    res.writeHead(204).end();
  });
  server.on('upgrade', (req, socket) => {
    asked.push(req.headers.authorization);
    socket.end('HTTP/1.1 401 Unauthorized\r\nConnection: close\r\n\r\n');
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  try {
    for (const transport of ['sse', 'http', 'poll'] as const) {
      const connection = connect(url, { transport, token: 's3cret' });
      await expect(connection.events().next()).rejects.toThrow(StreamEndedError);
    }
    const socket = connect(url, { transport: 'ws', token: 's3cret' });
    await until('a refusal', () => socket.report.state === 'waiting');
    socket.close();
    expect(asked).toEqual(Array(4).fill('Bearer s3cret'));
  } finally {
    server.closeAllConnections();
    server.close();
  }
});
