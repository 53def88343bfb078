import { expect, test } from 'vitest';
import { type Frame, NO_FAULTS } from './support/continuity-ledger.ts';
import { EventFactory } from './support/events.ts';
import { startInProcess, type Transport } from './support/in-process-server.ts';
import { publish } from './support/ingest-client.ts';
import { withSeed } from './support/random.ts';
import { SseClient } from './support/sse-client.ts';
import { until } from './support/wait.ts';

const CLIENTS = 200;
const DROPS = 20;
/** Little, since the clients parse every event in this very process. */
const PER_POST = 5;

test.each<Transport>(['socket', 'web'])(
  'a recovery storm: 200 clients dropped 20 times each while events are sent lose nothing and get nothing twice (%s)',
  (transport) =>
    withSeed(async (random) => {
      // A ring shorter than the storm, so that some resume from memory and some from the history.
      const server = await startInProcess(transport, { TAILRACE_RING_EVENTS: '3000', TAILRACE_CONNECT_RATE: '100000' });
      const factory = new EventFactory(random);
      const opened = Array.from({ length: CLIENTS }, () => 0);
      const drops = [...opened];
      const clients = opened.map((_, index) => {
        const query = index % 4 === 3 ? '?q=o' : '';
        const onFrame = ({ event }: Frame): void => {
          if (event === 'stream') opened[index] = (opened[index] ?? 0) + 1;
        };
        return new SseClient(server.url, { reconnect: true, keepFrames: false, query, onFrame });
      });
      let sending = true;
      let sent = 0;
      try {
        await until('all clients', () => clients.every(({ ledger }) => ledger.cursor >= 0));
        const sender = (async () => {
          while (sending) {
            await publish(server.url, factory.many(PER_POST));
            sent += PER_POST;
            await new Promise((resolve) => setTimeout(resolve, 30));
          }
        })();
        while (drops.some((count) => count < DROPS)) {
          for (const [index, client] of clients.entries()) {
            if ((drops[index] ?? 0) >= DROPS || random.next() < 0.6) continue;
            // Only a stream that has begun can be dropped; some are in the middle of catching up.
            if (client.ended === client.connections || opened[index] !== client.connections) continue;
            client.cut();
            drops[index] = (drops[index] ?? 0) + 1;
          }
          await new Promise((resolve) => setTimeout(resolve, 25));
        }
        sending = false;
        await sender;
        const head = server.runtime.journal.headSeq;
        expect(head).toBe(sent);
        for (const [index, client] of clients.entries()) {
          if (index % 4 === 3) await until('the filtered ones', () => client.ended < client.connections);
          else await client.events(sent, 30_000);
          expect(client.failure).toBeUndefined();
          expect(client.ledger.faults).toEqual(NO_FAULTS);
          expect(client.connections).toBeGreaterThan(DROPS);
          if (index % 4 !== 3) expect(client.ledger.seen.size).toBe(sent);
        }
        // All filtered ones have seen the same, in whatever pieces it came to them.
        const filtered = clients.filter((_, index) => index % 4 === 3);
        const most = Math.max(...filtered.map(({ ledger }) => ledger.seen.size));
        for (const client of filtered) await until('the rest', () => client.ledger.seen.size === most);
      } finally {
        for (const client of clients) client.close();
        await until('the hub to be empty', () => server.runtime.hub.connections === 0);
        expect(server.runtime.ledger.leaks).toEqual([]);
        await server.close();
      }
    }),
);
