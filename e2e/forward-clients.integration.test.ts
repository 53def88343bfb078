import { once } from 'node:events';
import { rm } from 'node:fs/promises';
import { connect } from 'node:net';
import { hostname } from 'node:os';
import { setTimeout as pause } from 'node:timers/promises';
import { type EventModes, FluentClient, type FluentClientOptions, FluentSocketEvent } from '@fluent-org/logger';
import { decodeMulti, encode } from '@msgpack/msgpack';
import { describe, expect, test } from 'vitest';
import { FaultyStore } from './support/faulty-store.ts';
import { startInProcess } from './support/in-process-server.ts';
import { withSeed } from './support/random.ts';
import { freePort, ServerProcess } from './support/server-process.ts';
import { storedEvents, storedMessages } from './support/stored-events.ts';
import { until } from './support/wait.ts';

const FORWARD = { TAILRACE_FORWARD_PORT: '0' };

function clientOf(port: number, options: FluentClientOptions = {}): FluentClient {
  const reconnect = { backoff: 1, delay: 50 };
  return new FluentClient('app', {
    socket: { host: '127.0.0.1', port, reconnect },
    ack: { ackTimeout: 10_000 },
    milliseconds: true,
    ...options,
  });
}

describe('@fluent-org/logger', () => {
  test.each<EventModes>(['Message', 'Forward', 'PackedForward', 'CompressedPackedForward'])(
    '%s with acknowledgements: each event is stored once',
    async (eventMode) => {
      const server = await startInProcess('socket', FORWARD);
      const client = clientOf(server.listeners.ports.forward ?? 0, { eventMode, flushInterval: 10 });
      const emits = Array.from({ length: 1000 }, (_, n) => client.emit('web', { message: `m${n}`, level: 'warn', n }));
      await Promise.all(emits);
      const events = await storedEvents(server.url);
      expect(events.map(({ message }) => message).sort()).toEqual(emits.map((_, n) => `m${n}`).sort());
      expect(events[0]).toMatchObject({ service: 'app.web', level: 'warn', attributes: { n: expect.any(Number) } });
      expect(Math.abs(Date.parse(events[0]?.time ?? '') - Date.now())).toBeLessThan(30_000);
      await client.shutdown();
      await server.close();
      expect(server.runtime.ledger.heldTotal).toBe(0);
    },
  );

  test('with a shared key: the handshake of both sides, and a client with another key is not let in', async () => {
    const server = await startInProcess('socket', { ...FORWARD, TAILRACE_FORWARD_SHARED_KEY: 'a shared secret' });
    const port = server.listeners.ports.forward ?? 0;
    // An agent beside the server has the machine's name too.
    const security = { clientHostname: hostname(), sharedKey: 'a shared secret' };
    const client = clientOf(port, { security });
    await client.emit('web', { message: 'let in' });
    const told: string[] = [];
    for (const given of [{ ...security, sharedKey: 'another secret' }, undefined]) {
      const stranger = clientOf(port, {
        ...(given && { security: given }),
        ack: { ackTimeout: 500 },
        socket: { host: '127.0.0.1', port, disableReconnect: true },
        disableAutoconnect: true,
      });
      stranger.socketOn(FluentSocketEvent.ERROR, ({ message }: Error) => told.push(message));
      await stranger.connect().catch(() => undefined);
      void stranger.emit('web', { message: 'not let in' }).catch(() => undefined);
      await pause(300);
      await stranger.shutdown().catch(() => undefined);
    }
    expect(told).toContainEqual(expect.stringContaining('shared_key mismatch'));
    expect(await storedMessages(server.url)).toEqual(['let in']);
    expect(server.runtime.senders.rows()).toMatchObject([{ accepted: 1, failed: 2 }]);
    await client.shutdown();
    await server.close();
    expect(server.runtime.ledger.heldTotal).toBe(0);
  });

  test('while the store is away nothing is acknowledged; its retries end with nothing lost and nothing twice', async () => {
    const faulty = new FaultyStore();
    const server = await startInProcess('socket', FORWARD, { wrapHistory: faulty.wrap });
    const eventRetry = { attempts: 1000, backoff: 1, delay: 100 };
    const client = clientOf(server.listeners.ports.forward ?? 0, {
      eventRetry,
      ack: { ackTimeout: 3000 },
      flushInterval: 20,
    });
    await client.emit('web', { message: 'before' });
    faulty.isDown = true;
    let settled = 0;
    const emits = Array.from({ length: 300 }, (_, n) =>
      client.emit('web', { message: `m${n}` }).then(() => {
        settled += 1;
      }),
    );
    await pause(2000);
    expect(settled).toBe(0);
    faulty.isDown = false;
    await Promise.all(emits);
    const messages = await storedMessages(server.url);
    expect(messages.sort()).toEqual(['before', ...emits.map((_, n) => `m${n}`)].sort());
    await client.shutdown();
    await server.close();
    expect(server.runtime.ledger.heldTotal).toBe(0);
  }, 60_000);
});

