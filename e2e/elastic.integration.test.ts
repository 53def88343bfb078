import { execFile } from 'node:child_process';
import { rm } from 'node:fs/promises';
import { setTimeout as pause } from 'node:timers/promises';
import { promisify } from 'node:util';
import { gzipSync } from 'node:zlib';
import { Client } from '@elastic/elasticsearch';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { freePort, ServerProcess } from './support/server-process.ts';

const run = promisify(execFile);

let server: ServerProcess;
beforeAll(async () => {
  server = await ServerProcess.start();
});
afterAll(() => server.stop());

type Document = { '@timestamp': string; message: string; log: { level: string }; n: number };

const documents = (count: number, prefix: string): Document[] =>
  Array.from({ length: count }, (_, n) => ({
    '@timestamp': new Date(Date.UTC(2026, 0, 1) + n).toISOString(),
    message: `${prefix} ${n}`,
    log: { level: n % 10 === 0 ? 'error' : 'info' },
    n,
  }));

/** How often each message with this beginning is in the journal, asked page by page. */
async function counted(url: string, prefix: string): Promise<Map<string, number>> {
  const seen = new Map<string, number>();
  let before = '';
  for (;;) {
    const page = await fetch(`${url}/api/events?limit=1000&q=${encodeURIComponent(prefix)}${before}`);
    const { events, before: next } = (await page.json()) as { events: { message: string }[]; before: string | null };
    for (const { message } of events) seen.set(message, (seen.get(message) ?? 0) + 1);
    if (events.length === 0 || next === null) return seen;
    before = `&before=${next}`;
  }
}

test.each(['', '/elasticsearch', '/insert/elasticsearch'])(
  'the official client finds Elasticsearch at "%s"',
  async (prefix) => {
    const client = new Client({ node: server.url + prefix });
    expect(await client.info()).toMatchObject({ version: { number: expect.stringMatching(/^8\./) } });
    expect(await client.ping()).toBe(true);
    expect(await client.cluster.health()).toMatchObject({ status: 'green' });
    expect(await client.license.get()).toMatchObject({ license: { status: 'active' } });
    expect(await client.indices.existsIndexTemplate({ name: 'logs' })).toBe(true);
    expect(await client.indices.putIndexTemplate({ name: 'logs' })).toEqual({ acknowledged: true });
    expect(await client.ilm.putLifecycle({ name: 'p' })).toEqual({ acknowledged: true });
    expect(await client.ingest.getPipeline()).toEqual({});
    const answer = await client.bulk({
      operations: [{ create: { _index: 'i', _id: '1' } }, { message: 'one' }, { delete: { _id: '1' } }],
    });
    expect(answer).toMatchObject({
      errors: true,
      items: [{ create: { _index: 'i', _id: '1', status: 201 } }, { delete: { status: 400 } }],
    });
    await expect(client.search()).rejects.toThrow('documents come in by POST /_bulk');
    await client.close();
  },
);

test.each(['Elastic-Filebeat/8.19.0', 'Elastic/8.1 (Linux) LogstashElasticsearchOutput', 'elasticsearch-py/8.19'])(
  '%s finds Elasticsearch at the root, and may scrape metrics all the same',
  async (agent) => {
    const headers = { 'User-Agent': agent };
    for (const method of ['GET', 'HEAD']) {
      const response = await fetch(server.url, { method, headers });
      expect([response.status, response.headers.get('X-Elastic-Product')]).toEqual([200, 'Elasticsearch']);
    }
    expect(await (await fetch(`${server.url}/metrics`, { headers })).text()).toContain('# TYPE');
    expect((await fetch(`${server.url}/readyz`, { headers })).headers.get('X-Elastic-Product')).toBeNull();
  },
);

test('the page stays where it was for everybody else', async () => {
  const page = await fetch(server.url, { headers: { Accept: 'text/html' } });
  expect(page.headers.get('Content-Type')).toContain('text/html');
  expect((await fetch(`${server.url}/logs/`)).status).toBe(200);
});

