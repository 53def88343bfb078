import { setTimeout as pause } from 'node:timers/promises';
import { expect, test } from 'vitest';
import type { ContinuityLedger } from './support/continuity-ledger.ts';
import { NO_FAULTS } from './support/continuity-ledger.ts';
import { EventFactory, type TestEvent } from './support/events.ts';
import { post } from './support/ingest-client.ts';
import { type Random, withSeed } from './support/random.ts';
import { freePort, ServerProcess } from './support/server-process.ts';
import { SseClient } from './support/sse-client.ts';

const KILLS = 20;
const CLIENTS = 20;
const PUBLISHERS = 4;
/** Events at most in one request: more than one chunk, so that a request can be stored in part. */
const PER_POST_MAX = 1500;

type Publisher = {
  /** `attributes.n` of every event that the server has said is stored. */
  readonly acknowledged: Set<string>;
  /** Of those sent under a key: whatever happened on the way, each of them exists once. */
  readonly exactly: Set<string>;
  stop(): Promise<void>;
};

/** Sends without a pause. With keys a request is repeated until it is answered; without, it is given up and forgotten. */
function startPublisher(url: string, factory: EventFactory, random: Random, withKeys: boolean): Publisher {
  const acknowledged = new Set<string>();
  const exactly = new Set<string>();
  let stopped = false;
  let requests = 0;
  const key = `${factory.one().attributes.n}-`;

  async function deliver(events: readonly TestEvent[]): Promise<void> {
    const options = withKeys ? { key: key + requests++ } : {};
    for (;;) {
      const sent = await post(url, events, options).catch(() => undefined);
      if (sent?.status === 200) {
        for (const { attributes } of events) {
          acknowledged.add(attributes.n);
          if (withKeys) exactly.add(attributes.n);
        }
        return;
      }
      await pause(20);
      if (!withKeys) return;
    }
  }

  const running = (async () => {
    while (!stopped) {
      const count = random.next() < 0.1 ? PER_POST_MAX : random.integer(1, 60);
      await deliver(factory.many(count, { kind: 'log' }));
      await pause(random.integer(0, 20));
    }
  })();
  const stop = async (): Promise<void> => {
    stopped = true;
    await running;
  };
  return { acknowledged, exactly, stop };
}

function expectDelivered(ledger: ContinuityLedger, publishers: readonly Publisher[]): void {
  expect(ledger.faults).toEqual(NO_FAULTS);
  for (const { acknowledged, exactly } of publishers) {
    const missing = [...acknowledged].filter((n) => !ledger.seen.has(n));
    expect(missing.slice(0, 5)).toEqual([]);
    const twice = [...exactly].filter((n) => ledger.seen.get(n) !== 1);
    expect(twice.slice(0, 5)).toEqual([]);
  }
  // Without a key nothing is repeated by anybody, so nothing may be there twice either.
  expect([...ledger.seen].filter(([, count]) => count !== 1).slice(0, 5)).toEqual([]);
}

test(
  'twenty times kill -9 under load: what was acknowledged comes to every client once, and nothing twice',
  () =>
    withSeed(async (random) => {
      const port = await freePort();
      const environment = { TAILRACE_HEARTBEAT_MS: '500', TAILRACE_RING_EVENTS: '2000' };
      let server = await ServerProcess.start({ port, environment });
      const { url, dataDir } = server;
      const clients = Array.from({ length: CLIENTS }, () => new SseClient(url, { reconnect: true, keepFrames: false }));
      const publishers: Publisher[] = [];
      try {
        while (!clients.every(({ ledger }) => ledger.cursor >= 0)) await pause(10);
        for (let index = 0; index < PUBLISHERS; index += 1) {
          publishers.push(startPublisher(url, new EventFactory(random, `p${index}-`), random, index % 2 === 0));
        }
        for (let kill = 0; kill < KILLS; kill += 1) {
          await pause(random.integer(50, 400));
          await server.kill();
          server = await ServerProcess.start({ port, environment, dataDir });
        }
        await Promise.all(publishers.map((publisher) => publisher.stop()));
        const { answer } = await post(url, [{ message: 'the last one' }]);
        const total = Number(answer.last?.split('.')[1]);
        for (const { ledger, events } of clients.map((client) => ({ ledger: client.ledger, events: client }))) {
          await events.events(total, 30_000);
          expect(ledger.events).toBe(total);
          expectDelivered(ledger, publishers);
        }
        expect(publishers.every(({ acknowledged }) => acknowledged.size > 100)).toBe(true);
        expect(clients.every(({ connections }) => connections >= KILLS)).toBe(true);
      } finally {
        await Promise.race([Promise.all(publishers.map((publisher) => publisher.stop())), pause(2000)]);
        for (const client of clients) client.close();
        await server.stop();
        const { rm } = await import('node:fs/promises');
        await rm(dataDir, { recursive: true, force: true });
      }
    }),
  180_000,
);
