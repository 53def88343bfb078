import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gzipSync } from 'node:zlib';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { type Collected, collect, metricsNamed, prepareAll, timersActive } from '../collect-events.ts';
import { createScrapeSource, type ScrapeOptions } from './scrape-source.ts';

type Answer = (req: IncomingMessage, res: ServerResponse) => void;
const stops: (() => unknown)[] = [];

afterEach(async () => {
  for (const stop of stops.splice(0)) await stop();
});

/** A target whose answer a test may change while it is scraped. */
async function target(
  first: Answer,
): Promise<{ url: string; port: number; answer: Answer; asked: number; server: Server }> {
  const state = { url: '', port: 0, answer: first, asked: 0, server: createServer() };
  state.server.on('request', (req, res) => {
    state.asked += 1;
    state.answer(req, res);
  });
  state.server.listen(0, '127.0.0.1');
  await once(state.server, 'listening');
  state.port = (state.server.address() as AddressInfo).port;
  state.url = `http://127.0.0.1:${state.port}/metrics`;
  stops.push(() => {
    state.server.closeAllConnections();
    state.server.close();
  });
  return state;
}

const text =
  (body: string, headers: Record<string, string> = {}): Answer =>
  (_req, res) =>
    res.writeHead(200, { 'Content-Type': 'text/plain; version=0.0.4', ...headers }).end(body);

async function scrape(url: string, options: Partial<ScrapeOptions> = {}): Promise<Collected> {
  const source = createScrapeSource({
    job: 'node',
    url,
    intervalMs: 50,
    samplesMax: 1000,
    random: () => 0,
    ...options,
  });
  const collected = await collect(source);
  stops.push(collected.stop);
  return collected;
}

const logs = ({ events }: Collected) => events.filter((event) => event.kind === 'log').map(({ message }) => message);
const ups = ({ events }: Collected) => metricsNamed(events, 'up').map(({ value }) => value);

