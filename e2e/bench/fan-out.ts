import { type Child, cpuSeconds, sleep, startChild, waitForLine } from './child.ts';
import { startServer } from './server-under-test.ts';

export type FanOutResult = {
  readonly eventsPerSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly lost: number;
  readonly repeated: number;
  /** Server CPU for one event delivered to one connection. */
  readonly cpuUsPerDelivery: number;
  readonly cpuShare: number;
};

async function measure(
  server: Child,
  port: number,
  path: string,
  connections: number,
  seconds: number,
  publish: () => void,
): Promise<FanOutResult> {
  const swarm = startChild('dist/bench/swarm.mjs', [String(port), String(connections), path, String(seconds)]);
  await waitForLine(swarm, /^open/);
  publish();
  await waitForLine(swarm, /^measuring/);
  const cpuBefore = cpuSeconds(server.pid);
  const startedAt = performance.now();
  const match = await waitForLine(swarm, /^result (.*)$/);
  const elapsedS = (performance.now() - startedAt) / 1000;
  const cpu = cpuSeconds(server.pid) - cpuBefore;
  const result = JSON.parse(match[1] ?? '{}');
  const deliveries = result.perClient * connections;
  return {
    ...result,
    eventsPerSecond: deliveries / elapsedS,
    cpuUsPerDelivery: (cpu / deliveries) * 1e6,
    cpuShare: cpu / elapsedS,
  };
}

/** Tailrace, with everything it does for an event: parse, store, journal, encode, send. */
export async function fanOut(connections: number, ratePerSecond: number, seconds: number): Promise<FanOutResult> {
  const server = await startServer();
  let publisher: Child | undefined;
  const publish = (): void => {
    publisher = startChild('dist/bench/publisher.mjs', [String(server.port), String(ratePerSecond)]);
  };
  try {
    return await measure(server, server.port, '/api/stream', connections, seconds, publish);
  } finally {
    await publisher?.stop();
    await server.stop();
  }
}

/** The floor: the same events, made in the process, and nothing but writes. */
export async function bareFanOut(
  connections: number,
  ratePerSecond: number,
  seconds: number,
  writeEveryMs = 20,
): Promise<FanOutResult> {
  const args = [ratePerSecond, connections, writeEveryMs].map(String);
  const server = startChild('dist/bench/bare-broadcaster.mjs', args);
  try {
    const match = await waitForLine(server, /ready: http:\/\/127\.0\.0\.1:(\d+)/);
    await sleep(200);
    return await measure(server, Number(match[1]), '/', connections, seconds, () => undefined);
  } finally {
    await server.stop();
  }
}
