import { createParser } from 'eventsource-parser';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  SYSTEM_METRIC_NAMES,
  type SystemFrame,
  type SystemReport,
  systemFrameSchema,
  systemReportSchema,
} from '@/lib/wire/system-pages.ts';
import { type ServerKind, ServerProcess } from './support/server-process.ts';
import { until } from './support/wait.ts';

const WATCHERS_MAX = 50;

/** One who follows the System page. */
class Watcher {
  readonly frames: SystemFrame[] = [];
  readonly #abort = new AbortController();
  retryMs: number | undefined;
  status = 0;
  ended: 'cleanly' | 'broken' | undefined;

  constructor(url: string, headers: Record<string, string> = { accept: 'text/event-stream' }) {
    this.#follow(`${url}/api/system/stream`, headers).then(
      () => {
        this.ended = 'cleanly';
      },
      () => {
        this.ended = 'broken';
      },
    );
  }

  leave(): void {
    this.#abort.abort();
  }

  async #follow(url: string, headers: Record<string, string>): Promise<void> {
    const response = await fetch(url, { headers, signal: this.#abort.signal });
    this.status = response.status;
    const parser = createParser({
      onEvent: ({ event, data }) => event === 'system' && this.frames.push(systemFrameSchema.parse(JSON.parse(data))),
      onRetry: (retryMs) => {
        this.retryMs = retryMs;
      },
    });
    const decoder = new TextDecoder();
    for await (const bytes of response.body ?? []) parser.feed(decoder.decode(bytes, { stream: true }));
  }
}

async function report(url: string): Promise<SystemReport> {
  return systemReportSchema.parse(await (await fetch(`${url}/api/system`)).json());
}
async function watching(url: string): Promise<number> {
  return (await report(url)).ledger.held['watch'] ?? 0;
}

describe.each<ServerKind>(['npm', 'next'])('the system stream of %s', (kind) => {
  let server: ServerProcess;
  beforeAll(async () => {
    server = await ServerProcess.start({ kind });
  });
  afterAll(() => server.stop());

  test('brings what was measured so far, then a frame a second with what is new, and is freed when its reader leaves', async () => {
    await until('a few samples to be there', async () => {
      const watcher = new Watcher(server.url);
      await until('the first frame', () => watcher.frames.length > 0);
      watcher.leave();
      return (watcher.frames[0]?.samples.length ?? 0) >= 2;
    });
    const watcher = new Watcher(server.url);
    await until('four frames', () => watcher.frames.length >= 4);
    expect(watcher.retryMs).toBe(2000);
    expect(watcher.frames[0]?.samples.length).toBeGreaterThanOrEqual(2);
    const times = watcher.frames.flatMap((frame) => frame.samples.map(({ atMs }) => atMs));
    expect(new Set(times).size).toBe(times.length);
    expect(times).toEqual(times.toSorted((a, b) => a - b));
    const newest = watcher.frames[3]?.samples.at(-1)?.values[SYSTEM_METRIC_NAMES.indexOf('rssBytes')];
    expect(newest).toBeGreaterThan(10_000_000);
    expect(await watching(server.url)).toBe(1);
    watcher.leave();
    await until('the watcher to be forgotten', async () => (await watching(server.url)) === 0);
    expect((await report(server.url)).ledger).toMatchObject({ leaked: 0, leaks: [] });
  });

  test('takes fifty watchers; the next ones are told to come again, each in the way it understands', async () => {
    const watchers = Array.from({ length: WATCHERS_MAX }, () => new Watcher(server.url));
    await until('all to be served', () => watchers.every(({ frames }) => frames.length > 0));
    const native = new Watcher(server.url);
    await until('the one too many to be told', () => native.ended !== undefined);
    expect([native.status, native.ended, native.frames]).toEqual([200, 'cleanly', []]);
    expect(native.retryMs).toBeGreaterThanOrEqual(2500);
    const honest = await fetch(`${server.url}/api/system/stream`, { headers: { accept: 'application/json' } });
    expect(honest.status).toBe(503);
    expect(Number(honest.headers.get('retry-after'))).toBeGreaterThan(0);
    expect(await honest.json()).toMatchObject({ code: 'too-many-connections' });
    for (const watcher of watchers) watcher.leave();
    await until('all to be forgotten', async () => (await watching(server.url)) === 0);
  });

  test('HEAD leaves nothing behind', async () => {
    const response = await fetch(`${server.url}/api/system/stream`, { method: 'HEAD' });
    expect(response.headers.get('content-type')).toMatch('text/event-stream');
    expect(await watching(server.url)).toBe(0);
  });

  test('Prometheus finds the same figures', async () => {
    expect(await server.metric('tailrace_leaked_resources')).toBe(0);
    expect(await server.metric('tailrace_breaker_state')).toBe(0);
    expect(await server.metric('tailrace_shed_step')).toBe(0);
    expect(await server.metric('tailrace_process_open_fds')).toBeGreaterThan(5);
    const text = await (await fetch(`${server.url}/metrics`)).text();
    expect(text).toContain('tailrace_resources{kind="watch"} 0');
    expect(text).toMatch(/tailrace_nodejs_gc_duration_seconds_bucket\{le="0.002",kind="minor"\} \d+/);
  });

  test('ends cleanly when the server is told to end', async () => {
    const watcher = new Watcher(server.url);
    await until('the first frame', () => watcher.frames.length > 0);
    server.signal('SIGTERM');
    await server.exited();
    expect(watcher.ended).toBe('cleanly');
  });
});