describe('A scraped target', () => {
  it('has its samples, and that it is up, under its job and instance', async () => {
    const { url, port } = await target(text('requests_total{code="200"} 5\n'));
    const scraped = await scrape(url, { intervalMs: 5000 });
    await vi.waitUntil(() => ups(scraped).length >= 1, { timeout: 10_000 });
    const attributes = { instance: `127.0.0.1:${port}` };
    expect(metricsNamed(scraped.events, 'requests_total')[0]).toMatchObject({
      service: 'node',
      value: 5,
      type: 'counter',
      attributes: { ...attributes, code: '200' },
    });
    expect(metricsNamed(scraped.events, 'up')[0]).toMatchObject({ service: 'node', value: 1, attributes });
    expect(metricsNamed(scraped.events, 'scrape_samples_scraped')[0]?.value).toBe(1);
    expect(metricsNamed(scraped.events, 'scrape_duration_seconds')[0]?.value).toBeGreaterThanOrEqual(0);
    expect(logs(scraped)).toEqual([]);
    prepareAll(scraped.events, Date.now());
  });

  it('is asked for the formats that are read, compressed, and with its credentials', async () => {
    let headers: IncomingMessage['headers'] = {};
    const { url } = await target((req, res) => {
      headers = req.headers;
      const body = '# TYPE a gauge\na 1\n# EOF\n';
      const type = 'application/openmetrics-text; version=1.0.0; charset=utf-8';
      res.writeHead(200, { 'Content-Type': type, 'Content-Encoding': 'gzip' }).end(gzipSync(body));
    });
    const scraped = await scrape(url.replace('http://', 'http://me:p%40ss@'));
    await vi.waitUntil(() => metricsNamed(scraped.events, 'a').length > 0, { timeout: 10_000 });
    expect(headers.accept).toContain('application/openmetrics-text;version=1.0.0');
    expect(headers.accept).toContain('text/plain;version=0.0.4');
    expect(headers['accept-encoding']).toContain('gzip');
    expect(headers.authorization).toBe(`Basic ${Buffer.from('me:p@ss').toString('base64')}`);
    expect(JSON.stringify(scraped.events)).not.toContain('p%40ss');
  });

  it('that is away is told once, and once when it is back', async () => {
    const state = await target((_req, res) => res.writeHead(503).end());
    const scraped = await scrape(state.url);
    await vi.waitUntil(() => ups(scraped).length >= 3, { timeout: 10_000 });
    expect(ups(scraped)).toEqual(expect.arrayContaining([0, 0, 0]));
    state.answer = text('a 1\n');
    await vi.waitUntil(() => ups(scraped).at(-1) === 1, { timeout: 10_000 });
    expect(logs(scraped)).toEqual([
      `scrape of ${state.url}: expected status 200, got 503; told once, until this changes`,
      `scrape of ${state.url}: all is well again`,
    ]);
  });

  it.each<[string, Answer, RegExp]>([
    [
      'is cut',
      (_req, res) => res.writeHead(200, { 'Content-Length': '100' }).write('a 1\n', () => res.destroy()),
      /scrape of/,
    ],
    ['never ends', (_req, res) => void res.writeHead(200).write('a 1\n'), /no answer within \d+ ms/],
    ['never begins', () => undefined, /no answer within \d+ ms/],
    [
      'is a page',
      text('<!doctype html>\n<p>hello</p>\n', { 'Content-Type': 'text/html' }),
      /text format or OpenMetrics, got "text\/html"/,
    ],
    ['lacks # EOF', text('a 1\n', { 'Content-Type': 'application/openmetrics-text' }), /without "# EOF"/],
    ['is no gzip', text('a 1\n', { 'Content-Encoding': 'gzip' }), /scrape of/],
    ['is a bomb', text('', {}), /expected at most 16777216 bytes/],
  ])('whose answer %s is down, and nothing of it is kept', async (title, answer, says) => {
    const bomb = (): Answer => {
      const body = gzipSync('a 1\n'.repeat(5 * 1024 * 1024));
      return (_req, res) => res.writeHead(200, { 'Content-Encoding': 'gzip' }).end(body);
    };
    const { url } = await target(title === 'is a bomb' ? bomb() : answer);
    const scraped = await scrape(url, { intervalMs: title === 'is a bomb' ? 5000 : 800 });
    await vi.waitUntil(() => logs(scraped).length > 0, { timeout: 10_000 });
    expect(ups(scraped)[0]).toBe(0);
    expect(logs(scraped)[0]).toMatch(says);
    expect(metricsNamed(scraped.events, 'a')).toEqual([]);
  });

  it('that nobody listens at is down', async () => {
    const state = await target(text(''));
    state.server.close();
    const scraped = await scrape(state.url);
    await vi.waitUntil(() => logs(scraped).length > 0, { timeout: 10_000 });
    expect(logs(scraped)[0]).toContain('ECONNREFUSED');
  });

  it('with more samples than may be is kept in part, and told', async () => {
    const { url } = await target(text(Array.from({ length: 30 }, (_, index) => `a{n="${index}"} 1`).join('\n')));
    const scraped = await scrape(url, { samplesMax: 20, intervalMs: 2000 });
    await vi.waitUntil(() => ups(scraped).length >= 2, { timeout: 10_000 });
    expect(ups(scraped)[0]).toBe(1);
    expect(metricsNamed(scraped.events, 'a').length % 20).toBe(0);
    expect(logs(scraped)).toEqual([expect.stringContaining('exposes 30 samples, of which 20 are kept')]);
  });

  it('with lines that are none is kept without them, and told', async () => {
    const { url } = await target(text('a 1\noops\n'));
    const scraped = await scrape(url, { intervalMs: 2000 });
    await vi.waitUntil(() => ups(scraped).length >= 2, { timeout: 10_000 });
    expect(metricsNamed(scraped.events, 'a').length).toBeGreaterThan(0);
    expect(logs(scraped)).toEqual([expect.stringContaining('1 lines could not be read')]);
  });

  it('is asked by one timer, never twice at a time, and not at all once stopped', async () => {
    let open = 0;
    let openMax = 0;
    const state = await target((_req, res) => {
      open += 1;
      openMax = Math.max(openMax, open);
      res.on('close', () => {
        open -= 1;
      });
    });
    const timersBefore = timersActive();
    const scraped = await scrape(state.url, { intervalMs: 250 });
    // Only what holds the event loop open is listed there.
    expect(timersActive()).toBe(timersBefore);
    await vi.waitUntil(() => state.asked >= 4, { timeout: 10_000 });
    await scraped.stop();
    expect(openMax).toBe(1);
    const [asked, emitted] = [state.asked, scraped.events.length];
    await new Promise((resolve) => setTimeout(resolve, 200));
    expect([state.asked, scraped.events.length]).toEqual([asked, emitted]);
  });

  it('is asked in its own place of the interval', async () => {
    const state = await target(text('a 1\n'));
    const startedAt = performance.now();
    await scrape(state.url, { intervalMs: 1000, random: () => 0.3 });
    await vi.waitUntil(() => state.asked > 0, { timeout: 10_000 });
    expect(performance.now() - startedAt).toBeGreaterThan(150);
  });
});
