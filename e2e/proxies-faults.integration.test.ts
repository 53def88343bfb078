import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'vitest';
import type { ConnectionPage } from '@/lib/wire/connection-pages.ts';
import {
  LONG_STREAMS,
  PROMPT_MS,
  type ProxiedClient,
  type ProxyBench,
  runThroughProxies,
  STREAMS,
} from './proxies-bench.ts';
import { NO_FAULTS } from './support/continuity-ledger.ts';
import { EventFactory } from './support/events.ts';
import { publish } from './support/ingest-client.ts';
import { Random } from './support/random.ts';
import { until } from './support/wait.ts';

const KIB = 1024;
const MIB = 1024 * KIB;
/** More than the kernel's buffers of all connections of a stream hold is sent, at most so many MiB. */
const ROUNDS_MAX = 120;
const FAR_BEHIND_EVENTS = 1500;
const PADDING = 'p'.repeat(4000);

function expectExactly(clients: readonly ProxiedClient[], ns: readonly string[]): void {
  for (const { ledger } of clients) {
    expect(ledger.faults).toEqual(NO_FAULTS);
    expect([...ledger.seen]).toEqual(ns.map((n) => [n, 1]));
  }
}

/** Rows of the Connections page whose client says that it is this one. */
async function rowsOf({ server }: ProxyBench, userAgent: string): Promise<ConnectionPage['rows']> {
  const response = await fetch(`${server.url}/api/connections?q=${userAgent}`);
  return ((await response.json()) as ConnectionPage).rows;
}

/** Readers that do not read: once the kernel's buffers are full, all waits in the journal, not in proxy or server. */
async function boundsWhatIsQueued(bench: ProxyBench): Promise<void> {
  const { proxy, server } = bench;
  const service = `slow-${proxy.name}`;
  const factory = new EventFactory(new Random(411), `${proxy.name}-`);
  const options = { query: `?service=${service}`, headers: { 'User-Agent': service }, keepFrames: false };
  const clients = await Promise.all(LONG_STREAMS.map((name) => bench.openLive(name, options)));
  const ns: string[] = [];
  const send = async (): Promise<void> => {
    const events = factory.many(250, { kind: 'log', service, message: PADDING });
    ns.push(...events.map(({ attributes }) => attributes.n));
    await publish(server.url, events);
  };
  // Warm: what the first megabytes cost stays, whoever reads.
  for (let round = 0; round < 10; round += 1) await send();
  for (const client of clients) await client.events(ns.length);
  const before = { proxy: proxy.residentBytes, server: server.residentBytes, events: ns.length };
  for (const client of clients) client.pause();
  const isFarBehind = async (): Promise<boolean> => {
    const rows = await rowsOf(bench, service);
    return rows.length === clients.length && rows.every(({ lagEvents }) => lagEvents > FAR_BEHIND_EVENTS);
  };
  for (let round = 0; round < ROUNDS_MAX && (round % 5 > 0 || !(await isFarBehind())); round += 1) await send();

  const rows = await rowsOf(bench, service);
  expect(rows.map(({ activity }) => activity)).toEqual(clients.map(() => 'lagging'));
  const queued = rows.map(({ queuedBytes }) => Math.round(queuedBytes / KIB));
  expect(Math.max(...queued)).toBeLessThan(1024);
  const sentMiB = Math.round(((ns.length - before.events) * PADDING.length) / MIB);
  const grown = { proxy: proxy.residentBytes - before.proxy, server: server.residentBytes - before.server };
  process.stdout.write(
    `${proxy.name}: ${clients.length} readers and ${sentMiB} MiB; the proxy grew by ${Math.round(grown.proxy / MIB)} MiB, the server by ${Math.round(grown.server / MIB)}, queued KiB: ${queued}\n`,
  );
  expect(grown.proxy).toBeLessThan(16 * MIB);
  // Most of it what ingest leaves to the collector; kept for each reader it would be four times what was sent.
  expect(grown.server).toBeLessThan(200 * MIB);
  for (const client of clients) client.resume();
  for (const client of clients) {
    await client.events(ns.length, 40_000);
    expect(client.connections).toBe(1);
  }
  expectExactly(clients, ns);
}

/** Sends a few events every 10 ms past the proxy, until it is told to stop; then gives what it has sent. */
function sendSteadily({ server, proxy }: ProxyBench, service: string): () => Promise<string[]> {
  const factory = new EventFactory(new Random(412), `${proxy.name}-${service}-`);
  const ns: string[] = [];
  let over = false;
  const sending = (async () => {
    while (!over) {
      const events = factory.many(5, { service });
      ns.push(...events.map(({ attributes }) => attributes.n));
      await publish(server.url, events);
      await sleep(10);
    }
  })();
  return async () => {
    over = true;
    await sending;
    return ns;
  };
}

async function resumesAfterAKill(bench: ProxyBench): Promise<void> {
  const { proxy } = bench;
  const service = `killed-${proxy.name}`;
  const clients = await Promise.all(STREAMS.map((name) => bench.openLive(name, { query: `?service=${service}` })));
  const stop = sendSteadily(bench, service);
  for (let round = 0; round < 3; round += 1) {
    await sleep(300);
    const counts = clients.map(({ connections }) => connections);
    await proxy.kill();
    await until('all to have tried again', () =>
      clients.every(({ connections }, index) => connections > (counts[index] ?? 0)),
    );
    await proxy.run();
  }
  await sleep(300);
  const ns = await stop();
  for (const client of clients) await client.events(ns.length);
  expectExactly(clients, ns);
}

async function survivesAReload(bench: ProxyBench): Promise<void> {
  const { proxy } = bench;
  const service = `reloaded-${proxy.name}`;
  const query = `?service=${service}`;
  const clients = await Promise.all(STREAMS.map((name) => bench.openLive(name, { query })));
  const stop = sendSteadily(bench, service);
  await sleep(200);
  await proxy.reload();
  await sleep(300);
  const late = await bench.openLive('sse', { query });
  await late.events(1, PROMPT_MS);
  const ns = await stop();
  for (const client of clients) await client.events(ns.length, PROMPT_MS);
  expectExactly(clients, ns);
  for (const [index, name] of STREAMS.entries()) {
    if (name !== 'poll') expect(clients[index]?.connections, name).toBe(1);
  }
}

runThroughProxies(
  [
    { name: 'readers that stop cost a bounded amount, here and there, and lose nothing', run: boundsWhatIsQueued },
    { name: 'a proxy that is killed and comes back loses and repeats nothing', run: resumesAfterAKill },
    // Caddy ends what is open after its `grace_period`.
    { name: 'a reload leaves open streams alone', only: ['nginx', 'haproxy'], run: survivesAReload },
  ],
  // Who does not read does not answer pings either, and would be given up.
  { TAILRACE_RING_EVENTS: '500', TAILRACE_MISSES_MAX: '1000' },
);
