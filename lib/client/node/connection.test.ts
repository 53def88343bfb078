import fc from 'fast-check';
import { afterEach, expect, test } from 'vitest';
import type { ClientTransport } from '@/lib/core/client-transport.ts';
import type { StreamedEvent } from '@/lib/core/event.ts';
import type { Filter } from '@/lib/core/filter.ts';
import { encodeControl, encodeEvents } from '@/lib/wire/sse.ts';
import { makeReaders } from '../stream-readers.ts';
import { FakeScheduler, settle } from '../testing/fake-scheduler.ts';
import { FakeServer, logEvent } from '../testing/fake-server.ts';
import { Connection } from './connection.ts';
import { INBOX, type Inbox } from './inbox.ts';
import { type ConnectionItem, type ConnectionReport, StreamEndedError, StreamGapError } from './items.ts';
import { gated } from './node-environment.ts';
import { StreamLoop } from './stream-loop.ts';

const disposals: (() => void)[] = [];
afterEach(() => {
  for (const dispose of disposals.splice(0)) dispose();
});

type SetUp = {
  readonly from?: string;
  readonly filter?: Filter;
  readonly transports?: readonly ClientTransport[];
  readonly signal?: AbortSignal;
  readonly server?: FakeServer;
  /** Before the connection is made, which asks at once. */
  readonly prepare?: (server: FakeServer) => void;
};

/** A WebSocket of the fake server cannot be told to wait: here that transport is another name of the first. */
function setUp({ from, filter = {}, transports = ['sse'], signal, server: other, prepare }: SetUp = {}) {
  const scheduler = other?.scheduler ?? new FakeScheduler();
  const server = other ?? new FakeServer(scheduler);
  prepare?.(server);
  const reports: ConnectionReport[] = [];
  let inbox: Inbox<ConnectionItem> | undefined;
  const connection = new Connection({
    signal,
    makeLoop(given) {
      inbox = given;
      const get: typeof fetch = async (path, init) => {
        const response = await server.fetch(path, init);
        return response.ok && response.body
          ? gated(response, response.body, given, init?.signal ?? undefined)
          : response;
      };
      const made = makeReaders({ fetch: get, baseUrl: '' });
      const readers = { ...made, ws: { ...made.sse, name: 'ws' as const } };
      const onReport = (report: ConnectionReport): void => void reports.push(report);
      return new StreamLoop({ filter, from, transports, readers, fetch: get, scheduler, inbox: given, onReport });
    },
  });
  disposals.push(() => {
    connection.close();
    if (!other) server.dispose();
  });
  const waiting = (): number => inbox?.length ?? 0;
  const states = () => reports.map(({ state }) => state).filter((state, i, all) => state !== all[i - 1]);
  return { scheduler, server, connection, states, waiting };
}

const named = (from: number, to: number) =>
  Array.from({ length: to - from + 1 }, (_, index) => logEvent(`m${from + index}`));
const names = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, index) => `m${from + index}`);
const nameOf = (event: StreamedEvent): string => (event.kind === 'log' ? event.message : event.name);

/** Takes for as long as there is something; what it throws at the end is kept. */
function collect(events: AsyncIterable<StreamedEvent>) {
  const taken: string[] = [];
  const result: { error?: unknown; ended: boolean } = { ended: false };
  const run = async (): Promise<void> => {
    for await (const event of events) taken.push(nameOf(event));
  };
  const running = run().then(
    () => {
      result.ended = true;
    },
    (error: unknown) => {
      result.error = error;
    },
  );
  return { taken, result, running };
}

test('a connection replays from a position, turns live, and says so between the events', async () => {
  const { scheduler, server, connection, states } = setUp({
    from: 'EpochAA1.2',
    filter: { kind: 'log' },
    prepare: (made) => made.append(...named(1, 4)),
  });
  const items: string[] = [];
  const reading = (async () => {
    for await (const item of connection) items.push(item.type === 'event' ? nameOf(item.event) : item.type);
  })();
  await scheduler.advance(10);
  server.append(...named(5, 5));
  await scheduler.advance(10);
  expect(items).toEqual(['m3', 'm4', 'live', 'm5']);
  expect(states()).toEqual(['connecting', 'replaying', 'live']);
  expect(server.calls[0]?.url).toBe('/api/stream?kind=log&from=EpochAA1.2&ack=1');
  expect(connection.report).toMatchObject({ received: 3, lost: 0, repeated: 0, reconnects: 0, transport: 'sse' });
  connection.close();
  await reading;
});

