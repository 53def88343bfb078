import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { type Child, cpuSeconds, median, rssBytes, sleep, startChild, waitForLine } from './child.ts';
import { type Row, round } from './row.ts';
import { readMetric, type ServerUnderTest, startServer } from './server-under-test.ts';

type Doors = { readonly http: number; readonly grpc: number; readonly mqtt: number };

type Case = {
  readonly name: string;
  readonly kind: string;
  readonly door: keyof Doors;
  readonly query: string;
  readonly floor: 'bare-broadcaster' | 'bare-web-socket' | 'bare-grpc';
  /** How the same clients ask the bare server. */
  readonly floorKind: string;
  readonly connections: number;
};

const SSE = { door: 'http', floor: 'bare-broadcaster', floorKind: 'sse' } as const;

/** Enough that what a frame costs outweighs taking the events in, which the bare servers do not. */
const PLAIN = { connections: 1000, query: '' } as const;
const CASES: readonly Case[] = [
  { ...SSE, ...PLAIN, name: 'SSE', kind: 'sse' },
  { ...SSE, ...PLAIN, name: 'HTTP stream', kind: 'http', query: '?follow=1' },
  // Each frame is a request of its own.
  { ...SSE, ...PLAIN, name: 'Long poll', kind: 'poll', connections: 50 },
  { ...PLAIN, name: 'WebSocket', kind: 'ws', door: 'http', floor: 'bare-web-socket', floorKind: 'ws' },
  { ...PLAIN, name: 'MQTT over TCP, QoS 0', kind: 'mqtt', door: 'mqtt', floor: 'bare-web-socket', floorKind: 'ws' },
  // Its own library takes a core for 500.
  { ...PLAIN, name: 'gRPC', kind: 'grpc', door: 'grpc', floor: 'bare-grpc', floorKind: 'grpc', connections: 400 },
];

const ROUNDS = 3;
const SECONDS = 5;
const RATE = 1000;
/** What the bare servers write, whoever reads. */
const BARE_FRAMES_PER_S = 50;

type Reading = {
  readonly cpuUsPerFrame: number;
  /** CPU of the whole server, in seconds a second: both sides deliver the same events to as many. */
  readonly cpuShare: number;
  readonly p99Ms: number;
  readonly wrong: number;
};

/** Each transport beside its bare library: CPU of the server for a frame delivered, delay, memory of an idle connection. */
export const transportRows: Readonly<Record<string, () => Promise<Row[]>>> = Object.fromEntries(
  CASES.map((each) => [`transport-${each.kind}`, async () => [await rowOf(each)]]),
);

async function rowOf(each: Case): Promise<Row> {
  const [bare, ours]: [Reading[], Reading[]] = [[], []];
  for (let turn = 0; turn < ROUNDS; turn += 1) {
    bare.push(await measureBare(each));
    ours.push(await measureOurs(each));
  }
  const ratio = median(ours.map(({ cpuShare }, index) => cpuShare / (bare[index]?.cpuShare ?? Number.NaN)));
  const wrong = ours.reduce((sum, reading) => sum + reading.wrong, 0);
  const idleKib = await idleKibOurs(each);
  const cpu = (readings: readonly Reading[]): string =>
    `${round(median(readings.map((r) => r.cpuUsPerFrame)), 1)} µs CPU a frame, ${round(median(readings.map((r) => r.cpuShare)) * 100)} % of a core`;
  const p99 = (readings: readonly Reading[]): string => `p99 ${round(median(readings.map((r) => r.p99Ms)))} ms`;
  return {
    what: `${each.name}, ${each.connections} × ${round(RATE)} events/s`,
    measured: `${cpu(ours)}, ${round(ratio, 2)}× the floor; ${p99(ours)}; ${round(idleKib, 1)} KiB an idle connection; ${wrong} lost or repeated`,
    floor: `${cpu(bare)}; ${p99(bare)} (${each.floor.replaceAll('-', ' ')})`,
    target: each.kind === 'ws' ? '≤ 1.3×' : '',
  };
}

