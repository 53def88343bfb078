import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { WsClient } from './conformance/clients/ws-client.ts';
import type { StreamClient } from './conformance/stream-client.ts';
import { NO_FAULTS } from './support/continuity-ledger.ts';
import { EventFactory } from './support/events.ts';
import { GatewayPair } from './support/gateway-pair.ts';
import { post, publish } from './support/ingest-client.ts';
import { Random } from './support/random.ts';
import { SseClient } from './support/sse-client.ts';
import { until } from './support/wait.ts';

const clients: { close(): void }[] = [];
const opened = <T extends { close(): void }>(client: T): T => {
  clients.push(client);
  return client;
};
afterEach(() => {
  for (const client of clients.splice(0)) client.close();
});

const seqOf = (position: string | null): number => Number(position?.split('.')[1]);

function expectExact(client: Pick<StreamClient, 'ledger' | 'failure'>, events: number): void {
  expect(client.failure).toBeUndefined();
  expect(client.ledger.faults).toEqual(NO_FAULTS);
  expect(client.ledger.events).toBe(events);
  expect([...client.ledger.seen.values()].filter((times) => times !== 1)).toEqual([]);
}

/** Half the lot, for a delay that is told and not judged: the machine is shared. */
function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[values.length >> 1] ?? Number.NaN;
}

describe('a gateway beside the server that owns the journal', () => {
  let pair: GatewayPair;
  beforeAll(async () => {
    // A ring so small that replays come from the history too.
    pair = await GatewayPair.start({ TAILRACE_RING_EVENTS: '500' });
  });
  afterAll(() => pair.stop());

  test('live and replay are exact over SSE and WebSocket, while events are sent to both doors', async () => {
    const { owner, gateway } = pair;
    const make = new EventFactory(new Random(41), 'doors-');
    const first = await publish(owner.url, make.many(2000));
    const [epoch] = first.first?.split('.') ?? [];
    const query = `?from=${epoch}.${seqOf(first.first) - 1}`;
    const all: StreamClient[] = [
      opened(new SseClient(gateway.url, { query })) as unknown as StreamClient,
      opened(new WsClient(gateway.url, { query })),
      opened(
        new WsClient(gateway.url, { query, reconnect: true, cutAfterBytes: (n) => (n < 20 ? n * 4000 : undefined) }),
      ),
    ];
    const late = opened(new SseClient(gateway.url));
    await late.first('live');
    for (let round = 0; round < 40; round += 1) {
      const door = round % 2 === 0 ? owner.url : gateway.url;
      await publish(door, make.many(25), round % 4 === 1 ? { key: `doors-${round}` } : {});
    }
    for (const client of all) {
      await client.events(3000);
      expectExact(client, 3000);
    }
    await late.events(1000);
    expectExact(late, 1000);
  });

  test('a client that goes back and forth between both at once, under load, is never told that it was elsewhere', async () => {
    const { owner, gateway } = pair;
    const make = new EventFactory(new Random(42), 'roam-');
    const start = opened(new WsClient(owner.url));
    await start.first('live');
    const { ledger } = start;
    let sent = 0;
    let stopped = false;
    const sending = (async () => {
      while (!stopped) {
        await publish(owner.url, make.many(5));
        sent += 5;
      }
    })();
    let current: WsClient = start;
    for (let turn = 0; turn < 40; turn += 1) {
      await pause(30);
      current.close();
      current = opened(new WsClient(turn % 2 === 0 ? gateway.url : owner.url, {}, ledger));
      await current.first('stream');
    }
    stopped = true;
    await sending;
    await current.events(sent);
    expectExact(current, sent);
  });

  test('the delay that it adds is told', async () => {
    const { owner, gateway } = pair;
    const direct = opened(new SseClient(owner.url));
    const through = opened(new SseClient(gateway.url));
    await Promise.all([direct.first('live'), through.first('live')]);
    const delays: { direct: number[]; through: number[] } = { direct: [], through: [] };
    for (let count = 1; count <= 60; count += 1) {
      const sentAt = performance.now();
      const seen = async (client: SseClient, into: number[]): Promise<void> => {
        while (client.ledger.events < count) await pause(1);
        into.push(performance.now() - sentAt);
      };
      await Promise.all([
        publish(owner.url, [{ message: `delay ${count}` }]),
        seen(direct, delays.direct),
        seen(through, delays.through),
      ]);
      await pause(count % 2 === 0 ? 5 : 40);
    }
    const [ofOwner, ofGateway] = [median(delays.direct), median(delays.through)];
    console.info(`median from POST to client: server ${ofOwner.toFixed(1)} ms, gateway ${ofGateway.toFixed(1)} ms`);
    expect(delays.through).toHaveLength(60);
  });

  test('it serves pages of history, the connections and its own state without Next, and says where the dashboard is', async () => {
    const { owner, gateway } = pair;
    const { last } = await publish(owner.url, [{ message: 'the newest' }]);
    const ask = async (path: string, init?: RequestInit) => {
      const response = await fetch(`${gateway.url}${path}`, init);
      return { status: response.status, body: (await response.json()) as Record<string, unknown> };
    };
    const page = await ask('/api/events?limit=1');
    expect(page.body).toMatchObject({ head: last, events: [{ position: last, message: 'the newest' }] });
    const stream = opened(new SseClient(gateway.url));
    const { connectionId } = await stream.first('stream');
    expect((await ask('/api/connections')).body).toMatchObject({ summary: { head: last, open: 1 } });
    expect((await ask(`/api/connections/${connectionId}`)).body).toMatchObject({
      row: { id: connectionId, transport: 'sse' },
    });
    const ack = { method: 'POST', body: JSON.stringify({ position: last }) };
    expect((await fetch(`${gateway.url}/api/connections/${connectionId}/ack`, ack)).status).toBe(204);
    expect((await ask(`/api/connections/${connectionId}/disconnect`, { method: 'POST' })).status).toBe(200);
    await stream.first('bye');
    const elsewhere = await ask('/logs');
    expect(elsewhere.status).toBe(404);
    expect(elsewhere.body['detail']).toContain(owner.url);
    expect((await ask('/healthz')).body).toEqual({ status: 'ok' });
    expect((await ask('/readyz')).body).toEqual({ status: 'ready' });
    expect(await gateway.metric('tailrace_journal_head_seq')).toBe(seqOf(last));
    expect(await gateway.metric('tailrace_gateway_server_up')).toBe(1);
  });
});