test('a place that is no position is asked for until there was an answer, then the cursor takes over', async () => {
  const { scheduler, server, connection } = setUp({
    from: '-15m',
    prepare: (made) => {
      made.refuse = () => new TypeError('fetch failed');
    },
  });
  await scheduler.advance(100);
  server.refuse = () => undefined;
  const { taken } = collect(connection.events());
  await scheduler.advance(2_000);
  server.append(...named(1, 1));
  server.cut();
  await scheduler.advance(2_000);
  expect(server.calls.map(({ url }) => url)).toEqual([
    '/api/stream?from=-15m&ack=1',
    '/api/stream?from=-15m&ack=1',
    '/api/stream?ack=1',
  ]);
  expect(server.calls[2]?.headers).toMatchObject({ 'Last-Event-ID': expect.stringMatching(/^EpochAA1\.\d$/) });
  expect(taken).toEqual([]);
  expect(connection.report.lost).toBe(0);
});

test('every event comes once and in order, through random cuts, pauses of the reader and changes of transport', async () => {
  const action = fc.oneof(
    {
      weight: 4,
      arbitrary: fc.record({ do: fc.constant('append' as const), count: fc.integer({ min: 1, max: 900 }) }),
    },
    { weight: 2, arbitrary: fc.record({ do: fc.constantFrom('cut' as const, 'pause' as const, 'resume' as const) }) },
    {
      weight: 2,
      arbitrary: fc.record({ do: fc.constant('switch' as const), to: fc.constantFrom('sse', 'ws', 'http', 'poll') }),
    },
    { weight: 1, arbitrary: fc.record({ do: fc.constant('wait' as const), ms: fc.integer({ min: 1, max: 40_000 }) }) },
  );
  await fc.assert(
    fc.asyncProperty(
      fc.array(action, { minLength: 3, maxLength: 25 }),
      fc.array(fc.integer({ min: 1, max: 70_000 }), { minLength: 1, maxLength: 4 }),
      fc.array(fc.integer({ min: 0, max: 60_000 }), { maxLength: 6 }),
      async (actions, pieces, cuts) => {
        const { scheduler, server, connection, waiting } = setUp({ from: 'EpochAA1.0' });
        let piece = 0;
        server.pieces = () => pieces[piece++ % pieces.length] ?? 1;
        server.breaksAfter = () => cuts.shift() ?? Number.POSITIVE_INFINITY;
        const taken: string[] = [];
        let go = Promise.resolve();
        let resume = (): void => undefined;
        const reading = (async () => {
          for await (const event of connection.events()) {
            taken.push(nameOf(event));
            expect(connection.cursor).toBe(event.position);
            await go;
          }
        })();
        let sent = 0;
        for (const step of actions) {
          if (step.do === 'append') {
            server.append(...named(sent + 1, sent + step.count));
            sent += step.count;
          }
          if (step.do === 'cut') server.cut();
          if (step.do === 'switch') connection.switchTransport(step.to as ClientTransport);
          if (step.do === 'pause') {
            resume();
            go = new Promise((resolve) => {
              resume = resolve;
            });
          }
          if (step.do === 'resume') resume();
          await scheduler.advance(step.do === 'wait' ? step.ms : 50);
          // A full inbox still takes what one piece of 64 KiB brings.
          expect(waiting()).toBeLessThan(INBOX.itemsMax + 700);
        }
        resume();
        go = Promise.resolve();
        await scheduler.advance(200_000);
        while (taken.length < sent && waiting() > 0) await settle();
        await scheduler.advance(1_000);
        expect(taken).toEqual(names(1, sent));
        expect(connection.report).toMatchObject({ lost: 0, repeated: 0, received: sent });
        connection.close();
        await reading;
        server.dispose();
      },
    ),
    { numRuns: 60, seed: 21 },
  );
}, 60_000);

test('a reader that takes nothing stops the reading of the line, and then goes on without a loss', async () => {
  const { scheduler, server, connection, waiting } = setUp({ from: 'EpochAA1.0' });
  server.pieces = () => 16 * 1024;
  server.append(...named(1, 50_000));
  await scheduler.advance(100);
  const held = waiting();
  expect(held).toBeGreaterThanOrEqual(INBOX.itemsMax);
  expect(held).toBeLessThan(INBOX.itemsMax + 200);
  // Longer than any heartbeat may be late: nobody reads, so nobody can say that the line is silent.
  await scheduler.advance(120_000);
  expect(waiting()).toBe(held);
  expect(server.calls).toHaveLength(1);
  const { taken } = collect(connection.events());
  while (taken.length < 50_000 && server.open > 0) await settle();
  expect(taken).toEqual(names(1, 50_000));
  expect(connection.report).toMatchObject({ lost: 0, repeated: 0, reconnects: 0, state: 'live' });
});

