import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { NO_FAULTS } from './support/continuity-ledger.ts';
import { EventFactory } from './support/events.ts';
import { type InProcessServer, startInProcess, type Transport } from './support/in-process-server.ts';
import { publish } from './support/ingest-client.ts';
import { Random, withSeed } from './support/random.ts';
import { SseClient } from './support/sse-client.ts';

const EVENTS = 40;

describe.each<Transport>(['socket', 'web'])('on the %s transport', (transport) => {
  let server: InProcessServer;
  let start: string;
  beforeAll(async () => {
    server = await startInProcess(transport);
    const factory = new EventFactory(new Random(31));
    start = (await publish(server.url, factory.many(1))).last ?? '';
    await publish(server.url, factory.many(EVENTS));
  });
  afterAll(() => server.close());

  /** Length of the whole replay on the wire, head and chunk framing included. */
  async function wireBytes(): Promise<number> {
    const whole = new SseClient(server.url, { query: `?from=${start}` });
    await whole.first('live');
    whole.close();
    return whole.bytes;
  }

  async function expectWhole(cutAfterBytes: (connection: number) => number | undefined): Promise<void> {
    const client = new SseClient(server.url, { query: `?from=${start}`, reconnect: true, cutAfterBytes });
    try {
      await client.events(EVENTS);
      expect(client.ledger.faults).toEqual(NO_FAULTS);
      expect([...client.ledger.seen.values()]).toEqual(new Array(EVENTS).fill(1));
    } finally {
      client.close();
    }
  }

  test('a line that breaks after any byte of a replay costs nothing and repeats nothing', async () => {
    const total = await wireBytes();
    // A step without a common factor with the length of anything in it, from the first byte of the head to the last.
    const cuts = Array.from({ length: Math.ceil(total / 23) }, (_, index) => 1 + index * 23);
    const workers = Array.from({ length: 16 }, async () => {
      for (let cut = cuts.pop(); cut !== undefined; cut = cuts.pop()) {
        const bytes = cut;
        await expectWhole((connection) => (connection === 1 ? bytes : undefined));
      }
    });
    await Promise.all(workers);
  });

  test('nor does a line that breaks again and again', () =>
    withSeed(async (random) => {
      await Promise.all(Array.from({ length: 20 }, () => expectWhole(() => random.integer(300, 3000))));
    }));
});

test('a live stream that is cut at random loses nothing while events are being sent', () =>
  withSeed(async (random) => {
    const server = await startInProcess('socket');
    const clients = Array.from({ length: 10 }, () => {
      return new SseClient(server.url, {
        reconnect: true,
        keepFrames: false,
        cutAfterBytes: () => random.integer(400, 60_000),
      });
    });
    try {
      await Promise.all(clients.map((client) => untilAttached(client)));
      const factory = new EventFactory(random);
      for (let round = 0; round < 60; round += 1) await publish(server.url, factory.many(random.integer(1, 60)));
      const { last } = await publish(server.url, factory.many(1));
      for (const client of clients) {
        await client.events(Number(last?.split('.')[1]));
        expect(client.ledger.faults).toEqual(NO_FAULTS);
        expect(client.connections).toBeGreaterThan(1);
      }
    } finally {
      for (const client of clients) client.close();
      await server.close();
    }
  }));

async function untilAttached(client: SseClient): Promise<void> {
  while (client.ledger.lastEventId === undefined) await new Promise((resolve) => setTimeout(resolve, 5));
}
