import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { AppError } from '@/lib/core/errors.ts';
import { logAt } from '@/lib/core/testing/arbitraries.ts';
import { GuardedHistory } from './guarded-history.ts';
import type { ReadQuery } from './history-port.ts';
import { StoreError } from './store-error.ts';
import { Appender } from './testing/batches.ts';
import { historyContract } from './testing/history-contract.ts';
import { MemoryHistory } from './testing/memory-history.ts';
import { T0 } from './testing/reading.ts';
import { temporaryGuarded } from './testing/temporary-stores.ts';

// Appending has a test that fails on purpose, often enough to open the breaker.
historyContract('GuardedHistory', temporaryGuarded, ['opening', 'reading', 'retention']);

const QUERY: ReadQuery = { filter: {}, direction: 'forward', from: 0, limit: 10 };

async function setUp() {
  const store = new MemoryHistory();
  const failures: string[] = [];
  const history = new GuardedHistory(store, {
    slowMs: 100,
    timeoutMs: 1000,
    cooldownMs: 2000,
    now: Date.now,
    random: () => 0,
    onFailure: (method) => failures.push(method),
  });
  await history.open();
  const appender = new Appender(history);
  const append = () => appender.append([logAt('m')], T0);
  const outcome = (call: Promise<unknown>) =>
    call.then(
      () => 'done',
      (error: unknown) => (error instanceof StoreError ? error.outcome : error),
    );
  return { store, history, append, outcome, failures };
}

describe('with time in hand', () => {
  beforeEach(() => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'Date', 'performance'] });
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  const delay = (store: MemoryHistory, ms: number): void => {
    store.pause = () => new Promise((resolve) => setTimeout(resolve, ms));
  };

  test('a call that misses its deadline has failed, and what comes of it later is of no interest', async () => {
    const { store, history, append, outcome } = await setUp();
    const restarts: Error[] = [];
    Object.assign(store, { restart: (cause: Error) => restarts.push(cause) });
    delay(store, 1500);
    const call = outcome(append());
    await vi.advanceTimersByTimeAsync(1000);
    expect(await call).toBe('unknown');
    expect(restarts).toHaveLength(1);
    await vi.advanceTimersByTimeAsync(1000);
    expect(store.headSeq).toBe(1);
    expect(history.counts).toMatchObject({ calls: 1, failures: 1 });
    expect(vi.getTimerCount()).toBe(0);
  });

  test('a late failure after the deadline is no unhandled rejection', async () => {
    const { store, append, outcome } = await setUp();
    store.failNext = ['before'];
    delay(store, 1500);
    const call = outcome(append());
    await vi.advanceTimersByTimeAsync(3000);
    expect(await call).toBe('unknown');
  });

  test('after half a cool-down all is refused, after a whole one an append is the probe', async () => {
    const { store, history, append, outcome, failures } = await setUp();
    store.isDown = true;
    for (let call = 0; call < 3; call += 1) expect(await outcome(append())).toBe('failed');
    expect(failures).toEqual(['append', 'append', 'append']);
    store.isDown = false;
    await vi.advanceTimersByTimeAsync(1000);
    const refused = await history.read(QUERY).catch((error: unknown) => error);
    expect(refused).toMatchObject({
      name: 'AppError',
      code: 'storage-unavailable',
      outcome: 'refused',
      retryAfterS: 1,
    });
    expect(await outcome(append())).toBe('refused');
    await vi.advanceTimersByTimeAsync(1000);
    expect(await outcome(history.read(QUERY))).toBe('done');
    expect(history.breaker.state).toBe('half-open');
    store.failNext = ['before'];
    expect(await outcome(append())).toBe('failed');
    expect(history.breaker.state).toBe('open');
    expect(history.counts).toEqual({ calls: 5, failures: 4, refused: 2, slow: 0 });
  });

  test('slow appends open it, slow reads never do, and both are listed with what they were about', async () => {
    const { store, history, append } = await setUp();
    delay(store, 150);
    const read = { ...QUERY, filter: { q: 'x'.repeat(100) } };
    for (let call = 0; call < 10; call += 1) {
      const reading = history.read(read);
      await vi.advanceTimersByTimeAsync(150);
      await reading;
    }
    expect(history.breaker.report()).toMatchObject({ state: 'closed', calls: 0 });
    for (let call = 0; call < 5; call += 1) {
      const appending = append();
      await vi.advanceTimersByTimeAsync(150);
      await appending;
    }
    expect(history.breaker.state).toBe('open');
    const [newest, ...older] = history.slowCalls();
    expect(newest).toMatchObject({ method: 'append', tookMs: 150, failed: false });
    expect(newest?.detail).toMatch(/^1 events from 5, \d+ bytes, 0 samples$/);
    expect(older.at(-1)?.detail).toMatch(/^forward from 0, 10 rows at most, \{"q":"x+…$/);
    expect(older.at(-1)?.detail.length).toBeLessThan(120);
    expect(history.quantiles()).toEqual({ p50Ms: 150, p95Ms: 150, p99Ms: 150 });
    expect(history.counts.slow).toBe(15);
  });

  test('only the newest fifty slow calls are kept', async () => {
    const { store, history } = await setUp();
    delay(store, 101);
    for (let call = 0; call < 60; call += 1) {
      const reading = history.read({ ...QUERY, from: call });
      await vi.advanceTimersByTimeAsync(101);
      await reading;
    }
    const kept = history.slowCalls();
    expect(kept).toHaveLength(50);
    expect([kept[0]?.detail, kept[49]?.detail].map((detail) => detail?.split(',')[0])).toEqual([
      'forward from 59',
      'forward from 10',
    ]);
  });
});

test('reads that fail do not open it, appends that fail do, and reads that work cannot outvote them', async () => {
  const { store, history, append, outcome } = await setUp();
  store.isDown = true;
  for (let call = 0; call < 10; call += 1) expect(await outcome(history.read(QUERY))).toBe('failed');
  expect(history.breaker.state).toBe('closed');
  store.isDown = false;
  store.failNext = ['before', 'before', 'before'];
  for (let call = 0; call < 3; call += 1) {
    for (let read = 0; read < 5; read += 1) expect(await outcome(history.read(QUERY))).toBe('done');
    expect(await outcome(history.bounds())).toBe('done');
    expect(await outcome(append())).toBe('failed');
  }
  expect(history.breaker.state).toBe('open');
});

test('a wrong request and a caller who leaves say nothing about the store', async () => {
  const { store, history } = await setUp();
  const wrong = new AppError('bad-request', 'expected something else');
  store.bounds = () => Promise.reject(wrong);
  for (let call = 0; call < 5; call += 1) await expect(history.bounds()).rejects.toBe(wrong);
  const controller = new AbortController();
  store.read = (_query: ReadQuery, signal?: AbortSignal) =>
    new Promise((_resolve, reject) => signal?.addEventListener('abort', () => reject(signal.reason)));
  const reading = history.read(QUERY, controller.signal);
  controller.abort('left');
  await expect(reading).rejects.toBe('left');
  expect(history.counts.failures).toBe(0);
  expect(history.breaker.state).toBe('closed');
});

test('a sentence goes to the client, the cause stays for the log', async () => {
  const { store, history } = await setUp();
  store.isDown = true;
  const error = await history.read(QUERY).catch((caught: unknown) => caught);
  expect(error).toMatchObject({ message: 'the history store failed; try again later', retryAfterS: 2 });
  expect((error as Error).cause).toMatchObject({ message: 'no such disk' });
});