test('large events fill the inbox by their bytes', async () => {
  const { scheduler, server, waiting } = setUp({ from: 'EpochAA1.0' });
  server.pieces = () => 16 * 1024;
  server.append(...Array.from({ length: 500 }, () => logEvent('x'.repeat(50_000))));
  await scheduler.advance(100);
  expect(waiting()).toBeGreaterThan(15);
  expect(waiting()).toBeLessThan(24);
});

test('the cursor counts what was handed out, not what was read: from there the very next event comes', async () => {
  const first = setUp({ from: 'EpochAA1.0' });
  first.server.append(...named(1, 20));
  await first.scheduler.advance(10);
  let token: string | undefined;
  for await (const event of first.connection.events()) {
    if (nameOf(event) === 'm7') {
      token = first.connection.cursor;
      break;
    }
  }
  expect(token).toBe('EpochAA1.7');
  expect(first.server.open).toBe(0);
  const second = setUp({ from: token ?? '', server: first.server });
  const { taken } = collect(second.connection.events());
  await first.scheduler.advance(10);
  expect(taken).toEqual(names(8, 20));
});

test('an idle, filtered stream moves the cursor on by its heartbeats', async () => {
  const { scheduler, server, connection } = setUp({ from: 'EpochAA1.0', filter: { services: ['nobody'] } });
  collect(connection.events());
  await scheduler.advance(10);
  server.append(...named(1, 9));
  await scheduler.advance(15_100);
  expect(connection.cursor).toBe('EpochAA1.9');
});

test('a gap ends the simple loop with a typed error, and the next loop goes on behind it', async () => {
  const { scheduler, connection } = setUp({
    from: 'EpochAA1.2',
    prepare: (made) => {
      made.append(...named(1, 9));
      made.retained = 6;
    },
  });
  const before = collect(connection.events());
  await scheduler.advance(10);
  expect(before.taken).toEqual([]);
  expect(before.result.error).toBeInstanceOf(StreamGapError);
  expect(before.result.error).toMatchObject({
    isReset: false,
    gap: { from: 'EpochAA1.2', to: 'EpochAA1.6', missed: 4, reason: 'retention' },
    message: '4 events are missing between EpochAA1.2 and EpochAA1.6 (retention)',
  });
  expect(connection.cursor).toBe('EpochAA1.6');
  const after = collect(connection.events());
  await scheduler.advance(10);
  expect(after.taken).toEqual(names(7, 9));
  expect(connection.report.lost).toBe(4);
});

test('a handler takes gaps and resets without an end of the loop', async () => {
  const { scheduler, server, connection } = setUp({ from: 'EpochAA1.0' });
  server.append(...named(1, 2));
  const gaps: [boolean, string][] = [];
  const onGap = ({ isReset, gap }: StreamGapError): void => void gaps.push([isReset, gap.to]);
  const { taken } = collect(connection.events({ onGap }));
  await scheduler.advance(10);
  server.reset('EpochBB2');
  server.append(...named(3, 3));
  await scheduler.advance(2_000);
  server.append(...named(4, 4));
  await scheduler.advance(10);
  expect(gaps).toEqual([[true, 'EpochBB2.0']]);
  expect(taken).toEqual(names(1, 4));
});

test('a break that the server does not announce is found by the proof, and handed out as a gap in its place', async () => {
  const { scheduler, server, connection } = setUp({ from: 'EpochAA1.0' });
  const items: unknown[] = [];
  void (async () => {
    for await (const item of connection)
      if (item.type !== 'live') items.push(item.type === 'event' ? nameOf(item.event) : item);
  })();
  await scheduler.advance(10);
  const entry = (seq: number) => ({ seq, kind: 'log', body: JSON.stringify(logEvent(`m${seq}`)) });
  server.send(encodeEvents('EpochAA1', 0, [entry(1), entry(2)]));
  server.send(encodeEvents('EpochAA1', 6, [entry(7)]));
  server.send(encodeEvents('EpochAA1', 1, [entry(2)]));
  await scheduler.advance(10);
  const gap = { from: 'EpochAA1.2', to: 'EpochAA1.6', missed: 4, reason: 'unannounced' };
  expect(items).toEqual(['m1', 'm2', { type: 'gap', gap }, 'm7']);
  expect(connection.report).toMatchObject({ lost: 4, repeated: 1 });
});