test('kill -9 of the server: the streams of its gateway stay open, and go on exactly when it is back', async () => {
  const pair = await GatewayPair.start();
  try {
    const streams = [
      opened(new SseClient(pair.gateway.url)) as unknown as StreamClient,
      opened(new WsClient(pair.gateway.url)),
    ];
    await Promise.all(streams.map((stream) => stream.first('live')));
    const make = new EventFactory(new Random(43), 'kill-');
    for (let kill = 0; kill < 3; kill += 1) {
      // Sent until it is answered: whatever the crash has cut off is stored once, under its key.
      const events = make.many(500);
      let answered = false;
      const sending = (async () => {
        while (!answered) {
          const sent = await post(pair.gateway.url, events, { key: `kill-${kill}` }).catch(() => undefined);
          answered = sent?.status === 200;
          if (!answered) await pause(50);
        }
      })();
      if (kill > 0) await pause(kill * 15);
      await pair.owner.kill();
      const refused = await post(pair.gateway.url, [{ message: 'nobody takes it' }]);
      expect([refused.status, refused.answer.code]).toEqual([503, 'storage-unavailable']);
      expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
      const readyz = async (): Promise<string> => (await (await fetch(`${pair.gateway.url}/readyz`)).json()).status;
      await until('the gateway to notice', async () => (await readyz()).startsWith('degraded'));
      await pair.startOwner();
      await sending;
    }
    await until('the gateway to notice', async () => (await fetch(`${pair.gateway.url}/readyz`)).ok);
    for (const stream of streams) {
      await stream.events(1500);
      expectExact(stream, 1500);
      expect([stream.connections, stream.ended]).toEqual([1, 0]);
    }
  } finally {
    await pair.stop();
  }
}, 120_000);

test('kill -9 of the gateway: its clients go over to the server with their cursor, and lose and repeat nothing', async () => {
  const pair = await GatewayPair.start();
  try {
    const make = new EventFactory(new Random(44), 'over-');
    const before = Array.from({ length: 10 }, () => opened(new WsClient(pair.gateway.url)));
    await Promise.all(before.map((client) => client.first('live')));
    await publish(pair.owner.url, make.many(700));
    await publish(pair.owner.url, make.many(700));
    // In the middle of it: each has another part.
    await until('some to come', () => before.every(({ ledger }) => ledger.events > 0));
    await pair.gateway.kill();
    const after = before.map(({ ledger }) => opened(new WsClient(pair.owner.url, {}, ledger)));
    await publish(pair.owner.url, make.many(100));
    for (const client of after) {
      await client.events(1500);
      expectExact(client, 1500);
    }
    await pair.startGateway();
    const back = after.map(({ ledger }) => opened(new WsClient(pair.gateway.url, {}, ledger)));
    for (const client of after) client.close();
    await Promise.all(back.map((client) => client.first('live')));
    await publish(pair.gateway.url, make.many(10));
    for (const client of back) {
      await client.events(1510);
      expectExact(client, 1510);
    }
  } finally {
    await pair.stop();
  }
}, 120_000);
