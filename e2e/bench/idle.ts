import { type Child, rssBytes, sleep, startChild, waitForLine } from './child.ts';
import { startServer } from './server-under-test.ts';

export type IdleResult = { readonly kibPerConnection: number; readonly rssAtRestMb: number };

async function measure(server: Child, port: number, path: string, connections: number): Promise<IdleResult> {
  // The first streams make the code hot and the heap large; they are not what one more costs.
  await holdOpen(port, path, 500, 1);
  await sleep(2000);
  const before = rssBytes(server.pid);
  const swarm = startChild('dist/bench/swarm.mjs', [String(port), String(connections), path, '8']);
  try {
    await waitForLine(swarm, /^measuring/);
    await sleep(4000);
    return {
      kibPerConnection: (rssBytes(server.pid) - before) / connections / 1024,
      rssAtRestMb: before / 1e6,
    };
  } finally {
    await swarm.stop();
  }
}

async function holdOpen(port: number, path: string, connections: number, seconds: number): Promise<void> {
  const swarm = startChild('dist/bench/swarm.mjs', [String(port), String(connections), path, String(seconds)]);
  await waitForLine(swarm, /^result/);
  await swarm.stop();
}

export async function idle(connections: number): Promise<IdleResult> {
  const server = await startServer();
  try {
    return await measure(server, server.port, '/api/stream?kind=log&level=fatal', connections);
  } finally {
    await server.stop();
  }
}

export async function bareIdle(connections: number): Promise<IdleResult> {
  const server = startChild('dist/bench/bare-broadcaster.mjs', ['0']);
  try {
    const match = await waitForLine(server, /ready: http:\/\/127\.0\.0\.1:(\d+)/);
    return await measure(server, Number(match[1]), '/', connections);
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