test.each([
  [
    '204',
    (server: FakeServer) => {
      server.refuse = () => new Response(null, { status: 204 });
      server.cut();
    },
    /asked to stop \(204\)/,
  ],
  [
    'a bye that says not to come back',
    (server: FakeServer) => {
      const bye = encodeControl('bye', { code: 3000, reason: 'kicked', reconnect: false, retryMs: 0 });
      // What follows a farewell in the same piece is for nobody.
      const late = encodeEvents('EpochAA1', 2, [{ seq: 3, kind: 'log', body: JSON.stringify(logEvent('m3')) }]);
      server.send(Buffer.concat([bye, late]));
    },
    /an operator closed the connection for good/,
  ],
])('%s ends the loop with a typed error after what came before', async (_, end, cause) => {
  const { scheduler, server, connection, states } = setUp({ from: 'EpochAA1.0' });
  const { taken, result } = collect(connection.events());
  await scheduler.advance(10);
  server.append(...named(1, 2));
  end(server);
  await scheduler.advance(5_000);
  expect(taken).toEqual(names(1, 2));
  expect(result.error).toBeInstanceOf(StreamEndedError);
  expect(String(result.error)).toMatch(cause);
  expect(states().at(-1)).toBe('closed');
  expect(connection.report.received).toBe(2);
  expect(scheduler.timers).toBe(1);
});

test('a server that is busy or answers 503 is asked again when it said, not before', async () => {
  const { scheduler, server, connection } = setUp({
    from: 'EpochAA1.0',
    prepare: (made) => {
      made.refuse = () => new Response(null, { status: 503, headers: { 'Retry-After': '30' } });
    },
  });
  await scheduler.advance(29_000);
  expect(server.calls).toHaveLength(1);
  expect(connection.report).toMatchObject({ state: 'waiting', cause: 'the server answered 503' });
  server.refuse = () => undefined;
  await scheduler.advance(2_000);
  expect(connection.report.state).toBe('live');
  server.send(encodeControl('bye', { code: 2000, reason: 'draining', reconnect: true, retryMs: 9_000 }));
  await scheduler.advance(8_900);
  expect(server.calls).toHaveLength(2);
  await scheduler.advance(1_000);
  expect(server.calls).toHaveLength(3);
  expect(connection.report).toMatchObject({ state: 'live', reconnects: 1 });
});

test('a transport that does not work gives way to the next, and the one that does stays', async () => {
  const { scheduler, server, connection } = setUp({
    from: 'EpochAA1.0',
    transports: ['sse', 'http', 'poll'],
    prepare: (made) => {
      made.treats = (transport) => (transport === 'sse' ? 'refused' : 'through');
    },
  });
  const tried = () => server.calls.map(({ url }) => url.split('?', 1)[0]);
  await scheduler.advance(60_000);
  expect(tried()).toEqual([...Array(3).fill('/api/stream'), '/api/poll']);
  server.cut();
  await scheduler.advance(5_000);
  expect(tried().slice(4)).toEqual(['/api/poll']);
  expect(connection.report).toMatchObject({ transport: 'http', state: 'live', lost: 0 });
});

test('a silent line is given up after the promised rhythm and a slack', async () => {
  const { scheduler, server, connection } = setUp({ from: 'EpochAA1.0' });
  await scheduler.advance(10);
  server.mute = true;
  server.heartbeat = () => undefined;
  await scheduler.advance(24_000);
  expect(connection.report.state).toBe('live');
  await scheduler.advance(3_000);
  expect(connection.report).toMatchObject({ state: 'connecting', attempt: 1 });
});

test.each(['close', 'signal', 'break'] as const)('ended by %s it holds no line, no timer and no loop', async (how) => {
  const stop = new AbortController();
  const { scheduler, server, connection } = setUp({ from: 'EpochAA1.0', signal: stop.signal });
  server.append(...named(1, 3_000));
  let ended = false;
  void (async () => {
    for await (const event of connection.events()) if (how === 'break' && nameOf(event) === 'm3000') break;
    ended = true;
  })();
  await scheduler.advance(10);
  if (how === 'close') connection.close();
  if (how === 'signal') stop.abort();
  await scheduler.advance(10);
  expect(ended).toBe(true);
  expect(server.open).toBe(0);
  // The fake server's own heartbeat.
  expect(scheduler.timers).toBe(1);
  expect(connection.report.state).toBe('closed');
  expect(await connection.events().next()).toEqual({ done: true, value: undefined });
});

test('a connection whose signal was aborted before never asks', async () => {
  const { scheduler, server, connection } = setUp({ signal: AbortSignal.abort() });
  await scheduler.advance(10);
  expect(server.calls).toEqual([]);
  expect(await connection.events().next()).toMatchObject({ done: true });
});

test('two readers of one connection are refused: they would share its events', async () => {
  const { connection } = setUp({ from: 'EpochAA1.0' });
  const first = connection.events().next();
  await expect(connection.events().next()).rejects.toThrow('being read already');
  connection.close();
  await first;
});
