import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { logAt } from '@/lib/core/testing/arbitraries.ts';
import { makeJournal } from '@/lib/journal/testing/make-journal.ts';
import { connectionQuerySchema } from '@/lib/wire/connection-pages.ts';
import { ConnectionStats } from './connection-stats.ts';
import type { Peer } from './peer.ts';
import type { SessionRules } from './session-clock.ts';
import type { StreamHub } from './stream-hub.ts';
import { makeHub, PEER } from './testing/make-hub.ts';
import { FakeSink } from './testing/model-client.ts';
import { sseFormat } from './wire-format.ts';

let hub: StreamHub | undefined;
beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
});
afterEach(() => {
  hub?.close();
  vi.useRealTimers();
});

async function setUp(rules: Partial<SessionRules> = {}) {
  const { journal, clock } = makeJournal();
  await journal.open();
  const parts = makeHub({
    journal,
    clock,
    rules,
    onError: (error) => {
      throw error;
    },
  });
  hub = parts.hub;
  const open = async (peer: Partial<Peer> = {}, filter = {}) => {
    const sink = new FakeSink();
    const full = { ...PEER, ...peer };
    parts.admission.enter(full, clock.ms);
    const session = parts.hub.open({ filter, start: { kind: 'now' }, speed: undefined }, sseFormat, sink, full);
    sink.events = session;
    await turns();
    return { sink, session };
  };
  /** Lets the clock and the wheel go on together. */
  const pass = (ms: number): void => {
    for (let passedMs = 0; passedMs < ms; passedMs += 250) {
      clock.ms += 250;
      vi.advanceTimersByTime(250);
    }
  };
  return { journal, clock, ...parts, open, pass };
}

const turns = async (): Promise<void> => {
  for (let turn = 0; turn < 10; turn += 1) await Promise.resolve();
};
const byeOf = (sink: FakeSink) => sink.data(sink.names().indexOf('bye'));

test('a client that promised to acknowledge and falls silent is told goodbye and freed', async () => {
  const { hub, ledger, open, pass } = await setUp();
  const silent = await open({ acknowledges: true });
  const native = await open();
  pass(2500);
  silent.session.acknowledge({ position: 'AAAAAAAA.0' }, 0);
  pass(2500);
  expect(hub.connections).toBe(2);
  pass(1500);
  await turns();
  expect(byeOf(silent.sink)).toMatchObject({ code: 2003, reason: 'heartbeat-missed', reconnect: true });
  expect(native.sink.names()).not.toContain('bye');
  expect(hub.closedByReason.get('heartbeat-missed')).toBe(1);
  await new Promise((resolve) => setImmediate(resolve));
  expect([ledger.held('connection'), ledger.leaked]).toEqual([1, 0]);
});

test('a peer that does not even take the goodbye is broken off after a while', async () => {
  const { hub, open, pass } = await setUp({ idleMs: 2000 });
  const { sink, session } = await open();
  sink.end = () => undefined;
  let destroyed = 0;
  sink.destroy = () => {
    destroyed += 1;
    session.onClose('write-failed');
  };
  pass(3000);
  expect(session.life.state).toBe('closing');
  expect(destroyed).toBe(0);
  pass(6000);
  expect(destroyed).toBe(1);
  expect(session.life.state).toBe('closed');
  // The first reason stays.
  expect([...hub.closedByReason]).toEqual([['idle', 1]]);
});

test.each([
  ['idle', { idleMs: 3000 }],
  ['age', { ageMs: 3000 }],
] as const)(
  'a stream that is over by %s ends with a bye, and its last id is an exact place to resume',
  async (reason, rules) => {
    const { journal, open, pass } = await setUp(rules);
    const { sink } = await open();
    await journal.append([logAt('one'), logAt('two')]);
    await vi.waitFor(() => expect(sink.messages()).toEqual(['one', 'two']));
    pass(5000);
    expect(byeOf(sink)).toMatchObject({ reason, reconnect: true });
    expect(sink.frames.findLast(({ id }) => id)?.id).toBe('AAAAAAAA.2');
    expect(sink.ended).toBe(true);
  },
);

