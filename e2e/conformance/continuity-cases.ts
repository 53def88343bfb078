import { expect } from 'vitest';
import { NO_FAULTS } from '../support/continuity-ledger.ts';
import { EventFactory } from '../support/events.ts';
import { publish } from '../support/ingest-client.ts';
import { Random } from '../support/random.ts';
import type { ConformanceCase } from './conformance-case.ts';

const BATCH = 25_000;

export const continuityCases: readonly ConformanceCase[] = [
  {
    name: 'replay turns into live without a gap and without a repetition while events are being sent',
    async run(bench) {
      const factory = new EventFactory(new Random(21), 'seam');
      const first = await publish(bench.url, factory.many(1));
      await publish(bench.url, factory.many(4000));
      const clients = [];
      let sent = 4000;
      for (let round = 0; round < 30; round += 1) {
        await publish(bench.url, factory.many(37));
        sent += 37;
        if (round % 5 === 0) clients.push(bench.open({ query: `?from=${first.last}` }));
      }
      for (const client of clients) {
        await client.events(sent);
        expect(client.ledger.faults).toEqual(NO_FAULTS);
        expect(client.ledger.events).toBe(sent);
      }
    },
  },
  {
    name: 'a stream says once that it has caught up',
    needs: ['one-stream'],
    async run(bench) {
      const factory = new EventFactory(new Random(26), 'seam');
      const { first } = await publish(bench.url, factory.many(50));
      const client = bench.open({ query: `?from=${first}` });
      for (let round = 0; round < 10; round += 1) await publish(bench.url, factory.many(10));
      await client.events(149);
      expect(client.named('live')).toHaveLength(1);
      expect(client.connections).toBe(1);
    },
  },
  {
    name: 'every event that a publisher was told is stored comes to the clients that were there, once',
    async run(bench) {
      const clients = await Promise.all(Array.from({ length: 5 }, () => bench.openLive()));
      const factory = new EventFactory(new Random(22), 'once');
      await Promise.all(Array.from({ length: 20 }, () => publish(bench.url, factory.many(50))));
      for (const client of clients) {
        await client.events(1000);
        expect(client.ledger.faults).toEqual(NO_FAULTS);
        expect([...client.ledger.seen.values()].every((count) => count === 1)).toBe(true);
        expect(client.ledger.seen.size).toBe(1000);
      }
    },
  },
  {
    name: 'more than a hundred thousand events are replayed whole',
    needs: ['bulk'],
    settings: {},
    async run(bench) {
      const factory = new EventFactory(new Random(23), 'large');
      const start = await publish(bench.url, factory.many(1));
      for (let sent = 0; sent < 4 * BATCH; sent += BATCH) await publish(bench.url, factory.many(BATCH));
      await publish(bench.url, factory.many(1));
      const client = bench.open({ query: `?from=${start.last}`, keepFrames: false });
      await client.events(4 * BATCH + 1, 40_000);
      expect(client.ledger.faults).toEqual(NO_FAULTS);
      expect(client.ledger.seen.size).toBe(4 * BATCH + 1);
    },
  },
  {
    name: 'what retention has removed is told as a gap with its count, and the rest follows',
    settings: { TAILRACE_RING_EVENTS: '100' },
    async run(bench) {
      const factory = new EventFactory(new Random(24), 'gone');
      const start = await publish(bench.url, factory.many(1));
      const { last } = await publish(bench.url, factory.many(20_000));
      expect(await bench.retain({ ageMs: 3_600_000, bytesMax: 2 * 1024 * 1024 })).toBeGreaterThan(1000);
      const client = bench.open({ query: `?from=${start.last}` });
      const frame = await client.first('stream');
      expect(frame).toMatchObject({ state: 'gap', reason: 'retention' });
      expect(frame['missed']).toBe(seq(String(frame['from'])) - seq(start.last ?? ''));
      await client.first('live');
      expect(client.ledger.lastEventId).toBe(last);
      expect(client.ledger.faults).toMatchObject({ lost: [], repeated: [], broken: [] });
      const missed = client.ledger.gaps.reduce((sum, gap) => sum + (gap.missed ?? 0), 0);
      expect(client.ledger.events + missed).toBe(20_000);
    },
  },
];

function seq(position: string): number {
  return Number(position.split('.')[1]);
}
