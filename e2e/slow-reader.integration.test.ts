import { expect, test } from 'vitest';
import { NO_FAULTS } from './support/continuity-ledger.ts';
import { EventFactory } from './support/events.ts';
import { startInProcess, type Transport } from './support/in-process-server.ts';
import { publish } from './support/ingest-client.ts';
import { Random } from './support/random.ts';
import { ServerProcess } from './support/server-process.ts';
import { SseClient } from './support/sse-client.ts';
import { until } from './support/wait.ts';

const MIB = 1024 * 1024;
const ROUNDS = 60;
const PER_ROUND = 500;
/** About 1 KiB an event: 30 MiB in all, many times what sockets and sinks may hold. */
const PADDING = 'p'.repeat(900);

test.each<Transport>(['socket', 'web'])(
  'a reader that stops costs a bounded amount, disturbs nobody and loses nothing (%s)',
  async (transport) => {
    const server = await startInProcess(transport, { TAILRACE_RING_EVENTS: '2000' });
    const { hub } = server.runtime;
    const fast = new SseClient(server.url, { keepFrames: false });
    const slow = Array.from({ length: 4 }, () => new SseClient(server.url, { keepFrames: false }));
    try {
      await until('all to be attached', () => [fast, ...slow].every(({ ledger }) => ledger.cursor >= 0));
      for (const client of slow) client.pause();
      const factory = new EventFactory(new Random(71));
      let sent = 0;
      for (let round = 0; round < ROUNDS; round += 1) {
        await publish(server.url, factory.many(PER_ROUND, { kind: 'log', message: PADDING }));
        sent += PER_ROUND;
        // The fast one has everything after each round, whatever the others do.
        await fast.events(sent);
      }
      const total = fast.bytes;
      const taken = hub.delivered.bytes - total;
      expect(total).toBeGreaterThan(25 * MIB);
      // Kernel buffers of loopback take a few MiB each; what is beyond them has not been written for the slow ones.
      expect(taken / slow.length).toBeLessThan(12 * MIB);
      expect(fast.ledger.faults).toEqual(NO_FAULTS);
      for (const client of slow) client.resume();
      for (const client of slow) {
        await client.events(sent, 30_000);
        expect(client.ledger.faults).toEqual(NO_FAULTS);
        expect(client.ledger.seen.size).toBe(sent);
        expect(client.connections).toBe(1);
      }
    } finally {
      for (const client of [fast, ...slow]) client.close();
      await server.close();
    }
  },
);

test('under next start readers that stop hold no more memory than their buffers', async () => {
  const server = await ServerProcess.start({ kind: 'next', environment: { TAILRACE_RING_EVENTS: '2000' } });
  const slow = Array.from({ length: 20 }, () => new SseClient(server.url, { keepFrames: false }));
  try {
    await until('all to be attached', () => slow.every(({ ledger }) => ledger.cursor >= 0));
    const factory = new EventFactory(new Random(72));
    // Warm: what the first megabytes cost stays, whoever reads.
    await publish(server.url, factory.many(5000, { kind: 'log', message: PADDING }));
    const before = server.residentBytes;
    for (const client of slow) client.pause();
    for (let round = 0; round < 10; round += 1) {
      await publish(server.url, factory.many(2000, { kind: 'log', message: PADDING }));
    }
    // 20 readers that are 20 MiB behind would be 400 MiB, were it kept for them.
    expect(server.residentBytes - before).toBeLessThan(150 * MIB);
    for (const client of slow) client.resume();
    for (const client of slow) {
      await client.events(25_000, 30_000);
      expect(client.ledger.faults).toEqual(NO_FAULTS);
    }
  } finally {
    for (const client of slow) client.close();
    await server.stop();
  }
});
