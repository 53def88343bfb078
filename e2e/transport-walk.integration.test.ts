import { setTimeout as wait } from 'node:timers/promises';
import { expect, test } from 'vitest';
import type { StreamClient } from './conformance/stream-client.ts';
import { TRANSPORTS, type TransportUnderTest } from './conformance/transports.ts';
import { ContinuityLedger, NO_FAULTS } from './support/continuity-ledger.ts';
import { EventFactory } from './support/events.ts';
import { type InProcessServer, startInProcess } from './support/in-process-server.ts';
import { publish } from './support/ingest-client.ts';
import { type Random, withSeed } from './support/random.ts';
import { until } from './support/wait.ts';

/** By clients that are cheap to open; those that others wrote run through the table. */
const WALKED = ['sse', 'ws', 'http', 'poll', 'grpc', 'mqtt'];
const WALKS = 6;
const STEPS = 25;

function transports(): TransportUnderTest[] {
  return TRANSPORTS.filter(({ name, missing }) => WALKED.includes(name) && missing === undefined);
}

/** One client that is now on this transport and now on that: the ledger is what it takes along. */
async function walk(server: InProcessServer, random: Random, isOver: () => boolean): Promise<ContinuityLedger> {
  const whole = new ContinuityLedger();
  const route: string[] = [];
  const step = async (from: string): Promise<void> => {
    const transport = random.pick(transports());
    route.push(transport.name);
    const cutAfterBytes = (): number | undefined => (random.next() < 0.6 ? random.integer(200, 15_000) : undefined);
    const query = `?from=${from}`;
    let done = false;
    const client: StreamClient = transport.open(server, {
      ...{ query, cutAfterBytes, reconnect: random.next() < 0.5, keepFrames: false },
      onFrame: (frame) => {
        // What comes after the client has turned away is not heard: it has gone on elsewhere from where it stood.
        if (!done) whole.take(frame);
      },
    });
    const restMs = random.integer(0, 120);
    const upTo = whole.events + random.integer(0, 200);
    const startedMs = performance.now();
    while (whole.events < upTo && performance.now() - startedMs < restMs) await wait(2);
    done = true;
    if (random.next() < 0.5) client.cut();
    client.close();
    expect(client.failure, `on ${transport.name}`).toBeUndefined();
    expect(whole.faults, `after ${route.slice(-5).join(', ')}`).toEqual(NO_FAULTS);
  };
  const start = server.runtime.head();
  for (let count = 0; count < STEPS || !isOver(); count += 1) await step(whole.lastEventId ?? start);
  const transport = random.pick(transports());
  const last = transport.open(server, {
    query: `?from=${whole.lastEventId ?? start}`,
    onFrame: (frame) => whole.take(frame),
  });
  const head = server.runtime.head();
  await until(`the head on ${transport.name} after ${route.slice(-5).join(', ')}`, () => whole.lastEventId === head);
  last.close();
  return whole;
}

test(
  'a client that changes its transport at random, and is cut at random, sees every event once',
  () =>
    withSeed(async (random) => {
      const server = await startInProcess('socket', {
        TAILRACE_HEARTBEAT_MS: '300',
        TAILRACE_RETRY_MS: '100',
        TAILRACE_GRPC_PORT: '0',
        TAILRACE_RING_EVENTS: '500',
      });
      const heldBefore = server.runtime.ledger.heldTotal;
      try {
        const factory = new EventFactory(random, 'walk');
        await publish(server.url, factory.many(1));
        const before = server.runtime.journal.headSeq;
        let over = false;
        const sending = (async () => {
          for (let round = 0; round < 150; round += 1) {
            await publish(server.url, factory.many(random.integer(1, 40)));
            await wait(random.integer(0, 30));
          }
          over = true;
        })();
        const walks = Array.from({ length: WALKS }, () => walk(server, random, () => over));
        const [ledgers] = await Promise.all([Promise.all(walks), sending]);
        for (const ledger of ledgers) {
          expect(ledger.faults).toEqual(NO_FAULTS);
          expect(ledger.events).toBe(server.runtime.journal.headSeq - before);
          expect([...ledger.seen.values()].every((count) => count === 1)).toBe(true);
        }
        const { hub, ledger } = server.runtime;
        await until('the hub to be empty', () => hub.connections === 0 && hub.groups === 0);
        await until('nothing to be held', () => ledger.heldTotal <= heldBefore && ledger.leaked === 0);
        expect(ledger.leaks).toEqual([]);
      } finally {
        await server.close();
      }
    }),
  60_000,
);
