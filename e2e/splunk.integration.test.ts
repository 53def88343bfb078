import { execFile } from 'node:child_process';
import { createRequire } from 'node:module';
import { promisify } from 'node:util';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { freePort, ServerProcess } from './support/server-process.ts';
import { until } from './support/wait.ts';

const run = promisify(execFile);

/** As far as it is used here; the package has no types. */
type SplunkLogger = {
  error: (error: Error) => void;
  send(context: object, done?: (error: Error | null, response: unknown, body: unknown) => void): void;
  flush(done?: (error: Error | null, response: unknown, body: unknown) => void): void;
};
const { Logger } = createRequire(import.meta.url)('splunk-logging') as {
  Logger: new (config: Record<string, unknown>) => SplunkLogger;
};

const port = await freePort();
let server: ServerProcess;
beforeAll(async () => {
  server = await ServerProcess.start({ port });
});
afterAll(() => server.stop());

async function eventsWith(text: string) {
  const page = await fetch(`${server.url}/api/events?limit=1000&q=${encodeURIComponent(text)}`);
  return ((await page.json()) as { events: { message: string; level: string; attributes?: object; service: string }[] })
    .events;
}

test('splunk-logging sends one by one, with its metadata', async () => {
  const logger = new Logger({ token: 'any', url: server.url });
  const body = await new Promise((resolve, reject) =>
    logger.send(
      {
        message: { text: 'an object', user: 'u' },
        severity: 'warn',
        metadata: { time: 1767225600.5, host: 'web-1', source: 'shop', sourcetype: 'app', index: 'main' },
      },
      (error, _response, answer) => (error ? reject(error) : resolve(answer)),
    ),
  );
  expect(body).toEqual({ text: 'Success', code: 0 });
  const [event] = await eventsWith('an object');
  expect(event).toMatchObject({
    level: 'warn',
    time: '2026-01-01T00:00:00.500Z',
    attributes: { 'host.name': 'web-1', source: 'shop', sourcetype: 'app', index: 'main' },
  });
});

test('splunk-logging sends 2,000 in batches without anything between them, and keeps trying while the server is away', async () => {
  const logger = new Logger({ token: 'any', url: server.url, maxBatchCount: 0, maxRetries: 20 });
  const failures: Error[] = [];
  logger.error = (error) => failures.push(error);
  const flush = () =>
    new Promise<void>((resolve, reject) => logger.flush((error) => (error ? reject(error) : resolve())));
  for (let index = 0; index < 1000; index += 1) logger.send({ message: `batched ${index}` });
  await flush();
  for (let index = 1000; index < 2000; index += 1) logger.send({ message: `batched ${index}` });
  const { dataDir } = server;
  await server.kill();
  const sending = flush();
  server = await ServerProcess.start({ port, dataDir });
  await sending;
  const seen: string[] = [];
  let before = '';
  while (seen.length < 2000) {
    const page = await fetch(`${server.url}/api/events?limit=1000&q=batched${before}`);
    const { events, before: next } = (await page.json()) as { events: { message: string }[]; before: string };
    if (events.length === 0) break;
    seen.push(...events.map(({ message }) => message));
    before = `&before=${next}`;
  }
  expect(new Set(seen).size).toBe(2000);
  expect(failures).toEqual([]);
});

async function curl(path: string, body: string | Buffer, ...more: string[]) {
  const running = run('curl', [
    '-sS',
    '-H',
    'Authorization: Splunk any',
    ...more,
    '--data-binary',
    '@-',
    server.url + path,
  ]);
  running.child.stdin?.end(body);
  return JSON.parse((await running).stdout) as unknown;
}

test('curl sends events, raw lines and metrics, plain and compressed, and asks about acknowledgements', async () => {
  const zipped = gzipSync('{"event":"zipped one"}{"event":"zipped two"}');
  expect(await curl('/services/collector/event', zipped, '-H', 'Content-Encoding: gzip')).toEqual({
    text: 'Success',
    code: 0,
  });
  expect(await eventsWith('zipped')).toHaveLength(2);
  const channel = '/services/collector/raw?channel=11111111-1111-1111-1111-111111111111&source=raw.log';
  const answer = await curl(channel, 'raw one\nraw two');
  expect(answer).toEqual({ text: 'Success', code: 0, ackId: expect.any(Number) });
  expect(await eventsWith('raw ')).toMatchObject([{ attributes: { source: 'raw.log' } }, { attributes: {} }]);
  const { ackId } = answer as { ackId: number };
  const asked = JSON.stringify({ acks: [ackId] });
  expect(await curl('/services/collector/ack?channel=1', asked)).toEqual({ acks: { [ackId]: true } });
  const metric = '{"event":"metric","fields":{"metric_name:hec.cpu":12.5,"core":"0"}}';
  expect(await curl('/services/collector', metric)).toMatchObject({ code: 0 });
  await until('the metric to be charted', async () => {
    const series = await fetch(`${server.url}/api/metrics/query?name=hec.cpu`);
    return (await series.text()).includes('hec.cpu');
  });
  expect(await curl('/services/collector', '{"event":"a"}{"event":""}')).toMatchObject({
    code: 13,
    'invalid-event-number': 1,
  });
});

test('the health of the collector is asked with and without a version', async () => {
  for (const path of ['/services/collector/health', '/services/collector/health/1.0']) {
    const response = await fetch(server.url + path);
    expect([response.status, await response.json()]).toEqual([200, { text: 'HEC is healthy', code: 17 }]);
  }
});
