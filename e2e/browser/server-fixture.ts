import { rm } from 'node:fs/promises';
import { test as base, type Page } from '@playwright/test';
import { publish } from '../support/ingest-client.ts';
import { freePort, ServerProcess } from '../support/server-process.ts';
import { until } from '../support/wait.ts';
import { PageFaults } from './page-faults.ts';

export type Environment = Readonly<Record<string, string>>;

/** The built server with data of its own, which can die and come back at the same address. */
export class TestServer {
  readonly url: string;
  readonly #port: number;
  readonly #environment: Environment;
  #process: ServerProcess;
  readonly #dataDir: string;

  private constructor(process: ServerProcess, port: number, environment: Environment) {
    this.#process = process;
    this.#port = port;
    this.#environment = environment;
    this.#dataDir = process.dataDir;
    this.url = process.url;
  }

  static async start(environment: Environment): Promise<TestServer> {
    const port = await freePort();
    return new TestServer(await ServerProcess.start({ port, environment }), port, environment);
  }

  /** As `kill -9` does it: nothing is said goodbye to. */
  async kill(): Promise<void> {
    await this.#process.kill();
  }

  /** On the same port and data. */
  async restart(changes: Environment = {}): Promise<void> {
    this.#process = await ServerProcess.start({
      port: this.#port,
      dataDir: this.#dataDir,
      environment: { ...this.#environment, ...changes },
    });
  }

  async wipe(): Promise<void> {
    await rm(this.#dataDir, { recursive: true, force: true });
  }

  async stop(): Promise<void> {
    await this.#process.stop();
    await this.wipe();
  }

  publish(events: readonly unknown[]): ReturnType<typeof publish> {
    return publish(this.url, events);
  }

  metric(name: string): Promise<number> {
    return this.#process.metric(name);
  }

  async untilMetric(name: string, holds: (value: number) => boolean): Promise<void> {
    await until(`${name} to be as wanted`, async () => holds(await this.metric(name)));
  }
}

/** Keeps the next test's server starting while a test runs: a second less for each. */
class ServerPool {
  #spare: Promise<TestServer> | undefined;

  async take(environment: Environment): Promise<TestServer> {
    if (Object.keys(environment).length > 0) return TestServer.start({ ...DEFAULTS, ...environment });
    const server = await (this.#spare ?? TestServer.start(DEFAULTS));
    this.#spare = TestServer.start(DEFAULTS);
    // Reported by the test that takes it.
    this.#spare.catch(() => undefined);
    return server;
  }

  async close(): Promise<void> {
    const spare = await this.#spare?.catch(() => undefined);
    await spare?.stop();
  }
}

type Fixtures = {
  environment: Environment;
  server: TestServer;
  /** What went wrong in the page of the test, as its console and its network saw it. */
  faults: PageFaults;
  page: Page;
};

/** Nothing but what a test sends reaches the journal, and reconnecting is quick, unless `environment` says otherwise. */
const DEFAULTS: Environment = { TAILRACE_SOURCES: 'none', TAILRACE_RETRY_MS: '300', TAILRACE_HEARTBEAT_MS: '1000' };

export const test = base.extend<Fixtures, { pool: ServerPool }>({
  environment: [{}, { option: true }],
  pool: [
    // biome-ignore lint/correctness/noEmptyPattern: Playwright wants a pattern here
    async ({}, use) => {
      const pool = new ServerPool();
      await use(pool);
      await pool.close();
    },
    { scope: 'worker' },
  ],
  server: async ({ pool, environment }, use) => {
    const server = await pool.take(environment);
    await use(server);
    await server.stop();
  },
  baseURL: async ({ server }, use) => use(server.url),
  faults: async ({ page }, use) => use(new PageFaults(page)),
});

export { expect } from '@playwright/test';