async function measureBare({ floor, floorKind, connections }: Case): Promise<Reading> {
  const server = startChild(`dist/bench/${floor}.mjs`, [String(RATE)]);
  try {
    const match = await waitForLine(server, /ready: http:\/\/127\.0\.0\.1:(\d+)/);
    const reading = await swarm(server.pid, floorKind, Number(match[1]), connections, '', () => undefined);
    const frames = connections * BARE_FRAMES_PER_S * reading.seconds;
    return { ...reading, cpuUsPerFrame: (reading.cpuS / frames) * 1e6, cpuShare: reading.cpuS / reading.seconds };
  } finally {
    await server.stop();
  }
}

async function measureOurs({ kind, door, query, connections }: Case): Promise<Reading> {
  const { server, doors } = await startWithDoors();
  let publisher: Child | undefined;
  const publish = (): void => {
    publisher = startChild('dist/bench/publisher.mjs', [String(server.port), String(RATE)]);
  };
  try {
    const reading = await swarm(server.pid, kind, doors[door], connections, query, publish, () =>
      readMetric(server, 'tailrace_encoded_frames_total'),
    );
    const frames = connections * reading.frames;
    return { ...reading, cpuUsPerFrame: (reading.cpuS / frames) * 1e6, cpuShare: reading.cpuS / reading.seconds };
  } finally {
    await publisher?.stop();
    await server.stop();
  }
}

type Swarm = { cpuS: number; seconds: number; frames: number; p99Ms: number; wrong: number };

async function swarm(
  pid: number,
  kind: string,
  port: number,
  connections: number,
  query: string,
  publish: () => void,
  frames: () => Promise<number> = async () => 0,
): Promise<Swarm> {
  const args = [kind, port, connections, SECONDS, query].map(String);
  const clients = startChild('dist/bench/gateway-swarm.mjs', args);
  try {
    await waitForLine(clients, /^open/);
    publish();
    await waitForLine(clients, /^measuring/);
    const [cpuBefore, framesBefore, startedAt] = [cpuSeconds(pid), await frames(), performance.now()];
    const match = await waitForLine(clients, /^result (.*)$/);
    const { lost, repeated, p99Ms } = JSON.parse(match[1] ?? '{}');
    const seconds = (performance.now() - startedAt) / 1000;
    const sent = (await frames()) - framesBefore;
    return { cpuS: cpuSeconds(pid) - cpuBefore, seconds, frames: sent, p99Ms, wrong: lost + repeated };
  } finally {
    await clients.stop();
  }
}

async function idleKibOurs({ kind, door, query }: Case): Promise<number> {
  const { server, doors } = await startWithDoors();
  try {
    const hold = async (connections: number): Promise<Child> => {
      const clients = startChild(
        'dist/bench/gateway-swarm.mjs',
        [kind, doors[door], connections, 3, query].map(String),
      );
      await waitForLine(clients, /^measuring/);
      return clients;
    };
    // The first ones make the code hot and the heap large; they are not what one more costs.
    await (await hold(200)).stop();
    await sleep(1500);
    const before = rssBytes(server.pid);
    const clients = await hold(1000);
    const kib = (rssBytes(server.pid) - before) / 1000 / 1024;
    await clients.stop();
    return kib;
  } finally {
    await server.stop();
  }
}

async function startWithDoors(): Promise<{ server: ServerUnderTest; doors: Doors }> {
  const [grpc, mqtt] = [await freePort(), await freePort()];
  const server = await startServer({ TAILRACE_GRPC_PORT: String(grpc), TAILRACE_MQTT_PORT: String(mqtt) });
  return { server, doors: { http: server.port, grpc, mqtt } };
}

async function freePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const { port } = probe.address() as AddressInfo;
  probe.close();
  await once(probe, 'close');
  return port;
}
