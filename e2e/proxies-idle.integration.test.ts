import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'vitest';
import { grpcStub } from './conformance/clients/grpc-client.ts';
import { HEARTBEAT_MS, LONG_STREAMS, PROMPT_MS, type ProxyBench, runThroughProxies, STREAMS } from './proxies-bench.ts';
import { NO_FAULTS } from './support/continuity-ledger.ts';
import { startInProcess } from './support/in-process-server.ts';
import { publish } from './support/ingest-client.ts';
import { ProxyProcess } from './support/proxies.ts';
import { until } from './support/wait.ts';

/** All documented timeouts; at 15 s between heartbeats they are four times as long, here about as much. */
const TIMEOUT_S = 1;
const IDLE_MS = 4 * TIMEOUT_S * 1000;

async function staysOpen(bench: ProxyBench): Promise<void> {
  const service = `idle-${bench.proxy.name}`;
  const query = `?service=${service}`;
  const clients = await Promise.all(
    STREAMS.map(async (name) => ({ name, client: await bench.openLive(name, { query }) })),
  );
  await sleep(IDLE_MS);
  await publish(bench.proxy.url, [{ service, message: 'after a long silence', attributes: { n: service } }]);
  for (const { name, client } of clients) {
    await client.events(1, PROMPT_MS);
    expect(client.ledger.faults, name).toEqual(NO_FAULTS);
    if (name === 'poll') continue;
    expect(client.connections, name).toBe(1);
    expect(client.named('heartbeat').length, name).toBeGreaterThan(IDLE_MS / HEARTBEAT_MS / 2);
  }
}

/** A sender that says nothing for long is answered all the same as soon as it does, on the call that it has. */
async function letsSendersBeSilent({ proxy }: ProxyBench): Promise<void> {
  const stub = grpcStub(`127.0.0.1:${proxy.ports.grpc}`);
  const call = stub.Publish();
  let answers = 0;
  let failure: Error | undefined;
  call.on('data', () => {
    answers += 1;
  });
  call.on('error', (error) => {
    failure = error;
  });
  try {
    for (const message of ['first', 'after a long silence']) {
      const before = answers;
      call.write({ events: [{ service: 'sender', log: { message } }] });
      await until('the answer', () => failure !== undefined || answers > before, PROMPT_MS);
      expect(failure).toBeUndefined();
      await sleep(IDLE_MS);
    }
  } finally {
    call.cancel();
    stub.close();
  }
}

/** The control: the timeout is the proxy's, and it is there. */
async function isCutWithoutHeartbeats(bench: ProxyBench): Promise<void> {
  const silent = await startInProcess('socket', { TAILRACE_HEARTBEAT_MS: '600000', TAILRACE_GRPC_PORT: '0' });
  const { grpcPort: upstreamGrpcPort } = silent.gateway;
  const options = { upstream: silent.url, upstreamGrpcPort, timeoutS: TIMEOUT_S };
  const proxy = await ProxyProcess.start(bench.proxy.name, options);
  try {
    const service = 'silent';
    // Caddy has no such timeout for HTTP/2.
    const streams = LONG_STREAMS.filter((name) => name !== 'grpc' || bench.proxy.name !== 'caddy');
    const clients = streams.map((name) => bench.open(name, { query: `?service=${service}` }, proxy));
    for (const client of clients) {
      await until('the first frame', () => client.ledger.cursor >= 0);
      await until('the proxy to cut it', () => client.connections > 1, IDLE_MS);
    }
    // And cut it is, not lost: who comes back goes on.
    await publish(silent.url, [{ service, message: 'to those who came back', attributes: { n: 'once' } }]);
    for (const client of clients) {
      await client.events(1);
      expect([...client.ledger.seen]).toEqual([['once', 1]]);
      expect(client.ledger.faults).toEqual(NO_FAULTS);
    }
  } finally {
    bench.release();
    await proxy.stop();
    await silent.close();
  }
}

runThroughProxies(
  [
    { name: 'heartbeats keep a silent stream open for longer than any timeout of the proxy', run: staysOpen },
    { name: 'a sender over gRPC that stays may be silent', run: letsSendersBeSilent },
    { name: 'without heartbeats the proxy cuts it, and the client goes on where it was', run: isCutWithoutHeartbeats },
  ],
  {},
  { timeoutS: TIMEOUT_S },
);
