import { afterAll, beforeAll, describe, test } from 'vitest';
import { GrpcClient } from './conformance/clients/grpc-client.ts';
import { NdjsonClient } from './conformance/clients/ndjson-client.ts';
import { PollClient } from './conformance/clients/poll-client.ts';
import { WsClient } from './conformance/clients/ws-client.ts';
import { SseStreamClient, type StreamClientOptions } from './conformance/stream-client.ts';
import { PROXY_NAMES, type ProxyName, type ProxyOptions, ProxyProcess, whyNot } from './support/proxies.ts';
import { freePort, ServerProcess } from './support/server-process.ts';
import { until } from './support/wait.ts';

/** A buffered event does not come at all; what a busy test machine does with a prompt one is another matter. */
export const PROMPT_MS = 2000;
export const HEARTBEAT_MS = 300;

export const CLIENTS = { sse: SseStreamClient, ws: WsClient, http: NdjsonClient, poll: PollClient, grpc: GrpcClient };
export type StreamName = keyof typeof CLIENTS;
export const STREAMS = ['sse', 'ws', 'http', 'poll', 'grpc'] as const satisfies readonly StreamName[];
/** Those of one long answer: each poll is an answer of its own. */
export const LONG_STREAMS = ['sse', 'ws', 'http', 'grpc'] as const satisfies readonly StreamName[];
export type ProxiedClient = InstanceType<(typeof CLIENTS)[StreamName]>;

export function urlFor(name: StreamName, { url, ports }: ProxyProcess): string {
  return name === 'grpc' ? `http://127.0.0.1:${ports.grpc}` : url;
}

/** A real server behind a real proxy, and the clients that a case opens, which are closed when the case is over. */
export class ProxyBench {
  readonly server: ServerProcess;
  readonly proxy: ProxyProcess;
  readonly #clients: ProxiedClient[] = [];

  constructor(server: ServerProcess, proxy: ProxyProcess) {
    this.server = server;
    this.proxy = proxy;
  }

  /** A client that comes back after each end, until the case is over. */
  open(name: StreamName, options?: StreamClientOptions, proxy = this.proxy): ProxiedClient {
    const client = new CLIENTS[name](urlFor(name, proxy), { reconnect: true, ...options });
    this.#clients.push(client);
    return client;
  }
  /** Opens a stream and waits for its first frame. */
  async openLive(name: StreamName, options?: StreamClientOptions): Promise<ProxiedClient> {
    const client = this.open(name, options);
    await until(`the first frame (${name})`, () => client.ledger.cursor >= 0);
    return client;
  }
  release(): void {
    for (const client of this.#clients.splice(0)) client.close();
  }
}

export type ProxyCase = {
  /** A sentence of behaviour. */
  readonly name: string;
  /** Those proxies that can do it; undefined: all. */
  readonly only?: readonly ProxyName[];
  run(bench: ProxyBench): Promise<void>;
};

/** Runs the cases through each documented proxy that is installed here. In CI a test that is skipped fails the run. */
export function runThroughProxies(
  cases: readonly ProxyCase[],
  environment: Readonly<Record<string, string>> = {},
  options: Omit<ProxyOptions, 'upstream'> = {},
): void {
  let server: ServerProcess;
  let upstreamGrpcPort: number;
  beforeAll(async () => {
    upstreamGrpcPort = await freePort();
    const settings = {
      TAILRACE_HEARTBEAT_MS: String(HEARTBEAT_MS),
      TAILRACE_TRUSTED_PROXIES: '127.0.0.1',
      TAILRACE_GRPC_PORT: String(upstreamGrpcPort),
    };
    // The proxy guards the door: what it hands on may come from anywhere.
    server = await ServerProcess.start({ environment: { TAILRACE_ACCESS: 'open', ...settings, ...environment } });
  });
  afterAll(() => server.stop());

  for (const name of PROXY_NAMES) {
    const reason = whyNot(name);
    describe.skipIf(reason)(`through ${name}${reason ? ` (${reason})` : ''}`, () => {
      let proxy: ProxyProcess | undefined;
      beforeAll(async () => {
        proxy = await ProxyProcess.start(name, { ...options, upstream: server.url, upstreamGrpcPort });
      });
      afterAll(() => proxy?.stop());

      test.each(cases.filter(({ only }) => only?.includes(name) ?? true))(
        '$name',
        async ({ run }) => {
          if (!proxy) throw new Error('the proxy has not started');
          const bench = new ProxyBench(server, proxy);
          await run(bench).finally(() => bench.release());
        },
        120_000,
      );
    });
  }
}
