import { type Child, cpuSeconds, rssBytes, sleep, startChild, waitForLine } from './child.ts';
import { startServer } from './server-under-test.ts';

export type IdleResult = {
  readonly kibPerConnection: number;
  readonly rssAtRestMb: number;
  /** Of one core, over the seconds watched; NaN where nobody watched. */
  readonly cpuShare: number;
};

const HEARTBEAT_MS = 15_000;
/** After a crowd has come V8 compacts the whole heap up to three times, which is no cost of being idle. */
const SETTLE_SECONDS = 60;

type Asked = { readonly server: Child; readonly port: number; readonly path: string; readonly connections: number };

/** @param watchedSeconds how long CPU is watched, with everybody connected and silent; 0: memory alone */
async function measure({ server, port, path, connections }: Asked, watchedSeconds: number): Promise<IdleResult> {
  // The first streams make the code hot and the heap large; they are not what one more costs.
  await holdOpen(port, path, 500, 1);
  await sleep(2000);
  const before = rssBytes(server.pid);
  const settleSeconds = watchedSeconds > 0 ? SETTLE_SECONDS : 4;
  const seconds = String(settleSeconds + watchedSeconds + 8);
  const swarm = startChild('dist/bench/swarm.mjs', [String(port), String(connections), path, seconds]);
  try {
    await waitForLine(swarm, /^measuring/);
    await sleep(settleSeconds * 1000);
    const kibPerConnection = (rssBytes(server.pid) - before) / connections / 1024;
    const [cpuBefore, startedAt] = [cpuSeconds(server.pid), performance.now()];
    if (watchedSeconds > 0) await sleep(watchedSeconds * 1000);
    const cpuShare = (cpuSeconds(server.pid) - cpuBefore) / ((performance.now() - startedAt) / 1000);
    return { kibPerConnection, rssAtRestMb: before / 1e6, cpuShare: watchedSeconds > 0 ? cpuShare : Number.NaN };
  } finally {
    await swarm.stop();
  }
}

async function holdOpen(port: number, path: string, connections: number, seconds: number): Promise<void> {
  const swarm = startChild('dist/bench/swarm.mjs', [String(port), String(connections), path, String(seconds)]);
  await waitForLine(swarm, /^result/);
  await swarm.stop();
}

export async function idle(connections: number, watchedSeconds = 0): Promise<IdleResult> {
  const server = await startServer({
    TAILRACE_CONNECT_RATE: '1000000',
    TAILRACE_CONNECTIONS_PER_ADDRESS_MAX: '20000',
    TAILRACE_HEARTBEAT_MS: String(HEARTBEAT_MS),
  });
  try {
    const path = '/api/stream?kind=log&level=fatal';
    return await measure({ server, port: server.port, path, connections }, watchedSeconds);
  } finally {
    await server.stop();
  }
}

/** The floor: `node:http` that holds the same streams, and sends as many heartbeats while it is watched. */
export async function bareIdle(connections: number, watchedSeconds = 0): Promise<IdleResult> {
  const heartbeatMs = watchedSeconds > 0 ? HEARTBEAT_MS : 0;
  const server = startChild('dist/bench/bare-broadcaster.mjs', ['0', '1', '20', String(heartbeatMs)]);
  try {
    const match = await waitForLine(server, /ready: http:\/\/127\.0\.0\.1:(\d+)/);
    return await measure({ server, port: Number(match[1]), path: '/', connections }, watchedSeconds);
  } finally {
    await server.stop();
  }
}

/** The server with all its sources, some seconds after its start, nobody looking. */
export async function rest(): Promise<number> {
  const server = await startServer({ TAILRACE_SOURCES: 'host,process,log' });
  try {
    await sleep(15_000);
    return rssBytes(server.pid) / 1e6;
  } finally {
    await server.stop();
  }
}
