import { monitorEventLoopDelay } from 'node:perf_hooks';
import { afterEach, describe, expect, test } from 'vitest';
import type { Chaos } from '@/lib/runtime/chaos/chaos.ts';
import { faultSchema } from '@/lib/wire/chaos.ts';
import { ChaosClient, type FaultInput } from './support/chaos-client.ts';
import { NO_FAULTS } from './support/continuity-ledger.ts';
import { EventFactory } from './support/events.ts';
import { type InProcessServer, startInProcess, type Transport } from './support/in-process-server.ts';
import { post, publish } from './support/ingest-client.ts';
import { Random, withSeed } from './support/random.ts';
import { ServerProcess } from './support/server-process.ts';
import { SseClient } from './support/sse-client.ts';
import { until } from './support/wait.ts';

const KIB = 1024;
const ENVIRONMENT = { TAILRACE_CHAOS: '1', TAILRACE_BREAKER_COOLDOWN_MS: '100' };
/** So long that it is over only when the test says so. */
const ENDLESS = { seconds: 600 };

const toClose: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of toClose.splice(0).reverse()) await close();
});

/** A server that may be broken, and clients that come back. */
async function setUp(transport: Transport, clientCount: number) {
  const server = await startInProcess(transport, ENVIRONMENT);
  toClose.push(() => server.close());
  const clients = Array.from({ length: clientCount }, () => new SseClient(server.url, { reconnect: true }));
  for (const client of clients) toClose.push(() => client.close());
  await Promise.all(clients.map((client) => client.first('live')));
  const chaos = chaosOf(server);
  return { server, clients, chaos, inject: (fault: FaultInput) => chaos.inject(faultSchema.parse(fault)) };
}

function chaosOf({ runtime }: InProcessServer): Chaos {
  if (!runtime.chaos) throw new Error('expected a runtime with chaos');
  return runtime.chaos;
}

/** Everything arrived once, in order, and said to be whole. */
async function expectExact(clients: readonly SseClient[], count: number): Promise<void> {
  for (const client of clients) {
    await client.events(count);
    expect(client.ledger.faults).toEqual(NO_FAULTS);
    expect([...client.ledger.seen.values()]).toEqual(new Array(count).fill(1));
  }
}

describe.each<Transport>(['socket', 'web'])('on the %s transport', (transport) => {
  test('clients that are cut off again and again resume exactly', () =>
    withSeed(async (random) => {
      const { server, clients, inject } = await setUp(transport, 20);
      const factory = new EventFactory(random);
      let sent = 0;
      for (let round = 0; round < 12; round += 1) {
        const events = factory.many(random.integer(1, 80));
        const published = publish(server.url, events);
        const share = round === 0 ? 1 : random.next();
        expect(inject({ fault: 'cut', share }).done).toMatch(/^cut \d+ connections?$/);
        await published;
        sent += events.length;
      }
      await expectExact(clients, sent);
      expect(clients.every(({ connections }) => connections > 1)).toBe(true);
    }));

  test.each<FaultInput>([
    { fault: 'delay', delayMs: 60_000, ...ENDLESS },
    { fault: 'throttle', bytesPerSecond: 1, ...ENDLESS },
  ])('what a $fault holds back arrives late and whole, and costs little meanwhile', async (fault) => {
    const { server, clients, chaos, inject } = await setUp(transport, 5);
    const { hub, ledger } = server.runtime;
    const timers = ledger.held('timer');
    inject(fault);
    const factory = new EventFactory(new Random(41));
    for (let round = 0; round < 30; round += 1) {
      await publish(server.url, factory.many(100, { kind: 'log', message: 'p'.repeat(500) }));
    }
    await until('the sessions to be full', () =>
      [...hub.sessions.values()].every(({ writer }) => writer.queuedBytes > 0),
    );
    for (const session of hub.sessions.values()) expect(session.writer.queuedBytes).toBeLessThan((64 + 256 + 64) * KIB);
    for (const client of clients) expect(client.ledger.events).toBeLessThan(3000);
    expect(chaos.report().active).toHaveLength(1);
    chaos.healAll();
    await expectExact(clients, 3000);
    expect(clients.every(({ connections }) => connections === 1)).toBe(true);
    await until('its timers to end', () => ledger.held('timer') <= timers);
  });

  test('clients notice that events come twice, and nothing else is wrong', async () => {
    const { server, clients, chaos, inject } = await setUp(transport, 3);
    const factory = new EventFactory(new Random(42));
    inject({ fault: 'duplicate', ...ENDLESS });
    await publish(server.url, factory.many(20));
    for (const client of clients) {
      await client.events(40);
      expect(client.ledger.repeated.length).toBeGreaterThan(0);
      expect(client.ledger.faults).toMatchObject({ lost: [], broken: [], gaps: [], resets: [] });
      expect([...client.ledger.seen.values()]).toEqual(new Array(20).fill(2));
      expect(client.named('stream')).toHaveLength(1);
    }
    chaos.healAll();
    const before = clients.map((client) => client.ledger.repeated.length);
    await publish(server.url, factory.many(20));
    for (const client of clients) await client.events(60);
    expect(clients.map((client) => client.ledger.repeated.length)).toEqual(before);
  });

  test('a client that leaves while its frames are held back leaves nothing behind', async () => {
    const { server, clients, inject } = await setUp(transport, 3);
    const { hub, ledger } = server.runtime;
    inject({ fault: 'delay', delayMs: 60_000, ...ENDLESS });
    const timers = ledger.held('timer');
    await publish(server.url, new EventFactory(new Random(43)).many(50));
    await until('frames to be held', () => [...hub.sessions.values()].every(({ writer }) => writer.queuedBytes > 0));
    expect(ledger.held('timer')).toBe(timers + 1);
    for (const client of clients) client.close();
    await until('the streams to end', () => hub.connections === 0);
    await until('what was held to go', () => ledger.held('timer') <= timers);
    await until('everything to be released', () => ledger.held('connection') === 0 && ledger.leaked === 0);
  });
});

