import { afterEach, expect, test } from 'vitest';
import type { Filter } from '@/lib/core/filter.ts';
import { LogStore } from './log-store.ts';
import { TabHub } from './tab-hub.ts';
import { FakeScheduler, settle } from './testing/fake-scheduler.ts';
import { FakeServer, logEvent } from './testing/fake-server.ts';

const disposals: (() => void)[] = [];
afterEach(() => {
  for (const dispose of disposals.splice(0)) dispose();
});

async function setUp(
  events: number,
  options: { filter?: Filter; limit?: number; rowsMax?: number; charsMax?: number } = {},
) {
  const scheduler = new FakeScheduler();
  const server = new FakeServer(scheduler);
  let sent = 0;
  const append = (count: number) => {
    for (let index = 0; index < count; index += 1) {
      sent += 1;
      server.append(logEvent(`m${sent}`, sent % 2 === 0 ? 'api' : 'web'));
    }
  };
  append(events);
  const hub = new TabHub({
    tabId: () => 'tab',
    scheduler,
    fetch: server.fetch,
    isOnline: () => true,
    ports: () => undefined,
    onReport: () => undefined,
    onBatch: () => undefined,
  });
  const { filter = {}, limit = 500, rowsMax = 20_000, charsMax = 1e9 } = options;
  const page = server.page(new URLSearchParams({ limit: String(limit) }));
  const logs = new LogStore(
    { fetch: server.fetch, openView: (spec) => hub.open(spec), limits: { rowsMax, charsMax } },
    { page, filter },
  );
  const detach = logs.attach();
  hub.start();
  disposals.push(() => {
    detach();
    hub.stop('test over');
    server.dispose();
  });
  await scheduler.advance(100);
  const state = () => logs.store.getState();
  const shown = () => state().rows.map((row) => (row.kind === 'marker' ? row.text : row.seq));
  const seqs = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, index) => from + index);
  return { scheduler, server, logs, append, state, shown, seqs, detach };
}

test('the log store shows the page and then what happens, each line once', async () => {
  const { scheduler, append, shown, seqs, state } = await setUp(5);
  append(3);
  await scheduler.advance(100);
  expect(shown()).toEqual(seqs(1, 8));
  expect(new Set(state().rows.map((row) => row.key)).size).toBe(8);
});

test('the log store stands still while paused, counts, and shows everything when it follows again', async () => {
  const { scheduler, append, shown, seqs, state, logs } = await setUp(5);
  logs.pause();
  const { rows } = state();
  append(3);
  await scheduler.advance(100);
  expect(state().rows).toBe(rows);
  expect(state()).toMatchObject({ unseen: 3, following: false });
  logs.follow();
  expect(shown()).toEqual(seqs(1, 8));
  expect(state()).toMatchObject({ unseen: 0, following: true });
});

test('the log store shows the newest contiguous range after more than it can hold, and loads the rest from history', async () => {
  const { scheduler, append, shown, seqs, state, logs } = await setUp(5, { rowsMax: 10 });
  logs.pause();
  append(25);
  await scheduler.advance(100);
  expect(state().unseen).toBe(25);
  logs.follow();
  expect(shown()).toEqual(seqs(21, 30));
  expect(state().older).toBe('idle');
  logs.pause();
  await logs.loadOlder();
  expect(shown()).toEqual(seqs(1, 10));
  append(1);
  await scheduler.advance(100);
  logs.follow();
  expect(shown()).toEqual([31]);
  await logs.loadOlder();
  expect(shown()).toEqual(seqs(22, 31));
});

test('the log store asks history for the newest page when older lines pushed out the newest ones', async () => {
  const { shown, seqs, logs } = await setUp(30, { limit: 10, rowsMax: 10 });
  logs.pause();
  await logs.loadOlder();
  expect(shown()).toEqual(seqs(1, 10));
  logs.follow();
  await settle();
  expect(shown()).toEqual(seqs(21, 30));
});

test('the log store bounds the text it holds', async () => {
  const { scheduler, server, state } = await setUp(0, { charsMax: 5_000 });
  for (let index = 0; index < 20; index += 1) server.append(logEvent('x'.repeat(800)));
  await scheduler.advance(100);
  expect(state().rows).toHaveLength(5);
});