test('its bulk helper sends 20,000 documents, compressed', async () => {
  const client = new Client({ node: `${server.url}/elasticsearch`, compression: true });
  const dropped: unknown[] = [];
  const stats = await client.helpers.bulk({
    datasource: documents(20_000, 'helped'),
    onDocument: () => ({ create: { _index: 'logs-app-default' } }),
    onDrop: (document) => dropped.push(document),
    flushBytes: 500_000,
    refreshOnCompletion: true,
  });
  expect(stats).toMatchObject({ total: 20_000, successful: 20_000, failed: 0 });
  expect(dropped).toEqual([]);
  const seen = await counted(server.url, 'helped');
  expect(seen.size).toBe(20_000);
  await client.close();
});

test('what it drops are the documents that are wrong, each with its reason', async () => {
  const client = new Client({ node: server.url });
  const dropped: { status: number; error: unknown }[] = [];
  const bad = [{ message: 'fine' }, { message: 'bad', '@timestamp': 'yesterday' }, { message: 'fine too' }];
  const stats = await client.helpers.bulk({
    datasource: bad,
    onDocument: () => ({ index: { _index: 'i' } }),
    onDrop: ({ status, error }) => dropped.push({ status, error }),
  });
  expect(stats).toMatchObject({ successful: 2, failed: 1 });
  expect(dropped).toMatchObject([{ status: 400, error: { reason: expect.stringContaining('time:') } }]);
  await client.close();
});

test('killed with -9 five times in between: nothing is lost, and with ids nothing is there twice', async () => {
  const port = await freePort();
  let victim = await ServerProcess.start({ port });
  const { url, dataDir } = victim;
  const client = new Client({ node: `${url}/elasticsearch`, maxRetries: 200, requestTimeout: 10_000 });
  try {
    let sent = 0;
    const source = (async function* () {
      for (const document of documents(30_000, 'survivor')) {
        if (++sent % 100 === 0) await pause(5);
        yield document;
      }
    })();
    const sending = client.helpers.bulk({
      datasource: source,
      onDocument: ({ n }: Document) => ({ create: { _index: 'i', _id: `id-${n}` } }),
      flushBytes: 60_000,
      retries: 100,
      wait: 100,
    });
    for (let kill = 1; kill <= 5; kill += 1) {
      while (sent < kill * 4500) await pause(5);
      await victim.kill();
      victim = await ServerProcess.start({ port, dataDir });
    }
    const stats = await sending;
    expect(stats).toMatchObject({ successful: 30_000, failed: 0 });
    const seen = await counted(url, 'survivor');
    expect(seen.size).toBe(30_000);
    expect([...seen].filter(([, count]) => count !== 1).slice(0, 5)).toEqual([]);
  } finally {
    await client.close();
    await victim.stop();
    await rm(dataDir, { recursive: true, force: true });
  }
}, 120_000);

test('curl sends a file that is gzipped and ends without a line end', async () => {
  const body = gzipSync('{"create":{}}\n{"message":"by curl","log.level":"warn","service.name":"curl"}');
  const url = `${server.url}/my-index/_bulk/?pipeline=none`;
  const headers = ['-H', 'Content-Type: application/x-ndjson', '-H', 'Content-Encoding: gzip'];
  const running = run('curl', ['-sS', '--fail-with-body', '-D-', ...headers, '--data-binary', '@-', url]);
  running.child.stdin?.end(body);
  const { stdout } = await running;
  expect(stdout.toLowerCase()).toContain('x-elastic-product: elasticsearch');
  expect(stdout).toContain('"errors":false');
  const page = await (await fetch(`${server.url}/api/events?q=by%20curl`)).json();
  expect(page).toMatchObject({ events: [{ level: 'warn', service: 'curl', attributes: { _index: 'my-index' } }] });
});

test('a body that cannot be followed is refused in Elasticsearch’s words', async () => {
  const response = await fetch(`${server.url}/_bulk`, { method: 'POST', body: 'nonsense\n' });
  expect([response.status, response.headers.get('X-Elastic-Product')]).toEqual([400, 'Elasticsearch']);
  expect(await response.json()).toMatchObject({ status: 400, error: { type: 'illegal_argument_exception' } });
});
