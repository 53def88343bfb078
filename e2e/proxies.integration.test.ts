import { once } from 'node:events';
import { type IncomingMessage, request } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'vitest';
import { WebSocket } from 'ws';
import type { ConnectionPage } from '@/lib/wire/connection-pages.ts';
import { PROMPT_MS, type ProxyBench, runThroughProxies, STREAMS } from './proxies-bench.ts';
import { NO_FAULTS } from './support/continuity-ledger.ts';
import { EventFactory, toNdjson } from './support/events.ts';
import { publish } from './support/ingest-client.ts';
import { Random } from './support/random.ts';
import { until } from './support/wait.ts';

const MIB = 1024 * 1024;
const ROUNDS = 12;

async function rows(url: string, query: string): Promise<ConnectionPage['rows']> {
  const response = await fetch(`${url}/api/connections?${query}`);
  return ((await response.json()) as ConnectionPage).rows;
}

/** Each event is sent when the one before has come, with a pause: nothing but the proxy could hold it back. */
async function arrivesAtOnce(bench: ProxyBench): Promise<void> {
  const { proxy } = bench;
  const factory = new EventFactory(new Random(401), `${proxy.name}-`);
  for (const name of STREAMS) {
    const service = `prompt-${proxy.name}-${name}`;
    const openedMs = performance.now();
    const client = await bench.openLive(name, { query: `?service=${service}` });
    const firstMs = performance.now() - openedMs;
    const delays: number[] = [];
    for (let round = 0; round < ROUNDS; round += 1) {
      await sleep(40);
      const [sent] = await Promise.all([performance.now(), publish(proxy.url, [factory.one({ service })])]);
      await client.events(round + 1, PROMPT_MS);
      delays.push(performance.now() - sent);
    }
    expect(firstMs).toBeLessThan(PROMPT_MS);
    expect(client.ledger.faults).toEqual(NO_FAULTS);
    if (name !== 'poll') expect(client.connections).toBe(1);
    delays.sort((a, b) => a - b);
    const [median = 0, slowest = 0] = [delays[ROUNDS / 2], delays.at(-1)];
    process.stdout.write(
      `${proxy.name} ${name}: first frame ${firstMs.toFixed(0)} ms, then from post to arrival ${median.toFixed(0)} ms, at most ${slowest.toFixed(0)} ms\n`,
    );
  }
}

async function showsPages({ proxy }: ProxyBench): Promise<void> {
  const page = await fetch(proxy.url);
  expect(page.status).toBe(200);
  expect(await page.text()).toContain('</html>');
  for (const name of ['connections', 'system']) {
    const abort = new AbortController();
    const response = await fetch(`${proxy.url}/api/${name}/stream`, { signal: abort.signal });
    let text = '';
    const reading = (async () => {
      for await (const bytes of response.body ?? []) text += Buffer.from(bytes).toString('latin1');
    })().catch(() => undefined);
    // One frame a second.
    await until(`frames of ${name}`, () => text.split('\n\n').length > 3, 3000 + PROMPT_MS);
    abort.abort();
    await reading;
  }
}

type Opened = { close(): void };
type Origin = { readonly localAddress: string; readonly headers: Record<string, string> };

const OPEN_FROM: Record<'sse' | 'http' | 'ws', (url: string, origin: Origin) => Promise<Opened>> = {
  sse: (url, origin) => openResponse(`${url}/api/stream`, origin),
  http: (url, origin) => openResponse(`${url}/api/poll?follow=1`, origin),
  async ws(url, origin) {
    const ws = new WebSocket(`${url.replace('http', 'ws')}/api/ws`, origin);
    await once(ws, 'message');
    return { close: () => ws.terminate() };
  },
};

async function openResponse(url: string, origin: Origin): Promise<Opened> {
  const asking = request(url, { ...origin, agent: false }).end();
  const [response] = (await once(asking, 'response')) as [IncomingMessage];
  await once(
    response.on('error', () => undefined),
    'data',
  );
  return { close: () => response.destroy() };
}

