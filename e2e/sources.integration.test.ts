import { EventSource } from 'eventsource';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { markOwnServer } from '@/lib/runtime/own-server.ts';
import type { SourcesPage, TestLine } from '@/lib/wire/source-pages.ts';
import { sourcesFrameSchema, testLineSchema } from '@/lib/wire/source-query.ts';
import { FaultyStore } from './support/faulty-store.ts';
import { type InProcessServer, startInProcess } from './support/in-process-server.ts';
import { post, publish } from './support/ingest-client.ts';
import { until } from './support/wait.ts';

// The address of a sender is told by the server's own socket.
markOwnServer();

let server: InProcessServer;
beforeEach(async () => {
  server = await startInProcess('socket', { TAILRACE_SERIES_MAX: '10', TAILRACE_GRPC_PORT: '0' });
});
afterEach(() => server.close());

async function sources(query = ''): Promise<SourcesPage> {
  const response = await fetch(`${server.url}/api/sources${query}`);
  expect(response.headers.get('cache-control')).toBe('no-store');
  return sourcesFrameSchema.parse(await response.json());
}

test('every sender is listed with what became of its events, and the newest error as it was answered', async () => {
  expect(await sources()).toMatchObject({ rows: [], senders: 0, forgotten: 0, protocols: [] });
  await publish(server.url, [
    { message: 'one', service: 'api' },
    { message: 'old', service: 'api', time: Date.now() - 3_600_000 },
  ]);
  const bad = await post(server.url, 'no json\n');
  const page = await sources('?open=events+127.0.0.1');
  const [row] = page.rows;
  expect(row).toMatchObject({
    ...{ protocol: 'events', address: '127.0.0.1', credential: null, services: ['api'] },
    ...{ requests: 2, accepted: 2, rejected: 1, late: 1, truncated: 0, limited: 0, failed: 0 },
    lastError: { says: bad.answer.errors[0]?.error },
  });
  expect(row?.bytes).toBeGreaterThan(80);
  expect(page.open).toEqual({ row, errors: [row?.lastError], uncharted: 0 });
  expect(page.protocols).toMatchObject([{ protocol: 'events', senders: 1, accepted: 2, lastAddress: '127.0.0.1' }]);
  expect(page.doors).toMatchObject({ ports: { grpc: server.gateway.grpcPort }, scrape: [] });
  const tooLarge = await fetch(`${server.url}/api/events`, {
    method: 'POST',
    headers: { 'Content-Type': 'text/css' },
    body: 'x',
  });
  expect(tooLarge.status).toBe(415);
  expect((await sources()).rows[0]).toMatchObject({ failed: 1, lastError: { status: 415 } });
});

test('the stream brings a frame at once and one a second, and leaves nothing behind', async () => {
  const frames: SourcesPage[] = [];
  const source = new EventSource(`${server.url}/api/sources/stream`);
  source.addEventListener('sources', ({ data }) => frames.push(sourcesFrameSchema.parse(JSON.parse(data))));
  await until('the first frame', () => frames.length > 0);
  await publish(server.url, [{ message: 'one' }]);
  await until('a frame with the sender', () => frames.at(-1)?.senders === 1);
  source.close();
  await until('the watcher to be gone', () => server.runtime.watchers.size === 0);
  expect(server.runtime.ledger.held('watch')).toBe(0);
  const once = await fetch(`${server.url}/api/sources/stream?once=1&sort=accepted`);
  expect(sourcesFrameSchema.parse(await once.json()).rows).toHaveLength(1);
});

test('a query that makes no sense is refused in words', async () => {
  const response = await fetch(`${server.url}/api/sources?sort=luck`);
  expect(response.status).toBe(400);
  expect(await response.json()).toMatchObject({ code: 'bad-request', detail: expect.stringContaining('sort') });
});

test('samples without room for their series are counted, with the metrics that need it', async () => {
  const samples = Array.from({ length: 30 }, (_, user) => {
    return { kind: 'metric', name: 'by.user', value: 1, service: 'shop', attributes: { user } };
  });
  await publish(server.url, samples);
  await publish(server.url, samples);
  const { uncharted, open } = await sources('?open=events+127.0.0.1');
  expect(open?.uncharted).toBe(40);
  expect(uncharted).toEqual({
    ...{ samples: 40, series: 20, hasMoreSeries: false, seriesMax: 10 },
    worst: [{ service: 'shop', name: 'by.user', samples: 40 }],
  });
});

test('a test line goes the way of every line and is answered when it is stored', async () => {
  const response = await fetch(`${server.url}/api/sources/test?id=line1`, { method: 'POST' });
  expect(response.status).toBe(200);
  const line: TestLine = testLineSchema.parse(await response.json());
  expect(line).toMatchObject({ id: 'line1', durable: true });
  const stored = await (await fetch(`${server.url}/api/events?q=${line.id}`)).json();
  expect(stored.events).toMatchObject([
    { position: line.position, service: 'tailrace', attributes: { testId: line.id } },
  ]);
  expect((await sources()).rows).toMatchObject([{ protocol: 'test', accepted: 1, services: ['tailrace'] }]);
});

test('while the history is away a test line is held, and says so', async () => {
  const store = new FaultyStore();
  const settings = { TAILRACE_BREAKER_COOLDOWN_MS: '200' };
  const own = await startInProcess('socket', settings, { wrapHistory: store.wrap });
  try {
    const send = () => fetch(`${own.url}/api/sources/test?id=line1`, { method: 'POST' });
    expect((await send()).status).toBe(200);
    store.isDown = true;
    await until('the line to be held', async () => {
      const response = await send();
      return response.status === 202 && !testLineSchema.parse(await response.json()).durable;
    });
    store.isDown = false;
    await until('the line to be stored', async () => (await send()).status === 200);
  } finally {
    await own.close();
  }
});

test('a test line needs a name of letters and digits', async () => {
  for (const query of ['', '?id=', '?id=%0Adata:', `?id=${'x'.repeat(33)}`]) {
    const response = await fetch(`${server.url}/api/sources/test${query}`, { method: 'POST' });
    expect(response.status).toBe(400);
  }
});

test("another site's page may not send a test line", async () => {
  for (const headers of [{ Origin: 'https://evil.example' }, { 'Sec-Fetch-Site': 'cross-site' }]) {
    const response = await fetch(`${server.url}/api/sources/test?id=line1`, { method: 'POST', headers });
    expect(response.status).toBe(403);
  }
  expect((await sources()).senders).toBe(0);
});

test('the sums of each protocol are in the metrics', async () => {
  await publish(server.url, [{ message: 'one' }, { message: 'two' }]);
  await post(server.url, 'no json\n');
  const text = await (await fetch(`${server.url}/metrics`)).text();
  for (const line of [
    'tailrace_ingest_protocol_accepted_events_total{protocol="events"} 2',
    'tailrace_ingest_protocol_rejected_events_total{protocol="events"} 1',
    'tailrace_ingest_protocol_requests_total{protocol="events"} 2',
    'tailrace_ingest_protocol_late_events_total{protocol="events"} 0',
    'tailrace_ingest_protocol_truncated_events_total{protocol="events"} 0',
    'tailrace_ingest_protocol_limited_requests_total{protocol="events"} 0',
    'tailrace_ingest_protocol_failed_requests_total{protocol="events"} 0',
    'tailrace_ingest_protocol_senders{protocol="events"} 1',
  ]) {
    expect(text).toContain(line);
  }
  expect(text).toMatch(/tailrace_ingest_protocol_bytes_total\{protocol="events"\} \d\d/);
});
