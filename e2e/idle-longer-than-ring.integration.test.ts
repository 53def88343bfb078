import { expect, test } from 'vitest';
import { NO_FAULTS } from './support/continuity-ledger.ts';
import { EventFactory } from './support/events.ts';
import { startInProcess, type Transport } from './support/in-process-server.ts';
import { publish } from './support/ingest-client.ts';
import { Random } from './support/random.ts';
import { SseClient } from './support/sse-client.ts';
import { until } from './support/wait.ts';

const SETTINGS = { TAILRACE_RING_EVENTS: '200', TAILRACE_HEARTBEAT_MS: '300' };

test.each<Transport>(['socket', 'web'])(
  'a filtered stream that sleeps through more events than the ring holds comes back without a gap (%s)',
  async (transport) => {
    const server = await startInProcess(transport, SETTINGS);
    const client = new SseClient(server.url, { query: '?service=rare', reconnect: true });
    try {
      await client.first('live');
      const factory = new EventFactory(new Random(41));
      await publish(server.url, factory.many(1, { service: 'rare' }));
      await client.events(1);
      const { last } = await publish(server.url, factory.many(5000));
      await until('a heartbeat to bring the head', () => client.ledger.lastEventId === last);
      client.pause();
      client.cut();
      await publish(server.url, factory.many(1, { service: 'rare' }));
      await publish(server.url, factory.many(3000));
      await publish(server.url, factory.many(1, { service: 'rare' }));
      await client.events(3);
      expect(client.ledger.faults).toEqual(NO_FAULTS);
      expect(client.named('stream').at(-1)).toMatchObject({ state: 'replay', from: last });
      expect(server.runtime.journal.ring.size).toBeLessThanOrEqual(200);
    } finally {
      client.close();
      await server.close();
    }
  },
);

test('an idle stream is not a gap: nothing is told but the time and the head', async () => {
  const server = await startInProcess('socket', SETTINGS);
  const client = new SseClient(server.url, { reconnect: true });
  try {
    await until('three heartbeats', () => client.named('heartbeat').length >= 3);
    client.cut();
    await until('the second connection', () => client.named('live').length === 2);
    expect(client.named('stream').map(({ state }) => state)).toEqual(['live', 'live']);
    expect(client.ledger.faults).toEqual(NO_FAULTS);
  } finally {
    client.close();
    await server.close();
  }
});
