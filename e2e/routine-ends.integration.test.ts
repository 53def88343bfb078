import { describe, expect, test } from 'vitest';
import { NO_FAULTS } from './support/continuity-ledger.ts';
import { EventFactory } from './support/events.ts';
import { type InProcessServer, startInProcess, type Transport } from './support/in-process-server.ts';
import { publish } from './support/ingest-client.ts';
import { Random } from './support/random.ts';
import { SseClient } from './support/sse-client.ts';
import { until } from './support/wait.ts';

const FAST = { TAILRACE_HEARTBEAT_MS: '200', TAILRACE_RETRY_MS: '20' };

async function withServer(
  transport: Transport,
  settings: Record<string, string>,
  run: (server: InProcessServer) => Promise<void>,
): Promise<void> {
  const server = await startInProcess(transport, { ...FAST, ...settings });
  try {
    await run(server);
    await until('the hub to be empty', () => server.runtime.hub.connections === 0);
    expect(server.runtime.ledger.leaked).toBe(0);
  } finally {
    await server.close();
  }
}

describe.each<Transport>(['socket', 'web'])('on the %s transport', (transport) => {
  test('streams that reach their greatest age again and again go on exactly, while events are sent', () =>
    withServer(transport, { TAILRACE_AGE_MS: '400' }, async (server) => {
      const clients = Array.from(
        { length: 20 },
        () => new SseClient(server.url, { reconnect: true, keepFrames: false }),
      );
      await until('all', () => clients.every(({ ledger }) => ledger.cursor >= 0));
      const factory = new EventFactory(new Random(31));
      for (let round = 0; round < 60; round += 1) {
        await publish(server.url, factory.many(10));
        await new Promise((resolve) => setTimeout(resolve, 40));
      }
      for (const client of clients) {
        await client.events(600);
        client.close();
        expect(client.ledger.faults).toEqual(NO_FAULTS);
        expect(client.ledger.seen.size).toBe(600);
        expect(client.connections).toBeGreaterThanOrEqual(3);
      }
      expect(server.runtime.hub.closedByReason.get('age')).toBeGreaterThanOrEqual(40);
    }));

  test('an idle stream is reclaimed with a bye, and comes back to where it was', () =>
    withServer(transport, { TAILRACE_IDLE_MS: '500' }, async (server) => {
      const client = new SseClient(server.url, { reconnect: true, query: '?level=fatal' });
      await client.first('live');
      await publish(server.url, new EventFactory(new Random(32)).many(50, { kind: 'log', level: 'info' }));
      await client.first('bye');
      expect(client.named('bye')[0]).toMatchObject({ code: 2004, reason: 'idle', reconnect: true });
      await publish(server.url, [{ level: 'fatal', message: 'now', attributes: { n: 'x' } }]);
      await client.events(1);
      client.close();
      expect(client.ledger.faults).toEqual(NO_FAULTS);
    }));

  test('a reader that takes nothing beyond patience is ended and counted; it comes back and has everything', () =>
    withServer(transport, { TAILRACE_SLOW_MS: '1000', TAILRACE_RING_EVENTS: '1000' }, async (server) => {
      const client = new SseClient(server.url, { reconnect: true, keepFrames: false });
      await until('it', () => client.ledger.cursor >= 0);
      client.pause();
      const factory = new EventFactory(new Random(33));
      const padding = 'p'.repeat(2000);
      let sent = 0;
      // More than the kernel's buffers take, else nothing tells that nobody reads.
      while (server.runtime.hub.closedByReason.get('slow') === undefined) {
        if (sent < 20_000) {
          await publish(server.url, factory.many(500, { kind: 'log', message: padding }));
          sent += 500;
        } else await new Promise((resolve) => setTimeout(resolve, 50));
      }
      client.resume();
      await client.events(sent, 30_000);
      client.close();
      expect(client.ledger.faults).toEqual(NO_FAULTS);
      expect(client.ledger.seen.size).toBe(sent);
      expect(client.connections).toBeGreaterThanOrEqual(2);
    }));
});
