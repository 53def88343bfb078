import { readdirSync } from 'node:fs';
import { expect, test } from 'vitest';
import { EventFactory } from './support/events.ts';
import { type InProcessServer, startInProcess, type Transport } from './support/in-process-server.ts';
import { publish } from './support/ingest-client.ts';
import { type Random, withSeed } from './support/random.ts';
import { type ServerKind, ServerProcess } from './support/server-process.ts';
import { SseClient } from './support/sse-client.ts';
import { until } from './support/wait.ts';

const COUNTS: readonly [Transport, number][] = [
  ['socket', 5000],
  ['web', 1500],
];
const FILTERS = ['', '?kind=log', '?service=api', '?level=warn', '?q=timeout', '?from=-1h', '?from=-1h&speed=1'];

/** What a connection may hold in this process, counted by kind: Node names the handles behind it. */
function held(): { timers: number; sockets: number; files: number } {
  const resources = process.getActiveResourcesInfo();
  const timers = resources.filter((name) => name === 'Timeout').length;
  const sockets = resources.filter((name) => name === 'TCPSocketWrap').length;
  return { timers, sockets, files: readdirSync('/proc/self/fd').length };
}

/** Connects and breaks off at a random moment: before the answer, in the first frame, in the replay, or live. */
async function visit(url: string, random: Random): Promise<void> {
  const bytes = random.pick([1, 50, 300, 600, 2000, 50_000]);
  let live = false;
  const client = new SseClient(url, {
    query: random.pick(FILTERS),
    keepFrames: false,
    cutAfterBytes: () => bytes,
    onFrame: ({ event }) => {
      live ||= event === 'live';
    },
  });
  if (random.next() < 0.2) client.cut();
  await until('the first frame', () => client.ledger.cursor >= 0 || client.ended > 0);
  if (random.next() < 0.5) await until('it to be live', () => live || client.ended > 0);
  client.cut();
  await until('the end', () => client.ended > 0);
  client.close();
}

async function visitOften(url: string, count: number, random: Random): Promise<void> {
  let left = count;
  const visitors = Array.from({ length: 50 }, async () => {
    while (left-- > 0) await visit(url, random);
  });
  await Promise.all(visitors);
}

async function expectReleased(server: InProcessServer, before: ReturnType<typeof held>): Promise<void> {
  const { hub } = server.runtime;
  await until('the hub to be empty', () => hub.connections === 0 && hub.groups === 0);
  // Keep-alive sockets of the test's own posts come and go by a few.
  const slack = 8;
  await until('handles to be released', () => {
    const now = held();
    return (
      now.timers <= before.timers + slack && now.sockets <= before.sockets + slack && now.files <= before.files + slack
    );
  });
}

test.each(COUNTS)('on the %s transport %i connections that break off leave nothing behind', (transport, count) =>
  withSeed(async (random) => {
    const warnings: string[] = [];
    const onWarning = (warning: Error): void => void warnings.push(warning.message);
    process.on('warning', onWarning);
    const server = await startInProcess(transport, { TAILRACE_CONNECTIONS_MAX: '200', TAILRACE_HEARTBEAT_MS: '1000' });
    try {
      const factory = new EventFactory(random);
      await publish(server.url, factory.many(500));
      await visitOften(server.url, 100, random);
      await until('the hub to be empty', () => server.runtime.hub.connections === 0);
      const before = held();
      let sending = true;
      const sender = (async () => {
        while (sending) await publish(server.url, factory.many(10));
      })();
      await visitOften(server.url, count, random);
      sending = false;
      await sender;
      await expectReleased(server, before);
      expect(server.runtime.ledger.leaks).toEqual([]);
      expect(warnings.filter((message) => message.includes('leak'))).toEqual([]);
      const { opened, closedByReason } = server.runtime.hub;
      expect([...closedByReason.values()].reduce((sum, closed) => sum + closed, 0)).toBe(opened);
    } finally {
      process.off('warning', onWarning);
      await server.close();
    }
  }),
);

test('nor do a thousand that break off under next start', () =>
  withSeed(async (random) => {
    const server = await ServerProcess.start({ kind: 'next' });
    const files = (): number => readdirSync(`/proc/${server.pid}/fd`).length;
    try {
      await publish(server.url, new EventFactory(random).many(500));
      await visitOften(server.url, 50, random);
      const before = files();
      await visitOften(server.url, 1000, random);
      await until('the streams to end', async () => (await server.metric('tailrace_connections')) === 0);
      await until('the files to be closed', () => files() <= before + 8);
    } finally {
      await server.stop();
    }
  }));

test.each<ServerKind>(['npm', 'next'])(
  'HEAD tells the headers of a stream and leaves none behind (%s start)',
  async (kind) => {
    const server = await ServerProcess.start({ kind });
    try {
      const asked = Array.from({ length: 20 }, () => fetch(`${server.url}/api/stream`, { method: 'HEAD' }));
      for (const response of await Promise.all(asked)) {
        expect(response.status).toBe(200);
        expect(response.headers.get('content-type')).toContain('text/event-stream');
      }
      expect((await fetch(`${server.url}/api/stream?level=loud`, { method: 'HEAD' })).status).toBe(400);
      expect(await server.metric('tailrace_connections')).toBe(0);
      expect(await server.metric('tailrace_streams_opened_total')).toBe(0);
    } finally {
      await server.stop();
    }
  },
);
