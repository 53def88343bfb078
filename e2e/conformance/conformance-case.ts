import type { RetentionLimits } from '@/lib/history/history-port.ts';
import { RetentionLoop } from '@/lib/journal/retention-loop.ts';
import type { Runtime } from '@/lib/runtime/create-runtime.ts';
import { until } from '../support/wait.ts';
import type { StreamClient, StreamClientOptions } from './stream-client.ts';
import type { Capability, ServerUnderTest, TransportUnderTest } from './transports.ts';

/** A server under test, and the clients a case opens on it, which are closed when the case is over. */
export class Bench {
  readonly transport: TransportUnderTest;
  readonly #server: ServerUnderTest;
  readonly #clients: StreamClient[] = [];
  readonly #runtime: Runtime | undefined;

  /** @param runtime only of a server that belongs to one case alone, since what is done to it hits every client */
  constructor(server: ServerUnderTest, transport: TransportUnderTest, runtime?: Runtime) {
    this.#server = server;
    this.transport = transport;
    this.#runtime = runtime;
  }

  get url(): string {
    return this.#server.url;
  }

  open(options: StreamClientOptions = {}): StreamClient {
    const client = this.transport.open(this.#server, options);
    this.#clients.push(client);
    return client;
  }
  /** Opens a stream and waits until the server says that it is live, so that nothing sent afterwards is replay. */
  async openLive(options: StreamClientOptions = {}): Promise<StreamClient> {
    const client = this.open(options);
    await client.first('live');
    return client;
  }
  /** The inside of the server. Only for a case with settings of its own, hence with its own server. */
  get runtime(): Runtime {
    if (!this.#runtime) throw new Error('a case that looks inside its server needs settings of its own');
    return this.#runtime;
  }
  /** Lets retention do all that it has to do within limits. */
  async retain(limits: RetentionLimits): Promise<number> {
    const { journal, onError } = this.runtime;
    const loop = new RetentionLoop({ journal, limits, now: Date.now, onError });
    await until('retention to be done', () => loop.removed > 0 && loop.bytes <= limits.bytesMax);
    loop.stop();
    return loop.removed;
  }
  release(): void {
    for (const client of this.#clients) client.close();
  }
}

export type ConformanceCase = {
  /** A sentence of behaviour. */
  readonly name: string;
  /** What a transport must have for it. */
  readonly needs?: readonly Capability[];
  /** Settings beyond the common ones: the case then gets a server of its own, and runs on in-process transports only. */
  readonly settings?: Readonly<Record<string, string>>;
  run(bench: Bench): Promise<void>;
};

/** What keeps a case from a transport: the first thing that it needs and the transport lacks, and why. */
export function exclusion({ needs = [] }: ConformanceCase, { lacks }: TransportUnderTest): string | undefined {
  const lacking = needs.find((capability) => lacks[capability] !== undefined);
  return lacking && `${lacking}: ${lacks[lacking]}`;
}

/** Settings of the server that the other cases share. */
export const COMMON_SETTINGS = { TAILRACE_HEARTBEAT_MS: '400', TAILRACE_RETRY_MS: '2000' };
