import { expect, test } from 'vitest';
import { byeFrameSchema } from '@/lib/wire/frames.ts';
import { NO_FAULTS } from './support/continuity-ledger.ts';
import { EventFactory } from './support/events.ts';
import { publish } from './support/ingest-client.ts';
import { Random } from './support/random.ts';
import { type ServerKind, ServerProcess } from './support/server-process.ts';
import { SseClient } from './support/sse-client.ts';
import { until } from './support/wait.ts';

/** A route handler costs several times as much for each stream, so a crowd of the same size would only test patience. */
type Kind = Exclude<ServerKind, 'gateway'>;
const CROWDS: readonly [Kind, number][] = [
  ['npm', 2000],
  ['next', 300],
];
/** Orchestrators kill after 30 s. */
const EXIT_MS_MAX = 25_000;
/** `next start` ends with 128 + 15 by its own choice. */
const CODES: Readonly<Record<Kind, readonly number[]>> = { npm: [0], next: [0, 143] };

test.each(CROWDS)('SIGTERM (%s start) says goodbye to each of %i streams and ends in time', async (kind, count) => {
  const server = await ServerProcess.start({ kind, environment: { TAILRACE_DRAIN_MS: '1000' } });
  const streams = Array.from({ length: count }, () => new SseClient(server.url, { query: '?from=-1h' }));
  const stuck = new SseClient(server.url);
  try {
    await until('all streams', () => [...streams, stuck].every(({ ledger }) => ledger.cursor >= 0));
    stuck.pause();
    const events = new EventFactory(new Random(91)).many(200);
    await publish(server.url, events);
    for (const stream of streams) await stream.events(events.length);
    const startedAt = performance.now();
    server.signal('SIGTERM');
    const code = await server.exited(EXIT_MS_MAX);
    expect(performance.now() - startedAt).toBeLessThan(EXIT_MS_MAX);
    expect(CODES[kind], server.output).toContain(code);
    expect(server.output).not.toContain('not released');
    for (const stream of streams) {
      await until('the end', () => stream.ended === 1);
      expect(stream.failure).toBeUndefined();
      expect(stream.ledger.faults).toEqual(NO_FAULTS);
      const bye = byeFrameSchema.parse(stream.named('bye')[0]);
      expect(bye).toMatchObject({ code: 2000, reconnect: true });
      expect(stream.frames.at(-1)?.event).toBe('bye');
      expect(stream.endedCleanly).toBe(1);
    }
    // A crowd that is sent away together must not come back together.
    const delays = new Set(streams.map((stream) => stream.named('bye')[0]?.['retryMs']));
    expect(delays.size).toBeGreaterThan(count / 10);
  } finally {
    for (const stream of [...streams, stuck]) stream.close();
    await server.stop();
  }
});

test.each<ServerKind>(['npm', 'next'])(
  'SIGTERM lets a request that is being stored finish (%s start)',
  async (kind) => {
    const server = await ServerProcess.start({ kind });
    try {
      const factory = new EventFactory(new Random(92));
      const requests = Array.from({ length: 10 }, () => publish(server.url, factory.many(3000)));
      await until('some of it', async () => (await server.metric('tailrace_journal_head_seq')) > 0);
      server.signal('SIGTERM');
      const answers = await Promise.allSettled(requests);
      await server.exited(EXIT_MS_MAX);
      const acknowledged = answers.filter(({ status }) => status === 'fulfilled').length * 3000;
      const second = await ServerProcess.start({ kind, dataDir: server.dataDir });
      const head = await second.metric('tailrace_journal_head_seq');
      await second.stop();
      expect(head).toBeGreaterThanOrEqual(acknowledged);
      expect(acknowledged).toBe(30_000);
    } finally {
      await server.stop();
    }
  },
);
