import { expect, test } from 'vitest';
import { NO_FAULTS } from './support/continuity-ledger.ts';
import { EventFactory } from './support/events.ts';
import { type InProcessServer, startInProcess } from './support/in-process-server.ts';
import { publish } from './support/ingest-client.ts';
import { Random } from './support/random.ts';
import { SseClient } from './support/sse-client.ts';

async function withServer(
  run: (server: InProcessServer) => Promise<void>,
  settings: Record<string, string> = {},
): Promise<void> {
  const server = await startInProcess('socket', settings);
  try {
    await run(server);
  } finally {
    await server.close();
  }
}

/** Opens, waits for `live`, closes. */
async function read(server: InProcessServer, query: string, headers: Record<string, string> = {}): Promise<SseClient> {
  const client = new SseClient(server.url, { query, headers });
  await client.first('live');
  client.close();
  return client;
}

test('an empty journal has a position before its first event, and a stream from there brings the first', () =>
  withServer(async (server) => {
    const client = new SseClient(server.url);
    const frame = await client.first('stream');
    expect(frame).toMatchObject({ state: 'live', from: `${frame['epoch']}.0`, head: `${frame['epoch']}.0` });
    await client.first('live');
    await publish(server.url, [{ message: 'first' }]);
    await client.events(1);
    client.close();
    expect(client.ledger.faults).toEqual(NO_FAULTS);
    expect((await read(server, `?from=${frame['epoch']}.0`)).named('log')).toHaveLength(1);
  }));

test('after a restart on the same data a cursor goes on where it was, and on other data it is a reset', async () => {
  const first = await startInProcess('socket');
  const factory = new EventFactory(new Random(61));
  const start = await publish(first.url, factory.many(1));
  await publish(first.url, factory.many(500));
  const headers = { 'Last-Event-ID': start.last ?? '' };
  await first.runtime.close();
  await withServer(
    async (second) => {
      const client = await read(second, '', headers);
      expect(client.named('stream')[0]).toMatchObject({ state: 'replay', from: start.last });
      expect(client.ledger.events).toBe(500);
    },
    { TAILRACE_DATA_DIR: first.dataDir },
  );
  await withServer(async (other) => {
    const client = await read(other, '', headers);
    expect(client.named('stream')[0]).toMatchObject({ state: 'reset', reason: 'epoch' });
  });
  await first.close();
});

test('an age older than the journal begins with its oldest event, a time after its newest with the next', () =>
  withServer(async (server) => {
    const { last } = await publish(server.url, new EventFactory(new Random(62)).many(10));
    expect((await read(server, '?from=-30d')).ledger.events).toBe(10);
    const future = encodeURIComponent(new Date(Date.now() + 60_000).toISOString());
    const client = await read(server, `?from=${future}`);
    expect(client.named('stream')[0]).toMatchObject({ state: 'live', from: last });
  }));

test('a replay at the pace of its events holds them back until they are due', () =>
  withServer(async (server) => {
    const startMs = Date.now() - 60_000;
    const events = Array.from({ length: 5 }, (_, index) => ({
      message: `tick ${index}`,
      time: new Date(startMs + index * 2000).toISOString(),
    }));
    await publish(server.url, events);
    const query = `?from=${server.runtime.journal.epoch}.0&speed=20`;
    const arrivals: number[] = [];
    const client = new SseClient(server.url, {
      query,
      onFrame: ({ event }) => {
        if (event === 'log') arrivals.push(performance.now());
      },
    });
    await client.events(5);
    client.close();
    // 8 s of events at twenty times their pace; a busy machine only makes it longer.
    expect((arrivals.at(-1) ?? 0) - (arrivals[0] ?? 0)).toBeGreaterThanOrEqual(350);
    expect(client.ledger.faults).toEqual(NO_FAULTS);
  }));
