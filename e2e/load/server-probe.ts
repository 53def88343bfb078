import { createParser } from 'eventsource-parser';
import { connectionPageSchema } from '@/lib/wire/connection-pages.ts';
import { cpuSeconds, rssBytes } from '../bench/child.ts';
import { readMetrics, readSystemFrame, type ServerSample } from './server-sample.ts';

const PROCESS_MS = 1000;
const METRICS_MS = 1000;
/** Sorting all connections costs the server something, which is not what is measured. */
const CONNECTIONS_MS = 5000;
const ANSWER_MS_MAX = 4000;
const LISTEN_AGAIN_MS = 2000;

/** Asks the server, while it is under load, how it is: its process, `/api/system`, `/api/connections`, `/metrics`. */
export class ServerProbe {
  readonly #url: string;
  readonly #pid: number | undefined;
  readonly #headers: Readonly<Record<string, string>>;
  readonly #abort = new AbortController();
  readonly #timers: NodeJS.Timeout[];
  /** Each page's newest word; what is finer or nearer to the source wins. */
  #metrics: ServerSample = {};
  #connections: ServerSample = {};
  #system: ServerSample = {};
  #process: ServerSample = {};
  #cpu: { readonly seconds: number; readonly atMs: number } | undefined;

  constructor(url: string, pid: number | undefined, token: string | undefined) {
    this.#url = url;
    this.#pid = pid;
    this.#headers = token === undefined ? {} : { Authorization: `Bearer ${token}` };
    this.#timers = [
      setInterval(() => this.#readProcess(), PROCESS_MS),
      setInterval(() => void this.#refreshMetrics(), METRICS_MS),
      setInterval(() => void this.#refreshConnections(), CONNECTIONS_MS),
    ];
    this.#readProcess();
    void this.#listen();
  }

  get sample(): ServerSample {
    return { ...this.#metrics, ...this.#connections, ...this.#system, ...this.#process };
  }

  async refresh(): Promise<ServerSample> {
    this.#readProcess();
    await Promise.all([this.#refreshMetrics(), this.#refreshConnections()]);
    return this.sample;
  }

  close(): void {
    for (const timer of this.#timers) clearInterval(timer);
    this.#abort.abort();
  }

  #readProcess(): void {
    if (this.#pid === undefined) return;
    try {
      const [seconds, atMs, before] = [cpuSeconds(this.#pid), performance.now(), this.#cpu];
      this.#cpu = { seconds, atMs };
      const cpuShare =
        before && atMs > before.atMs ? ((seconds - before.seconds) * 1000) / (atMs - before.atMs) : undefined;
      this.#process = { rssBytes: rssBytes(this.#pid), ...(cpuShare !== undefined && { cpuShare }) };
    } catch {
      // The process is gone, or this machine has no /proc.
      this.#process = {};
    }
  }

  async #refreshMetrics(): Promise<void> {
    const text = await this.#ask('/metrics');
    if (text !== undefined) this.#metrics = readMetrics(text);
  }

  async #refreshConnections(): Promise<void> {
    const text = await this.#ask('/api/connections?state=lagging&sort=queue&limit=100');
    const page = text === undefined ? undefined : connectionPageSchema.safeParse(JSON.parse(text)).data;
    if (!page) return;
    const queuedBytes = page.rows.reduce((sum, row) => sum + row.queuedBytes, 0);
    this.#connections = { connections: page.summary.open, lagging: page.summary.matching, queuedBytes };
  }

  /** A server that is too busy to answer, or has no such page, leaves the figures as they were. */
  async #ask(path: string): Promise<string | undefined> {
    try {
      const signal = AbortSignal.any([this.#abort.signal, AbortSignal.timeout(ANSWER_MS_MAX)]);
      const response = await fetch(`${this.#url}${path}`, { headers: this.#headers, signal });
      const text = await response.text();
      return response.ok ? text : undefined;
    } catch {
      return undefined;
    }
  }

  async #listen(): Promise<void> {
    while (!this.#abort.signal.aborted) {
      await this.#listenOnce().catch(() => undefined);
      this.#system = {};
      await new Promise((resolve) => setTimeout(resolve, LISTEN_AGAIN_MS).unref());
    }
  }

  async #listenOnce(): Promise<void> {
    const response = await fetch(`${this.#url}/api/system/stream`, {
      headers: this.#headers,
      signal: this.#abort.signal,
    });
    if (!response.ok || !response.body) {
      await response.body?.cancel();
      return;
    }
    const parser = createParser({
      onEvent: ({ event, data }) => {
        if (event !== 'system') return;
        this.#system = readSystemFrame(data);
      },
    });
    const decoder = new TextDecoder();
    for await (const bytes of response.body as unknown as AsyncIterable<Uint8Array>) {
      parser.feed(decoder.decode(bytes, { stream: true }));
    }
  }
}