/** From another address of this machine, which no list trusts, and with a lie. */
async function knowsItsClient({ proxy }: ProxyBench): Promise<void> {
  for (const transport of ['sse', 'http', 'ws'] as const) {
    const userAgent = `address-${proxy.name}-${transport}`;
    const headers = { 'User-Agent': userAgent, 'X-Forwarded-For': '203.0.113.9' };
    const opened = await OPEN_FROM[transport](proxy.url, { localAddress: '127.0.0.2', headers });
    const [row] = await rows(proxy.url, `q=${userAgent}`);
    expect(row).toMatchObject({ address: '127.0.0.2', transport, userAgent });
    opened.close();
  }
}

async function handshake(url: string, headers: Record<string, string>): Promise<number> {
  const ws = new WebSocket(`${url.replace('http', 'ws')}/api/ws`, { headers });
  ws.on('error', () => undefined);
  const status = await Promise.race([
    once(ws, 'open').then(() => 101),
    once(ws, 'unexpected-response').then(([, res]) => Number(res.statusCode)),
  ]);
  ws.terminate();
  return status;
}

async function comparesOrigins({ proxy }: ProxyBench): Promise<void> {
  expect(await handshake(proxy.url, { Origin: proxy.url })).toBe(101);
  // A site's name, and the address by which its proxy is reached.
  expect(await handshake(proxy.url, { Origin: 'https://logs.example.org', Host: 'logs.example.org' })).toBe(101);
  expect(await handshake(proxy.url, { Origin: 'https://evil.example.org' })).toBe(403);
  expect(await handshake(proxy.url, { Origin: proxy.url.replace('127.0.0.1', 'localhost') })).toBe(403);
}

async function takesLargeHeads(bench: ProxyBench): Promise<void> {
  const cookie = { Cookie: `session=${'c'.repeat(11_000)}` };
  for (const name of STREAMS) await bench.openLive(name, { headers: cookie });
  const long = `?service=long&${'x'.repeat(8000)}=1`;
  const client = await bench.openLive('sse', { query: long });
  expect(client.connections).toBe(1);
  const refused = await fetch(`${bench.proxy.url}/api/poll`, { headers: { Cookie: 'c'.repeat(60_000) } }).then(
    ({ status }) => status,
    () => 'cut' as const,
  );
  expect([400, 414, 431, 'cut']).toContain(refused);
}

/** 20 MB in pieces: the first are read by a stream while the request still goes on. */
async function streamsWhatIsSentIn(bench: ProxyBench): Promise<void> {
  const { proxy } = bench;
  const service = `ingest-${proxy.name}`;
  const client = await bench.openLive('sse', { query: `?service=${service}`, keepFrames: false });
  const factory = new EventFactory(new Random(402), `${proxy.name}-`);
  const piece = (): string => toNdjson(factory.many(2000, { kind: 'log', service, message: 'm'.repeat(900) }));
  const headers = { 'Content-Type': 'application/x-ndjson' };
  const sending = request(`${proxy.url}/api/events`, { method: 'POST', headers });
  const answered = once(sending, 'response');
  const before = proxy.residentBytes;
  sending.write(piece());
  // One chunk of a thousand at least: what follows may still be gathered.
  await client.events(1000);
  let bytes = 0;
  for (let count = 1; count < 10; count += 1) {
    const text = piece();
    bytes += text.length;
    if (!sending.write(text)) await once(sending, 'drain');
  }
  sending.end();
  const [response] = await answered;
  const answer = await new Response(response).json();
  expect(answer).toMatchObject({ accepted: 20_000, rejected: 0 });
  expect(bytes).toBeGreaterThan(17 * MIB);
  await client.events(20_000);
  expect(client.ledger.seen.size).toBe(20_000);
  expect(client.ledger.faults).toEqual(NO_FAULTS);
  expect(proxy.residentBytes - before).toBeLessThan(16 * MIB);
}

runThroughProxies([
  { name: 'every stream begins at once, and an event is there as soon as it has been sent', run: arrivesAtOnce },
  { name: 'the dashboard is served, and the streams of its pages are prompt', run: showsPages },
  { name: 'the address of a client is its own, whatever it says', run: knowsItsClient },
  { name: 'a WebSocket of the own origin is opened, one of another origin is not', run: comparesOrigins },
  { name: 'heads of 11 KiB and queries of 8,000 characters pass, larger ones are refused', run: takesLargeHeads },
  { name: 'a body of 20 MB goes on while it is being sent, and stays nowhere', run: streamsWhatIsSentIn },
]);
