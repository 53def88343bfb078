import { setTimeout as wait } from 'node:timers/promises';
import { expect } from 'vitest';
import { NO_FAULTS } from '../support/continuity-ledger.ts';
import { EventFactory } from '../support/events.ts';
import { publish } from '../support/ingest-client.ts';
import { Random, withSeed } from '../support/random.ts';
import { until } from '../support/wait.ts';
import type { Bench, ConformanceCase } from './conformance-case.ts';
import type { StreamClient } from './stream-client.ts';

const MIB = 1024 * 1024;
/** About 1 KiB an event. */
const PADDED = { kind: 'log', message: 'p'.repeat(900) } as const;

async function expectNothingHeld({ runtime }: Bench): Promise<void> {
  await until('the hub to be empty', () => runtime.hub.connections === 0);
  await until('the ledger to be at zero', () => runtime.ledger.held('connection') + runtime.ledger.leaked === 0);
  expect(runtime.ledger.leaks).toEqual([]);
}

function expectWhole(client: StreamClient, count: number): void {
  expect(client.failure).toBeUndefined();
  expect(client.ledger.faults).toEqual(NO_FAULTS);
  expect(client.ledger.seen.size).toBe(count);
  expect([...client.ledger.seen.values()].every((times) => times === 1)).toBe(true);
}

/** What becomes of a stream when the line or the reader at its end is not as it should be. */
export const lineCases: readonly ConformanceCase[] = [
  {
    name: 'a client that is cut at random points, again and again, gets every event once',
    needs: ['plain-bytes'],
    settings: { TAILRACE_RETRY_MS: '100' },
    run: (bench) =>
      withSeed(async (random) => {
        const factory = new EventFactory(random, 'cut');
        const start = await publish(bench.url, factory.many(1));
        const cutAfterBytes = (): number => random.integer(300, 20_000);
        const query = `?from=${start.last}`;
        const clients = Array.from({ length: 3 }, () => bench.open({ query, reconnect: true, cutAfterBytes }));
        for (let round = 0; round < 20; round += 1) await publish(bench.url, factory.many(random.integer(1, 20)));
        const { last } = await publish(bench.url, factory.many(1));
        const count = Number(last?.split('.')[1]) - 1;
        for (const client of clients) {
          await client.events(count, 40_000);
          expectWhole(client, count);
          expect(client.connections).toBeGreaterThan(1);
          client.close();
        }
        await expectNothingHeld(bench);
      }),
  },
  {
    name: 'a reader that stops costs a bounded amount, disturbs nobody, and gets everything when it reads again',
    needs: ['bulk', 'plain-bytes'],
    settings: { TAILRACE_RING_EVENTS: '2000', TAILRACE_HEARTBEAT_MS: '15000' },
    async run(bench) {
      const { hub } = bench.runtime;
      const [fast, slow] = await Promise.all([bench.openLive({ keepFrames: true }), bench.openLive()]);
      slow.pause();
      const factory = new EventFactory(new Random(71));
      for (let round = 0; round < 30; round += 1) await publish(bench.url, factory.many(1000, PADDED));
      await fast.events(30_000);
      // Kernel buffers of loopback take a few MiB; what is beyond them has not been written for the slow one.
      expect(hub.delivered.bytes - 30_000 * 1024).toBeLessThan(24 * MIB);
      for (const session of hub.sessions.values()) expect(session.writer.queuedBytes).toBeLessThan(MIB);
      slow.resume();
      await slow.events(30_000, 40_000);
      for (const client of [fast, slow]) expectWhole(client, 30_000);
    },
  },
  {
    name: 'a reader that takes little at a time is served for as long as it takes something',
    settings: { TAILRACE_SLOW_MS: '3000' },
    async run(bench) {
      const factory = new EventFactory(new Random(72));
      const start = await publish(bench.url, factory.many(1));
      for (let round = 0; round < 8; round += 1) await publish(bench.url, factory.many(1000, PADDED));
      const client = bench.open({ query: `?from=${start.last}`, keepFrames: false });
      const startedMs = performance.now();
      // Longer than three heartbeats; what the client's library answers waits behind what it has not read.
      while (client.ledger.events < 8000 && performance.now() - startedMs < 3000) {
        client.pause();
        await wait(300);
        client.resume();
        await wait(1);
      }
      client.resume();
      await client.events(8000);
      expectWhole(client, 8000);
      if (!bench.transport.lacks['one-stream']) expect(client.connections).toBe(1);
    },
  },
  {
    name: 'another filter on the same line begins where the last one ended',
    needs: ['resubscribe'],
    settings: {},
    async run(bench) {
      const factory = new EventFactory(new Random(73), 'sub');
      const client = await bench.openLive({ query: '?service=api' });
      await publish(bench.url, factory.many(20, { service: 'api' }));
      await publish(bench.url, factory.many(20, { service: 'web' }));
      const { last } = await publish(bench.url, factory.many(1, { service: 'web' }));
      // Everything up to here has been judged under the first filter, and the client knows.
      await until('a heartbeat', () => client.ledger.lastEventId === last);
      expect(client.ledger.events).toBe(20);
      const firstId = client.named('stream')[0]?.['connectionId'];
      const { hub } = bench.runtime;
      const changes = (): number => hub.closedByReason.get('resubscribed') ?? 0;
      const before = changes();
      client.subscribe?.('service=web&level=trace');
      await until('the second stream', () => client.named('stream').length > 1);
      await publish(bench.url, factory.many(30, { service: 'web', kind: 'log', level: 'info', message: 'x' }));
      await publish(bench.url, factory.many(30, { service: 'api', kind: 'log', level: 'info', message: 'x' }));
      await until('the others', () => client.named('log').filter(({ service }) => service === 'web').length >= 30);
      expect(client.ledger.faults).toEqual(NO_FAULTS);
      expect(client.named('stream')[1]?.['connectionId']).not.toBe(firstId);
      expect(client.connections).toBe(1);
      expect(hub.connections).toBe(1);
      // A protocol may need two messages for it; a stream that ends before it has begun tells nothing.
      const [openId] = hub.sessions.keys();
      await until('the last change to be told', () => client.named('stream').at(-1)?.['connectionId'] === openId);
      expect(changes() - before).toBeGreaterThanOrEqual(client.named('stream').length - 1);
      expect(changes() - before).toBeLessThanOrEqual(2);
    },
  },
];
