import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { NO_FAULTS } from './support/continuity-ledger.ts';
import { EventFactory } from './support/events.ts';
import { type InProcessServer, startInProcess, type Transport } from './support/in-process-server.ts';
import { publish } from './support/ingest-client.ts';
import { Random } from './support/random.ts';
import { SseClient } from './support/sse-client.ts';

/** Other servers' replays are known to end at 300, 1,000 or 10,000 events. */
const BACKLOGS = [1, 299, 301, 1001, 2000, 2001, 10_001, 25_000];

describe.each<Transport>(['socket', 'web'])('on the %s transport', (transport) => {
  let server: InProcessServer;
  let head: number;
  beforeAll(async () => {
    // The ring holds less than most backlogs, so that they begin in the history and end in memory.
    server = await startInProcess(transport, { TAILRACE_RING_EVENTS: '1500' });
    const { last } = await publish(server.url, new EventFactory(new Random(51)).many(26_000));
    head = Number(last?.split('.')[1]);
  });
  afterAll(() => server.close());

  test.each(BACKLOGS)('a client that missed %i events gets each of them once, in order', async (backlog) => {
    const { epoch } = server.runtime.journal;
    const headers = { 'Last-Event-ID': `${epoch}.${head - backlog}` };
    const client = new SseClient(server.url, { headers, keepFrames: false });
    await client.events(backlog);
    client.close();
    expect(client.ledger.faults).toEqual(NO_FAULTS);
    expect(client.ledger.seen.size).toBe(backlog);
    expect(client.ledger.cursor).toBe(head);
  });

  test('a crowd that comes back at once is served whole', async () => {
    const { epoch } = server.runtime.journal;
    const clients = Array.from({ length: 60 }, (_, index) => {
      const headers = { 'Last-Event-ID': `${epoch}.${head - 3000 + index}` };
      return new SseClient(server.url, { headers, keepFrames: false });
    });
    for (const [index, client] of clients.entries()) {
      await client.events(3000 - index);
      expect(client.ledger.faults).toEqual(NO_FAULTS);
      client.close();
    }
  });
});

test('a replay of large events is cut into pages by their size as well', async () => {
  const server = await startInProcess('socket', { TAILRACE_RING_EVENTS: '100' });
  const message = 'x'.repeat(100_000);
  const events = Array.from({ length: 300 }, (_, n) => ({ message, attributes: { n: String(n) } }));
  try {
    await publish(server.url, events);
    const client = new SseClient(server.url, { query: `?from=${server.runtime.journal.epoch}.0`, keepFrames: false });
    await client.events(events.length);
    client.close();
    expect(client.ledger.faults).toEqual(NO_FAULTS);
    expect(client.largestChunkBytes).toBeLessThan(1024 * 1024);
  } finally {
    await server.close();
  }
});