test('a server above its soft limit gives memory back in the stated order, and says each step in its own log', async () => {
  const environment = { TAILRACE_MEMORY_SOFT_BYTES: String(64 * 1024 * 1024), TAILRACE_SOURCES: 'log' };
  const server = await ServerProcess.start({ environment });
  try {
    const step = async () => (await report(server.url)).memory.shed;
    await until('the first step', async () => (await step()) === 'refuse-new');
    const refused = await fetch(`${server.url}/api/stream`, { headers: { accept: 'application/json' } });
    expect(refused.status).toBe(503);
    expect(await refused.json()).toMatchObject({ code: 'memory-pressure' });
    await until('the last step', async () => (await step()) === 'lengthen-frames');
    expect(await server.metric('tailrace_shed_step')).toBe(3);
    let said: string[] = [];
    await until('the log to be in the journal', async () => {
      const page = await (await fetch(`${server.url}/api/events?q=memory%20is%20short`)).json();
      said = (page as { events: { message: string }[] }).events.map(({ message }) => message);
      return said.length >= 3;
    });
    expect(said).toEqual([
      expect.stringContaining('new connections are refused'),
      expect.stringContaining('ring of the newest events is shortened'),
      expect.stringContaining('frames are sent less often'),
    ]);
  } finally {
    await server.stop();
  }
});

test('an operator gets a heap snapshot and a CPU profile that developer tools can open', async () => {
  const server = await ServerProcess.start({ environment: { TAILRACE_DIAGNOSTICS: '1' } });
  const post = (path: string) => fetch(`${server.url}/api/diagnostics/${path}`, { method: 'POST' });
  try {
    // Whichever came first is under way; the other is told to wait.
    const both = await Promise.all([post('cpu-profile?seconds=1'), post('cpu-profile?seconds=1')]);
    expect(both.map(({ status }) => status).sort()).toEqual([200, 429]);
    const profile = (await both.find(({ ok }) => ok)?.json()) as { startTime: number; endTime: number };
    expect(profile.endTime - profile.startTime).toBeGreaterThan(900_000);
    const heap = await post('heap-snapshot');
    expect(heap.headers.get('content-disposition')).toMatch(/filename="tailrace-\d+-.*\.heapsnapshot"/);
    expect((await heap.json()) as unknown).toHaveProperty('snapshot.meta.node_fields');
  } finally {
    await server.stop();
  }
}, 180_000);

test('without the setting there are no diagnostics, and the answer says which', async () => {
  const server = await ServerProcess.start();
  try {
    const response = await fetch(`${server.url}/api/diagnostics/heap-snapshot`, { method: 'POST' });
    expect(response.status).toBe(404);
    expect(await response.json()).toMatchObject({ detail: expect.stringContaining('TAILRACE_DIAGNOSTICS=1') });
  } finally {
    await server.stop();
  }
});
