import { request } from 'node:http';
import { expect, test } from 'vitest';
import { busyFrameSchema } from '@/lib/wire/frames.ts';
import { EventFactory } from './support/events.ts';
import { startInProcess } from './support/in-process-server.ts';
import { post } from './support/ingest-client.ts';
import { Random } from './support/random.ts';
import { SseClient } from './support/sse-client.ts';
import { until } from './support/wait.ts';

type Settings = Readonly<Record<string, string>>;
/** What comes from elsewhere would otherwise have to log in. */
const BEHIND_PROXY = { TAILRACE_ACCESS: 'open' };
const opened = (client: SseClient): Promise<void> => until('an answer', () => client.frames.length > 0);

/** Opens streams one after the other; what each was answered first. */
async function answers(url: string, count: number, headers: (index: number) => Record<string, string>) {
  const clients: SseClient[] = [];
  for (let index = 0; index < count; index += 1) {
    const client = new SseClient(url, { headers: headers(index) });
    clients.push(client);
    await opened(client);
  }
  return { clients, names: clients.map((client) => client.frames[0]?.event) };
}

test.each<[string, Settings, (index: number) => Record<string, string>]>([
  ['in all', { TAILRACE_CONNECTIONS_MAX: '4' }, () => ({})],
  [
    'for an address behind a trusted proxy',
    { ...BEHIND_PROXY, TAILRACE_CONNECTIONS_PER_ADDRESS_MAX: '4', TAILRACE_TRUSTED_PROXIES: '127.0.0.0/8' },
    () => ({ 'X-Forwarded-For': '203.0.113.9' }),
  ],
  ['for a token', { TAILRACE_CONNECTIONS_PER_TOKEN_MAX: '4' }, () => ({ Authorization: 'Bearer secret-of-mine' })],
])('streams %s: below and at the limit are opened, above it are told busy', async (_title, settings, headers) => {
  const server = await startInProcess('socket', settings);
  const { clients, names } = await answers(server.url, 6, headers);
  try {
    expect(names).toEqual(['stream', 'stream', 'stream', 'stream', 'busy', 'busy']);
    const busy = busyFrameSchema.parse(clients[4]?.named('busy')[0]);
    expect(busy.reason).toContain('4');
    clients[0]?.close();
    await until('a place', () => server.runtime.hub.connections === 3);
    const again = await answers(server.url, 1, headers);
    expect(again.names).toEqual(['stream']);
    clients.push(...again.clients);
  } finally {
    for (const client of clients) client.close();
    await server.close();
  }
});

test('a proxy that is not trusted cannot make one client look like many', async () => {
  const server = await startInProcess('socket', { ...BEHIND_PROXY, TAILRACE_CONNECTIONS_PER_ADDRESS_MAX: '2' });
  const { clients, names } = await answers(server.url, 3, (index) => ({ 'X-Forwarded-For': `203.0.113.${index}` }));
  expect(names).toEqual(['stream', 'stream', 'busy']);
  expect([...server.runtime.hub.sessions.values()].map(({ peer }) => peer.address)).toEqual(['127.0.0.1', '127.0.0.1']);
  for (const client of clients) client.close();
  await server.close();
});

test('new streams keep to the rate over seconds, and a crowd that comes back when it is told gets in', async () => {
  const rate = 40;
  const server = await startInProcess('socket', { TAILRACE_CONNECT_RATE: String(rate), TAILRACE_RETRY_MS: '100' });
  const startedAt = performance.now();
  let done = 0;
  const client = async (): Promise<void> => {
    for (;;) {
      const stream = new SseClient(server.url);
      await opened(stream);
      const isIn = stream.frames[0]?.event === 'stream';
      const retryMs = stream.retryMs ?? 0;
      if (!isIn) stream.close();
      if (isIn) {
        done += 1;
        return;
      }
      await new Promise((resolve) => setTimeout(resolve, retryMs));
    }
  };
  await Promise.all(Array.from({ length: 5 * rate }, client));
  const seconds = (performance.now() - startedAt) / 1000;
  expect(done).toBe(5 * rate);
  // One burst at once, then the rate: 200 at 40 a second cannot be done in less than four seconds.
  expect(seconds).toBeGreaterThan(3.9);
  expect(server.runtime.hub.opened).toBe(5 * rate);
  await server.close();
});

test('ingest keeps to its rate over seconds: 429 with Retry-After, and whoever obeys it is taken', async () => {
  const rate = 2000;
  const server = await startInProcess('socket', { TAILRACE_INGEST_RATE: String(rate) });
  const factory = new EventFactory(new Random(3));
  const startedAt = performance.now();
  let [accepted, refused] = [0, 0];
  while (accepted < 4 * rate) {
    const { status, headers, answer } = await post(server.url, factory.many(1000));
    if (status === 200) accepted += answer.accepted;
    else {
      expect(status).toBe(429);
      expect(answer.code).toBe('rate-limited');
      refused += 1;
      await new Promise((resolve) => setTimeout(resolve, Number(headers.get('retry-after')) * 1000));
    }
  }
  // A burst of one second's worth is free, and the last body is paid for afterwards.
  expect((performance.now() - startedAt) / 1000).toBeGreaterThan((accepted - rate - 1000) / rate - 0.1);
  expect(refused).toBeGreaterThan(0);
  expect(server.runtime.journal.headSeq).toBe(accepted);
  await server.close();
});

test('a query that is too long and too many services are refused with a sentence', async () => {
  const server = await startInProcess('socket');
  const long = await fetch(`${server.url}/api/stream?q=${'x'.repeat(9000)}`);
  expect([long.status, ((await long.json()) as { code: string }).code]).toEqual([414, 'query-too-long']);
  const services = Array.from({ length: 33 }, (_, index) => `service=s${index}`).join('&');
  const many = await fetch(`${server.url}/api/stream?${services}`);
  expect([many.status, ((await many.json()) as { code: string }).code]).toEqual([400, 'bad-request']);
  const status = await new Promise<number | undefined>((resolve) => {
    const asked = request(`${server.url}/api/stream`, { headers: { 'X-Long': 'x'.repeat(40_000) } }, (response) => {
      response.resume();
      resolve(response.statusCode);
    });
    asked.on('error', () => resolve(undefined));
    asked.end();
  });
  expect(status).toBe(431);
  expect(server.runtime.hub.connections).toBe(0);
  await server.close();
});
