import { setTimeout as pause } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { NO_FAULTS } from './support/continuity-ledger.ts';
import { EventFactory } from './support/events.ts';
import { FaultyStore } from './support/faulty-store.ts';
import { startInProcess } from './support/in-process-server.ts';
import { post } from './support/ingest-client.ts';
import { type Random, withSeed } from './support/random.ts';
import { SseClient } from './support/sse-client.ts';
import { until } from './support/wait.ts';

const DOWN_MS = 30_000;
const HELD_MAX = 1500;

/** Sends without a pause, each request once, and keeps what became of it. */
function startPublisher(url: string, factory: EventFactory, random: Random) {
  const accepted: string[] = [];
  const refused = new Set<string>();
  const statuses = new Map<number, number>();
  const retryAfterS: number[] = [];
  let stopped = false;
  const running = (async () => {
    while (!stopped) {
      const events = factory.many(random.integer(1, 30), { kind: 'log' });
      const { status, answer, headers } = await post(url, events);
      statuses.set(status, (statuses.get(status) ?? 0) + 1);
      // A request of one chunk is taken as a whole or not at all.
      expect(answer.accepted).toBe(status === 503 ? 0 : events.length);
      expect(answer.durable).toBe(status === 202 ? false : undefined);
      for (const { attributes } of events) {
        if (status === 503) refused.add(attributes.n);
        else accepted.push(attributes.n);
      }
      if (status === 503) retryAfterS.push(Number(headers.get('retry-after')));
      await pause(random.integer(20, 120));
    }
  })();
  const stop = async (): Promise<void> => {
    stopped = true;
    await running;
  };
  return { accepted, refused, statuses, retryAfterS, stop };
}

type Watcher = { readonly client: SseClient; readonly order: string[]; held(): number };

function watch(url: string, query = ''): Watcher {
  const order: string[] = [];
  let held = 0;
  const client = new SseClient(url, {
    query,
    reconnect: true,
    keepFrames: false,
    onFrame: ({ event, data }) => {
      if (event !== 'log') return;
      const body = JSON.parse(data) as { durable?: boolean; attributes: { n: string } };
      order.push(body.attributes.n);
      if (body.durable === false) held += 1;
    },
  });
  return { client, order, held: () => held };
}

test(
  'the history is away for half a minute in the middle of ingest and fan-out: nothing is lost, repeated or reordered',
  () =>
    withSeed(async (random) => {
      const store = new FaultyStore();
      const environment = {
        TAILRACE_HELD_EVENTS_MAX: String(HELD_MAX),
        TAILRACE_RING_EVENTS: '2000',
        TAILRACE_BREAKER_COOLDOWN_MS: '1000',
        TAILRACE_HEARTBEAT_MS: '1000',
      };
      const server = await startInProcess('socket', environment, { wrapHistory: store.wrap });
      const { url, runtime } = server;
      const { journal, history } = runtime;
      const watchers = Array.from({ length: 5 }, () => watch(url));
      await until('the streams to begin', () => watchers.every(({ client }) => client.ledger.cursor >= 0));
      const publishers = Array.from({ length: 3 }, (_, index) =>
        startPublisher(url, new EventFactory(random, `p${index}-`), random),
      );
      try {
        // More than the ring holds, so that whoever begins at the start needs the history.
        await until('the ring to be too small', () => journal.headSeq > 3000, 60_000);

        store.isDown = true;
        const downAt = performance.now();
        await until('events to be held', () => journal.held.events > 0);
        await until('the breaker to open', () => history.breaker.state === 'open');
        // With a filter of its own, which lets all through: the others' group still keeps the frames from the start.
        const fromStart = watch(url, `?level=trace&from=${journal.epoch}.0`);
        watchers.push(fromStart);
        watchers[0]?.client.cut();
        await until('no more to fit', () => publishers.every(({ retryAfterS }) => retryAfterS.length > 3), DOWN_MS);
        await pause(DOWN_MS - (performance.now() - downAt));
        expect(journal.held.events).toBeLessThanOrEqual(HELD_MAX);
        expect(journal.headSeq - journal.durableSeq).toBe(journal.held.events);
        const live = watchers.slice(0, 5);
        await until('all that is held to be delivered', () =>
          live.every(({ client }) => client.ledger.cursor === journal.headSeq),
        );
        for (const { held } of live) expect(held()).toBeGreaterThan(HELD_MAX / 2);
        expect(fromStart.client.ledger.events).toBe(0);

        store.isDown = false;
        await until(
          'all to be stored',
          () => journal.held.events === 0 && journal.durableSeq === journal.headSeq,
          60_000,
        );
        await pause(1000);
        await Promise.all(publishers.map((publisher) => publisher.stop()));
        await until('the journal to be at rest', () => journal.held.events === 0);
        expect(history.breaker.report().opened).toBeGreaterThanOrEqual(1);

        const accepted = publishers.flatMap((publisher) => publisher.accepted);
        expect(journal.headSeq).toBe(accepted.length);
        const replay = watch(url, `?kind=log&from=${journal.epoch}.0`);
        watchers.push(replay);
        for (const { client } of [replay, fromStart, ...live]) await client.events(accepted.length, 30_000);
        expect([...replay.order].sort()).toEqual([...accepted].sort());
        for (const { client, order } of watchers) {
          expect(client.failure).toBeUndefined();
          expect(client.ledger.faults).toEqual(NO_FAULTS);
          expect(order).toEqual(replay.order);
        }
        expect(replay.held()).toBe(0);
        // The one that began in the middle of the outage waited for the history without being sent away.
        expect(fromStart.client.connections).toBe(1);
        for (const { refused, statuses, retryAfterS } of publishers) {
          expect([...refused].filter((n) => replay.client.ledger.seen.has(n))).toEqual([]);
          expect([...statuses.keys()].sort()).toEqual([200, 202, 503]);
          expect(Math.min(...retryAfterS)).toBeGreaterThanOrEqual(1);
        }
      } finally {
        await Promise.race([Promise.all(publishers.map((publisher) => publisher.stop())), pause(2000)]);
        for (const { client } of watchers) client.close();
        store.isDown = false;
        await server.close();
      }
    }),
  180_000,
);

test('a request under an Idempotency-Key is refused while the history is away, and its repeat is stored once', () =>
  withSeed(async (random) => {
    const store = new FaultyStore();
    const server = await startInProcess('socket', { TAILRACE_BREAKER_COOLDOWN_MS: '200' }, { wrapHistory: store.wrap });
    try {
      const factory = new EventFactory(random);
      const named = factory.many(5);
      store.isDown = true;
      await until('events to be held', async () => (await post(server.url, factory.many(1))).status === 202);
      const refusal = await post(server.url, named, { key: 'k' });
      expect([refusal.status, refusal.answer.code, refusal.answer.accepted]).toEqual([503, 'storage-unavailable', 0]);
      store.isDown = false;
      await until('the repeat to be taken', async () => (await post(server.url, named, { key: 'k' })).status === 200);
      const { headSeq } = server.runtime.journal;
      expect((await post(server.url, named, { key: 'k' })).status).toBe(200);
      expect(server.runtime.journal.headSeq).toBe(headSeq);
    } finally {
      await server.close();
    }
  }));