test('a kicked client is told not to come back, in a way that a native EventSource understands', async () => {
  const { open } = await setUp();
  const { sink, session } = await open();
  session.dismiss('kicked');
  expect(byeOf(sink)).toMatchObject({ code: 3000, reconnect: false });
  expect(sink.retries.at(-1)).toBe(24 * 3_600_000);
});

test('the story of a connection is kept after its end, and rows can be found and sorted', async () => {
  const { journal, clock, hub, ledger, open, pass } = await setUp();
  const ended: unknown[] = [];
  const resources = ledger.owner('stats');
  const onEnded = (counts: ReadonlyMap<string, number>): void => void ended.push([...counts]);
  const stats = new ConnectionStats({ journal, hub, resources, now: clock.now, onEnded });
  const one = await open({ userAgent: 'curl/8', address: '10.0.0.1' });
  await open({ userAgent: 'Chrome', address: '10.0.0.2', isReturning: true }, { level: 'fatal' });
  await journal.append([logAt('x')]);
  await vi.waitFor(() => expect(one.sink.messages()).toEqual(['x']));
  one.session.acknowledge({ position: 'AAAAAAAA.1', reconnects: 4 }, 1);
  pass(2000);
  const query = (given: object) => stats.page(connectionQuerySchema.parse(given));
  const page = query({ sort: 'events' });
  expect(page.summary).toMatchObject({ open: 2, matching: 2, openedTotal: 2, draining: false });
  expect(page.rows[0]).toMatchObject({
    id: one.session.id,
    address: '10.0.0.1',
    state: 'idle',
    activity: 'live',
    position: 'AAAAAAAA.1',
    lagEvents: 0,
    ackedPosition: 'AAAAAAAA.1',
    ackedLagEvents: 0,
    eventsSent: 1,
    reconnects: 4,
  });
  expect(page.rows[1]).toMatchObject({ filter: { level: 'fatal' }, reconnects: 1, eventsSent: 0 });
  expect(query({ q: 'CURL' }).rows.map((row) => row.userAgent)).toEqual(['curl/8']);
  expect(query({ sort: 'address', order: 'desc', limit: '1' }).rows[0]?.address).toBe('10.0.0.2');
  expect(query({ state: 'live' }).rows).toHaveLength(2);
  expect(query({ state: 'lagging' }).rows).toHaveLength(0);
  one.session.dismiss('disconnected');
  await turns();
  expect(query({ closed: '1', q: 'curl' }).rows[0]).toMatchObject({ state: 'closed', reason: 'disconnected' });
  expect(stats.closed.find(one.session.id)?.steps.map(({ state }) => state)).toEqual([
    'connecting',
    'connected',
    'authenticating',
    'active',
    'active',
    'idle',
    'closing',
    'closed',
  ]);
  stats.sample();
  const sample = stats.samplesSince(0).at(-1);
  expect(sample).toMatchObject({ states: { idle: 1 }, transports: { sse: 1 }, closed: { disconnected: 1 } });
  expect(ended.at(-1)).toEqual([['disconnected', 1]]);
  stats.close();
  expect(ledger.held('timer')).toBe(0);
});

test('ten thousand streams with one filter cost one encoding a frame', async () => {
  const { journal, admission, clock, hub } = await setUp();
  const took: Uint8Array[] = [];
  for (let index = 0; index < 10_000; index += 1) {
    const sink = {
      write: (bytes: Uint8Array) => took.push(bytes) > 0,
      end: () => undefined,
      destroy: () => undefined,
      queuedBytes: 0,
    };
    admission.enter(PEER, clock.ms);
    hub.open({ filter: {}, start: { kind: 'now' }, speed: undefined }, sseFormat, sink, PEER);
  }
  await turns();
  took.length = 0;
  await journal.append([logAt('one for all')]);
  await vi.waitFor(() => expect(took).toHaveLength(10_000));
  expect(new Set(took).size).toBe(1);
  expect(hub.encodedFrames()).toBe(1);
});
