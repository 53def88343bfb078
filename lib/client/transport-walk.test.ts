import fc from 'fast-check';
import { expect, test } from 'vitest';
import { CLIENT_TRANSPORTS } from '@/lib/core/client-transport.ts';
import type { StreamBatch } from './stream-batch.ts';
import { StreamClient } from './stream-client.ts';
import { FakeScheduler } from './testing/fake-scheduler.ts';
import { FakeServer, logEvent, type Treatment } from './testing/fake-server.ts';
import { TRANSPORT_WISHES } from './transport-try.ts';

const transport = fc.constantFrom(...CLIENT_TRANSPORTS);
const step = fc.oneof(
  { weight: 5, arbitrary: fc.record({ do: fc.constant('append' as const), count: fc.integer({ min: 1, max: 40 }) }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('wish' as const), wish: fc.constantFrom(...TRANSPORT_WISHES) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('cut' as const), how: fc.constantFrom('error', 'end') }) },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constant('treat' as const),
      transport,
      as: fc.constantFrom<Treatment>('through', 'refused', 'held'),
    }),
  },
  { weight: 4, arbitrary: fc.record({ do: fc.constant('wait' as const), ms: fc.integer({ min: 1, max: 9_000 }) }) },
);

test('a client that changes its transport at random, cut at random, sees every event once', async () => {
  const seen = new Set<string>();
  await fc.assert(
    fc.asyncProperty(
      fc.array(step, { minLength: 5, maxLength: 40 }),
      fc.array(fc.integer({ min: 20, max: 4_000 }), { minLength: 1, maxLength: 20 }),
      async (steps, breaks) => {
        const scheduler = new FakeScheduler();
        const server = new FakeServer(scheduler);
        const batches: StreamBatch[] = [];
        server.pieces = () => 61;
        server.breaksAfter = () => breaks.shift() ?? Number.POSITIVE_INFINITY;
        const treatments: Partial<Record<string, Treatment>> = {};
        server.treats = (name) => treatments[name] ?? 'through';
        const client = new StreamClient({
          fetch: server.fetch,
          openWebSocket: server.openWebSocket,
          scheduler,
          isOnline: () => true,
          onBatch: (batch) => batches.push(batch),
          onReport: () => undefined,
          onIllegal: (state, input) => {
            throw new Error(`illegal move ${input.type} in ${state.phase}`);
          },
        });
        client.open({ filter: {}, cursor: 'EpochAA1.0' }, 'start');
        let sent = 0;
        for (const one of steps) {
          if (one.do === 'append') {
            server.append(...Array.from({ length: one.count }, (_, index) => logEvent(`m${sent + index + 1}`)));
            sent += one.count;
          } else if (one.do === 'wish') client.wish({ wish: one.wish, why: 'it was chosen by hand', remember: false });
          else if (one.do === 'cut') server.cut(one.how === 'end' ? 'end' : 'error');
          else if (one.do === 'treat') treatments[one.transport] = one.as;
          else await scheduler.advance(one.ms);
        }
        for (const name of CLIENT_TRANSPORTS) treatments[name] = 'through';
        await scheduler.advance(240_000);
        for (const name of server.opened) seen.add(name);
        const messages = batches.flatMap((batch) => batch.events.map((e) => (e.kind === 'log' ? e.message : e.name)));
        expect(messages).toEqual(Array.from({ length: sent }, (_, index) => `m${index + 1}`));
        expect(client.report).toMatchObject({ phase: 'live', lost: 0, repeated: 0, received: sent });
        expect(server.open).toBe(1);
        client.stop('done');
        server.dispose();
        expect(scheduler.timers).toBe(0);
      },
    ),
    { numRuns: 60, seed: 23 },
  );
  expect([...seen].sort()).toEqual([...CLIENT_TRANSPORTS].sort());
}, 60_000);
