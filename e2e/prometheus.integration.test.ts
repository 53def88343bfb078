import { rmSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import { expect, test } from 'vitest';
import type { PlacedEvent } from '@/lib/core/event.ts';
import { ChaosClient } from './support/chaos-client.ts';
import { startInProcess } from './support/in-process-server.ts';
import { Program } from './support/program.ts';
import { Prometheus, sampleKey } from './support/prometheus.ts';
import { readJournal } from './support/read-journal.ts';
import { freePort, ServerProcess } from './support/server-process.ts';
import { until } from './support/wait.ts';

/** The collectors that need nothing of the machine; a hundred series or so. */
const COLLECTORS = ['cpu', 'loadavg', 'meminfo', 'stat', 'time', 'uname'];

async function startNodeExporter(): Promise<{ address: string; program: Program }> {
  const address = `127.0.0.1:${await freePort()}`;
  const collectors = COLLECTORS.map((name) => `--collector.${name}`);
  const flags = ['--collector.disable-defaults', ...collectors, `--web.listen-address=${address}`];
  return { address, program: await Program.start('prometheus-node-exporter', flags, `http://${address}/metrics`) };
}

/** How often each sample of a job stands in the journal, under the name that Prometheus has for it. */
function countSamples(events: readonly PlacedEvent[], job: string): Map<string, number> {
  const counts = new Map<string, number>();
  for (const event of events) {
    if (event.kind !== 'metric' || event.service !== job) continue;
    const labels = { ...(event.attributes as Record<string, string>), __name__: event.name, job };
    const key = sampleKey(labels, Date.parse(event.time), event.value);
    counts.set(key, (counts.get(key) ?? 0) + 1);
  }
  return counts;
}

/** Waits until all that Prometheus has up to now stands in the journal; then each sample must stand there once. */
async function expectAllOnce(prometheus: Prometheus, url: string, job: string, timeoutMs: number): Promise<number> {
  const untilMs = Date.now();
  const wanted = [...(await prometheus.samples(job))].filter(([, timeMs]) => timeMs <= untilMs).map(([key]) => key);
  let counts = new Map<string, number>();
  const missing = () => wanted.filter((key) => !counts.has(key));
  const arrived = async () => {
    counts = countSamples(await readJournal(url, `kind=metric&service=${job}`), job);
    return missing().length === 0;
  };
  await until(`${wanted.length} samples of ${job}`, arrived, timeoutMs).catch(() => undefined);
  expect(missing().slice(0, 3)).toEqual([]);
  expect([...counts].filter(([, count]) => count !== 1).slice(0, 3)).toEqual([]);
  return wanted.length;
}

test('Prometheus scrapes Tailrace and writes to it: the same series with the same samples', async () => {
  const server = await startInProcess('socket');
  const target = new URL(server.url).host;
  const prometheus = await Prometheus.start({
    targets: { tailrace: target },
    remoteWriteUrl: `${server.url}/api/v1/write`,
  });
  try {
    await until('scrapes', async () => (await prometheus.samples('tailrace')).size > 500, 30_000);
    await expectAllOnce(prometheus, server.url, 'tailrace', 30_000);
    const events = await readJournal(server.url, 'kind=metric&service=tailrace');
    const [up] = events.filter((event) => event.kind === 'metric' && event.name === 'up');
    expect(up).toMatchObject({ value: 1, type: 'gauge', attributes: { instance: target } });
    const counter = events.find((event) => event.kind === 'metric' && event.name.endsWith('_seconds_total'));
    expect(counter).toMatchObject({ type: 'counter', unit: 's' });
    expect(await prometheus.metric('prometheus_remote_storage_samples_failed_total')).toBe(0);
    expect(await prometheus.metric('prometheus_remote_storage_metadata_failed_total')).toBe(0);
    const [sender] = server.runtime.senders.rows().filter(({ protocol }) => protocol === 'remote-write');
    // Of its NaN samples nothing is kept, and nothing is held against it.
    expect(sender).toMatchObject({ rejected: 0, failed: 0, limited: 0 });
  } finally {
    await prometheus.stop();
    await server.close();
  }
});

test('what Prometheus was told to send again, and what a killed server did not answer, is there once', async () => {
  const port = await freePort();
  const exporter = await startNodeExporter();
  const chaotic = { TAILRACE_CHAOS: '1' };
  let server = await ServerProcess.start({ port, environment: chaotic });
  const { url, dataDir } = server;
  const prometheus = await Prometheus.start({
    targets: { node: exporter.address },
    remoteWriteUrl: `${url}/api/v1/write`,
    scrapeIntervalMs: 200,
  });
  try {
    await until('the first samples', async () => (await readJournal(url, 'service=node')).length > 500, 30_000);
    await new ChaosClient(url).inject({ fault: 'history', mode: 'down', seconds: 3 });
    await until('503', async () => (await retried(prometheus)) > 0, 20_000);
    await pause(1000);
    for (const environment of [{ TAILRACE_INGEST_RATE: '100' }, {}, chaotic]) {
      await server.kill();
      await pause(700);
      server = await ServerProcess.start({ port, dataDir, environment });
      if ('TAILRACE_INGEST_RATE' in environment) {
        const limited = () => server.metric('tailrace_ingest_limited_requests_total');
        await until('429', async () => (await limited()) > 0, 30_000);
      }
      await pause(1500);
    }
    expect(await expectAllOnce(prometheus, url, 'node', 60_000)).toBeGreaterThan(3000);
    expect(await prometheus.metric('prometheus_remote_storage_samples_failed_total')).toBe(0);
    expect(await prometheus.metric('prometheus_remote_storage_samples_dropped_total')).toBe(0);
  } finally {
    await prometheus.stop();
    await exporter.program.stop();
    await server.stop();
    rmSync(dataDir, { recursive: true, force: true });
  }
}, 180_000);

const retried = (prometheus: Prometheus) => prometheus.metric('prometheus_remote_storage_samples_retried_total');

test('node_exporter is scraped: its samples, that it is up, and one line when it goes away', async () => {
  const exporter = await startNodeExporter();
  const server = await startInProcess('socket', {
    TAILRACE_SCRAPE: `machine=http://${exporter.address}/metrics`,
    TAILRACE_SCRAPE_INTERVAL_MS: '1000',
  });
  try {
    const named = async (name: string) =>
      (await readJournal(server.url, 'kind=metric&service=machine')).filter(
        (event) => event.kind === 'metric' && event.name === name,
      );
    await until('two scrapes', async () => (await named('up')).length >= 2, 30_000);
    expect(await named('up')).toMatchObject([{ value: 1 }, { value: 1 }]);
    expect((await named('node_cpu_seconds_total'))[0]).toMatchObject({
      type: 'counter',
      unit: 's',
      attributes: { cpu: '0', instance: exporter.address },
    });
    expect((await named('node_memory_MemTotal_bytes'))[0]).toMatchObject({ type: 'gauge', unit: 'By' });
    const exposed = (await (await fetch(`http://${exporter.address}/metrics`)).text()).split('\n');
    const samples = exposed.filter((line) => line !== '' && !line.startsWith('#')).length;
    const [scraped] = await named('scrape_samples_scraped');
    expect(scraped && 'value' in scraped && Math.abs(scraped.value - samples)).toBeLessThan(20);

    await exporter.program.stop();
    const downs = async () => (await named('up')).filter((event) => 'value' in event && event.value === 0).length;
    await until('two failed scrapes', async () => (await downs()) >= 2, 30_000);
    const lines = await readJournal(server.url, 'kind=log&service=machine');
    expect(lines).toMatchObject([{ level: 'warn', message: expect.stringContaining('ECONNREFUSED') }]);
    const [sender] = server.runtime.senders.rows().filter(({ protocol }) => protocol === 'scrape');
    expect(sender).toMatchObject({ address: `machine http://${exporter.address}/metrics`, services: ['machine'] });
  } finally {
    await exporter.program.stop();
    await server.close();
  }
});
