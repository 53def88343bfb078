import { expect, test } from 'vitest';
import { connectionDetailSchema, connectionFrameSchema, connectionPageSchema } from '@/lib/wire/connection-pages.ts';
import { NO_FAULTS } from './support/continuity-ledger.ts';
import { EventFactory } from './support/events.ts';
import { publish } from './support/ingest-client.ts';
import { Random } from './support/random.ts';
import { type ServerKind, ServerProcess } from './support/server-process.ts';
import { SseClient } from './support/sse-client.ts';
import { until } from './support/wait.ts';

const TOKEN = 'operator-of-the-house';
const admin = { Authorization: `Bearer ${TOKEN}` };
const json = async (url: string, init?: RequestInit): Promise<{ status: number; body: unknown }> => {
  const response = await fetch(url, init);
  const text = await response.text();
  return { status: response.status, body: text === '' ? undefined : JSON.parse(text) };
};

test.each<ServerKind>(['npm', 'next'])(
  'connections are listed, told in detail, acknowledged, disconnected and kicked (%s start)',
  async (kind) => {
    const environment = { TAILRACE_ADMIN_TOKEN: TOKEN, TAILRACE_RETRY_MS: '50' };
    const server = await ServerProcess.start({ kind, environment });
    const api = `${server.url}/api/connections`;
    const client = new SseClient(server.url, { query: '?kind=log', reconnect: true, headers: { 'User-Agent': 'one' } });
    const other = new SseClient(server.url, { headers: { 'User-Agent': 'other' } });
    try {
      const { connectionId: id } = await client.first('stream');
      await other.first('stream');
      await publish(server.url, new EventFactory(new Random(9)).many(20, { kind: 'log' }));
      await client.events(20);
      const ack = { position: client.ledger.lastEventId, reconnects: 0 };
      expect((await json(`${api}/${id}/ack`, { method: 'POST', body: JSON.stringify(ack) })).status).toBe(204);
      const { rows, summary } = connectionPageSchema.parse((await json(`${api}?q=one`)).body);
      expect(summary).toMatchObject({ open: 2, matching: 1 });
      expect(rows[0]).toMatchObject({
        id,
        transport: kind === 'npm' ? 'sse' : 'sse-web',
        address: kind === 'npm' ? '127.0.0.1' : 'unknown',
        userAgent: 'one',
        filter: { kind: 'log' },
        position: client.ledger.lastEventId,
        ackedPosition: client.ledger.lastEventId,
        lagEvents: 0,
        eventsSent: 20,
      });
      const detail = connectionDetailSchema.parse((await json(`${api}/${id}`)).body);
      expect(detail.steps.map(({ state }) => state).slice(0, 4)).toEqual([
        'connecting',
        'connected',
        'authenticating',
        'active',
      ]);

      const path = `${api}/${id}/disconnect`;
      expect((await json(path, { method: 'POST' })).status).toBe(403);
      expect((await json(path, { method: 'POST', headers: admin })).status).toBe(200);
      await until('it to be back', () => client.connections === 2 && client.named('stream').length === 2);
      expect(client.named('bye')[0]).toMatchObject({ reason: 'disconnected', reconnect: true });
      await publish(server.url, new EventFactory(new Random(10), 'f').many(5, { kind: 'log' }));
      await client.events(25);
      expect(client.ledger.faults).toEqual(NO_FAULTS);
      const gone = connectionDetailSchema.parse((await json(`${api}/${id}`)).body);
      expect(gone.row).toMatchObject({ state: 'closed', reason: 'disconnected' });

      const { connectionId: otherId } = other.named('stream')[0] ?? {};
      const kick = { method: 'POST', headers: admin, body: JSON.stringify({ kick: true }) };
      expect((await json(`${api}/${otherId}/disconnect`, kick)).status).toBe(200);
      await until('the goodbye', () => other.named('bye').length > 0);
      expect(other.named('bye')[0]).toMatchObject({ code: 3000, reason: 'kicked', reconnect: false });
      expect((await json(`${api}/${otherId}/disconnect`, kick)).status).toBe(404);
      expect((await json(`${api}/nonsense/ack`, { method: 'POST', body: '{"position":"x"}' })).status).toBe(404);
      expect((await json(`${api}/${otherId}/ack`, { method: 'POST', body: 'no json' })).status).toBe(400);
      expect((await json(`${api}?sort=luck`)).status).toBe(400);

      expect((await json(`${api}/drain`, { method: 'POST', headers: admin })).status).toBe(202);
      await until('the goodbye', () => client.named('bye').length > 1);
      expect(client.named('bye')[1]).toMatchObject({ reason: 'draining' });
    } finally {
      client.close();
      other.close();
      await server.stop();
    }
  },
);

test('the list is live by its own stream, and a watcher that leaves is forgotten', async () => {
  const server = await ServerProcess.start();
  const client = new SseClient(server.url);
  const abort = new AbortController();
  try {
    await client.first('live');
    const response = await fetch(`${server.url}/api/connections/stream?sort=age`, { signal: abort.signal });
    const frames: unknown[] = [];
    const reading = (async () => {
      let text = '';
      for await (const piece of response.body as unknown as AsyncIterable<Uint8Array>) {
        text += Buffer.from(piece).toString();
        const blocks = text.split('\n\n');
        text = blocks.pop() ?? '';
        for (const block of blocks) {
          const data = /^event: connections\ndata: (.*)$/m.exec(block)?.[1];
          if (data) frames.push(JSON.parse(data));
        }
      }
    })().catch(() => undefined);
    await until('three frames', () => frames.length >= 3);
    const parsed = frames.map((frame) => connectionFrameSchema.parse(frame));
    expect(parsed[0]?.rows[0]?.id).toBe(client.named('stream')[0]?.['connectionId']);
    // Each later frame brings only what is new.
    expect(parsed[2]?.samples.length).toBeLessThanOrEqual(2);
    abort.abort();
    await reading;
    await until('it to be forgotten', async () => (await server.metric('tailrace_watchers')) === 0);
  } finally {
    abort.abort();
    client.close();
    await server.stop();
  }
});