test('the loop stands still after the fault has been answered, for as long as asked for', async () => {
  const { inject } = await setUp('socket', 0);
  const delay = monitorEventLoopDelay({ resolution: 10 });
  delay.enable();
  const startedAt = performance.now();
  inject({ fault: 'stall-loop', stallMs: 1500 });
  expect(performance.now() - startedAt).toBeLessThan(1000);
  await until('the loop to have stood still', () => delay.max > 1000 * 1e6);
  delay.disable();
});

/** Sends events to a server that may refuse them; returns how many it has taken. */
async function send(url: string, events: readonly unknown[]): Promise<number> {
  const { status, answer } = await post(url, events);
  expect([200, 202, 503]).toContain(status);
  return status === 503 ? 0 : answer.accepted;
}

test('while the history is down events are held and delivered, and when it is back they are stored', async () => {
  const { server, clients, inject } = await setUp('socket', 5);
  const { journal } = server.runtime;
  const factory = new EventFactory(new Random(44));
  await publish(server.url, factory.many(10));
  inject({ fault: 'history', mode: 'down', seconds: 2 });
  let sent = 10;
  await until('events to be held', async () => {
    sent += await send(server.url, factory.many(1));
    return journal.held.events > 0;
  });
  sent += await send(server.url, factory.many(50));
  await until('all to have come', () => clients.every(({ ledger }) => ledger.events === sent));
  expect(journal.durableSeq).toBeLessThan(journal.headSeq);
  for (const client of clients) expect(client.text).toContain('"durable":false');
  await until('all to be stored', () => journal.durableSeq === sent);
  sent += await send(server.url, factory.many(10));
  await until('the last ones to be stored', () => journal.durableSeq === sent);
  await expectExact(clients, sent);
  const page = (await (await fetch(`${server.url}/api/events?limit=5000`)).json()) as { events: unknown[] };
  expect(page.events).toHaveLength(sent);
});

test('when the thread of the history dies nothing that was acknowledged is lost', async () => {
  const { server, clients, inject } = await setUp('socket', 5);
  const { journal } = server.runtime;
  const factory = new EventFactory(new Random(45));
  let sent = 0;
  for (let round = 0; round < 20; round += 1) {
    const taken = send(server.url, factory.many(20));
    if (round % 5 === 2) inject({ fault: 'history', mode: 'kill' });
    sent += await taken;
  }
  await until('the history to be back', async () => {
    sent += await send(server.url, factory.many(1));
    return journal.durableSeq === journal.headSeq;
  });
  // A batch may have been stored by the thread that died before it could say so, and been refused.
  expect(journal.headSeq).toBeGreaterThanOrEqual(sent);
  await expectExact(clients, journal.headSeq);
});

describe('over HTTP', () => {
  test('faults are off unless they are allowed', async () => {
    const server = await ServerProcess.start();
    toClose.push(() => server.stop());
    const response = await fetch(`${server.url}/api/chaos`);
    expect(response.status).toBe(404);
    expect(await response.text()).toContain('TAILRACE_CHAOS=1');
  });

  test('they are begun, told among the events, and healed by whoever has the token', async () => {
    const environment = { TAILRACE_CHAOS: '1', TAILRACE_ADMIN_TOKEN: 'open-sesame', TAILRACE_SOURCES: 'log' };
    const server = await ServerProcess.start({ environment });
    toClose.push(() => server.stop());
    await expect(new ChaosClient(server.url).inject({ fault: 'cut' })).rejects.toThrow('403');
    const chaos = new ChaosClient(server.url, 'open-sesame');
    const client = new SseClient(server.url, { reconnect: true });
    toClose.push(() => client.close());
    await client.first('live');
    expect((await chaos.inject({ fault: 'cut' })).done).toBe('cut 1 connection');
    await until('the client to be back', () => client.named('stream').length === 2);
    expect((await chaos.inject({ fault: 'delay', delayMs: 50, seconds: 600 })).active).toHaveLength(1);
    expect(await chaos.heal()).toEqual({ active: [], injected: 2 });
    expect(await chaos.report()).toEqual({ active: [], injected: 2 });
    await until('its story to be told', () => client.text.includes('fault 1 (delay) has healed'));
    expect(client.ledger.faults).toEqual(NO_FAULTS);
    // The answer comes first, whatever stands still after it.
    expect((await chaos.inject({ fault: 'stall-loop', stallMs: 300 })).done).toContain('300 ms');
  });
});