test('the log store loads older pages until there are none', async () => {
  const { shown, seqs, state, logs, server } = await setUp(1_200, { limit: 300 });
  expect(state().older).toBe('idle');
  logs.pause();
  await logs.loadOlder();
  expect(shown()).toEqual(seqs(401, 1_200));
  await logs.loadOlder();
  expect(shown()).toEqual(seqs(1, 1_200));
  expect(state().older).toBe('end');
  const calls = server.calls.length;
  await logs.loadOlder();
  expect(server.calls).toHaveLength(calls);
});

test('the log store says what went wrong with older lines and can be asked again', async () => {
  const { state, logs, server, shown, seqs } = await setUp(20, { limit: 5 });
  server.refuse = () => Response.json({ detail: 'History is read by too many. Wait a moment.' }, { status: 429 });
  await logs.loadOlder();
  expect(state().older).toEqual({ error: 'History is read by too many. Wait a moment.' });
  server.refuse = () => new TypeError('Failed to fetch');
  await logs.loadOlder();
  expect(state().older).toEqual({ error: 'The server cannot be reached. Try again in a moment.' });
  server.refuse = () => undefined;
  logs.retry();
  await settle();
  expect(shown()).toEqual(seqs(1, 20));
});

test('the log store goes over to another filter and follows it from its page', async () => {
  const { scheduler, append, state, logs, server } = await setUp(6);
  logs.setFilter({ services: ['api'] });
  expect(state().loading).toBe(true);
  append(2);
  await scheduler.advance(3_000);
  append(2);
  await scheduler.advance(100);
  expect(state().rows.map((row) => row.kind === 'event' && row.seq)).toEqual([2, 4, 6, 8, 10]);
  expect(state()).toMatchObject({ loading: false, error: undefined, following: true });
  expect(server.urls[0]).toContain('service=api');
});

test('the log store ignores the answer of a filter that has been replaced', async () => {
  const { scheduler, logs, shown, server } = await setUp(4);
  const answers: (() => void)[] = [];
  const { fetch } = server;
  const slow: typeof server.fetch = async (input, init) => {
    if (String(input).includes('q=first')) await new Promise<void>((resolve) => answers.push(resolve));
    return fetch(input, init);
  };
  Object.assign(server, { fetch: slow });
  logs.setFilter({ q: 'first' });
  logs.setFilter({ q: 'm3' });
  for (const answer of answers) answer();
  await scheduler.advance(100);
  expect(shown()).toEqual([3]);
});

test('the log store keeps the old lines and a sentence when the page of a new filter fails', async () => {
  const { logs, server, state, shown } = await setUp(4);
  server.refuse = () => new Response('nonsense', { status: 500 });
  logs.setFilter({ q: 'm2' });
  await settle();
  expect(state()).toMatchObject({ loading: false, error: 'The server answered 500. Try again in a moment.' });
  server.refuse = () => undefined;
  logs.retry();
  await settle();
  expect(shown()).toEqual([2]);
  expect(state().error).toBeUndefined();
});

test('the log store marks where it was reconnected and what that brought', async () => {
  const { scheduler, server, append, shown } = await setUp(2);
  await scheduler.advance(10_000);
  server.cut();
  append(3);
  await scheduler.advance(1_000);
  append(1);
  await scheduler.advance(100);
  expect(shown()).toEqual([1, 2, 3, 4, 5, 'reconnected after 0.4 s · 3 lines caught up · 0 lost', 6]);
});

test('the log store marks a gap and a new journal at their places', async () => {
  const { scheduler, server, append, shown, state, logs } = await setUp(2);
  await scheduler.advance(10_000);
  server.cut();
  append(5);
  server.retained = 5;
  await scheduler.advance(1_000);
  expect(shown().slice(2, 5)).toEqual(['gap · 3 events missing · their retention was over', 6, 7]);
  server.reset('EpochBB2');
  append(1);
  await scheduler.advance(1_000);
  expect(shown().slice(6, 8)).toEqual(['a new journal begins here · the journal began anew', 1]);
  expect(new Set(state().rows.map((row) => row.key)).size).toBe(state().rows.length);
  await logs.loadOlder();
  expect(state().older).toBe('end');
});

test('the log store catches up on what happened between leaving and coming back', async () => {
  const { scheduler, append, shown, seqs, detach, logs } = await setUp(2);
  detach();
  append(4);
  await scheduler.advance(5_000);
  const again = logs.attach();
  await scheduler.advance(500);
  expect(shown()).toEqual(seqs(1, 6));
  again();
});