/** Sends one chunk at a time as Fluentd does: the same name until it is acknowledged, on however many connections. */
async function deliver(port: number, chunk: string, messages: readonly string[]): Promise<void> {
  const bytes = encode(['app', messages.map((message) => [1_700_000_000, { message }]), { chunk }]);
  for (;;) {
    const answered = await new Promise<boolean>((resolve) => {
      const socket = connect(port, '127.0.0.1', () => socket.write(bytes));
      socket.on('data', (answer) => {
        for (const value of decodeMulti(answer)) if ((value as { ack: string }).ack === chunk) resolve(true);
        socket.destroy();
      });
      socket.on('error', () => undefined);
      socket.on('close', () => resolve(false));
    });
    if (answered) return;
    await pause(20);
  }
}

test(
  'five times kill -9 under load: each chunk that was acknowledged is stored, and none twice',
  () =>
    withSeed(async (random) => {
      const [httpPort, port] = [await freePort(), await freePort()];
      const environment = { TAILRACE_FORWARD_PORT: String(port) };
      let server = await ServerProcess.start({ port: httpPort, environment });
      const { url, dataDir } = server;
      let isOver = false;
      const delivered: string[] = [];
      const publish = async (name: string): Promise<void> => {
        for (let turn = 0; !isOver; turn += 1) {
          const messages = Array.from({ length: random.integer(1, 1500) }, (_, n) => `${name}-${turn}-${n}`);
          await deliver(port, `${name}-${turn}`, messages);
          delivered.push(...messages);
        }
      };
      const publishers = ['a', 'b', 'c'].map(publish);
      try {
        for (let kill = 0; kill < 5; kill += 1) {
          await pause(random.integer(50, 400));
          await server.kill();
          server = await ServerProcess.start({ port: httpPort, environment, dataDir });
        }
        isOver = true;
        await Promise.all(publishers);
        const stored = await storedMessages(url);
        expect(delivered.length).toBeGreaterThan(1000);
        expect(new Set(stored).size).toBe(stored.length);
        expect(stored.length).toBe(delivered.length);
      } finally {
        isOver = true;
        await server.stop();
        await rm(dataDir, { recursive: true, force: true });
      }
    }),
  180_000,
);

test("Docker's driver: single events that ask for an acknowledgement, many at once", async () => {
  const server = await startInProcess('socket', FORWARD);
  const socket = connect(server.listeners.ports.forward ?? 0, '127.0.0.1');
  const acks = new Set<string>();
  socket.on('data', (bytes) => {
    for (const value of decodeMulti(bytes)) acks.add((value as { ack: string }).ack);
  });
  await once(socket, 'connect');
  for (let n = 0; n < 500; n += 1) {
    const record = { container_id: 'c0ffee', container_name: '/web-1', source: 'stderr', log: `line ${n}` };
    socket.write(encode(['c0ffee', 1_700_000_000, record, { chunk: `docker-${n}` }]));
  }
  await until('all acknowledgements', () => acks.size === 500);
  const events = await storedEvents(server.url);
  expect(events.map(({ message }) => message)).toEqual(Array.from({ length: 500 }, (_, n) => `line ${n}`));
  expect(events[0]).toMatchObject({ service: 'web-1', attributes: { source: 'stderr', tag: 'c0ffee' } });
  socket.destroy();
  await server.close();
  expect(server.runtime.ledger.heldTotal).toBe(0);
});
