import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { ResourceLedger } from '@/lib/core/ledger.ts';
import type { HistoryStore } from '@/lib/history/history-port.ts';
import { type ChaosReport, faultSchema } from '@/lib/wire/chaos.ts';
import { FaultyHistory } from './faulty-history.ts';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

const { signal } = new AbortController();
/** Each method with as many arguments as it takes. */
const CALLS = {
  open: [{ lostEpoch: 'AAAAAAAA' }],
  append: ['a batch'],
  read: ['a query', signal],
  bounds: [],
  seqAtTime: [7, signal],
  receipts: [['a key'], signal],
  queryMetrics: ['a query', signal],
  retain: ['limits', 9],
};
type Method = keyof typeof CALLS;
const METHODS = Object.keys(CALLS) as Method[];

/** A store that notes its calls and answers with their name. */
function notingStore(calls: unknown[][]): HistoryStore {
  const note =
    (name: string) =>
    async (...given: unknown[]) => {
      calls.push([name, ...given]);
      return name;
    };
  return Object.fromEntries([...METHODS, 'close'].map((name) => [name, note(name)])) as unknown as HistoryStore;
}

function setUp(restart?: (cause: Error) => void) {
  const ledger = new ResourceLedger(Date.now);
  const calls: unknown[][] = [];
  const store: HistoryStore = { ...notingStore(calls), ...(restart && { restart }) };
  const history = new FaultyHistory({ store, now: Date.now, owner: ledger.owner('chaos') });
  const apply = (...modes: { mode: string; delayMs?: number }[]): void => {
    const active: ChaosReport['active'] = modes.map((mode, id) => {
      return { id, fault: faultSchema.parse({ fault: 'history', ...mode }), sinceMs: 0, untilMs: 0 };
    });
    history.apply(active);
  };
  const call = (method: Method, ...given: unknown[]): Promise<unknown> => {
    return (history[method] as (...given: unknown[]) => Promise<unknown>).call(history, ...given);
  };
  return { history, ledger, calls, apply, call };
}

test.each(METHODS)(
  '%s goes through as it is, fails while it is down, takes longer while it is slow',
  async (method) => {
    const { call, calls, apply, ledger } = setUp();
    const given = CALLS[method];
    await expect(call(method, ...given)).resolves.toBe(method);
    expect(calls).toEqual([[method, ...given]]);
    apply({ mode: 'down' });
    await expect(call(method, ...given)).rejects.toThrow(/^chaos: /);
    expect(calls).toHaveLength(1);
    apply({ mode: 'slow', delayMs: 500 });
    const answer = call(method, ...given);
    await vi.advanceTimersByTimeAsync(499);
    expect(calls).toHaveLength(1);
    expect(ledger.held('timer')).toBe(1);
    await vi.advanceTimersByTimeAsync(1);
    await expect(answer).resolves.toBe(method);
    expect(calls[1]).toEqual(calls[0]);
    expect(ledger.heldTotal).toBe(0);
  },
);

test('calls keep their order, whatever the delays become', async () => {
  const { call, calls, apply, ledger } = setUp();
  apply({ mode: 'slow', delayMs: 3000 });
  void call('seqAtTime', 1);
  await vi.advanceTimersByTimeAsync(1000);
  apply({ mode: 'slow', delayMs: 100 });
  void call('seqAtTime', 2);
  await vi.advanceTimersByTimeAsync(1000);
  expect(calls).toEqual([]);
  apply();
  void call('seqAtTime', 3);
  expect(calls.map(([, which]) => which)).toEqual([1, 2, 3]);
  expect(ledger.heldTotal).toBe(0);
});

test('a call that waits while the history goes down fails', async () => {
  const { call, calls, apply } = setUp();
  apply({ mode: 'slow', delayMs: 3000 });
  const waiting = call('bounds');
  apply({ mode: 'down' });
  await expect(waiting).rejects.toThrow(/chaos/);
  expect(calls).toEqual([]);
});

test('both at once fail late', async () => {
  const { call, apply } = setUp();
  apply({ mode: 'slow', delayMs: 200 }, { mode: 'down' });
  const failed = vi.fn();
  call('bounds').catch(failed);
  await vi.advanceTimersByTimeAsync(199);
  expect(failed).not.toHaveBeenCalled();
  await vi.advanceTimersByTimeAsync(1);
  expect(failed).toHaveBeenCalledOnce();
});

test('closing is never held up, and lets what waits go first', async () => {
  const { history, call, calls, apply, ledger } = setUp();
  apply({ mode: 'slow' });
  void call('append', 'batch');
  await history.close();
  expect(calls.map(([name]) => name)).toEqual(['append', 'close']);
  expect(ledger.heldTotal).toBe(0);
});

test('the thread is ended where there is one, for a reason that names chaos', () => {
  const restart = vi.fn<(cause: Error) => void>();
  setUp(restart).history.kill();
  expect(restart).toHaveBeenCalledOnce();
  expect(restart.mock.calls[0]?.[0].message).toMatch(/^chaos: /);
  const without = setUp().history;
  expect(without.restart).toBeUndefined();
  expect(() => without.kill()).toThrow(/no thread/);
});

test('what waits has failed when the store begins anew, and never runs', async () => {
  const restart = vi.fn<(cause: Error) => void>();
  const { history, call, calls, apply, ledger } = setUp(restart);
  apply({ mode: 'slow', delayMs: 500 });
  const waiting = call('append', 'batch');
  history.restart?.(new Error('it took too long'));
  await expect(waiting).rejects.toThrow('it took too long');
  expect(restart).toHaveBeenCalledOnce();
  expect(ledger.heldTotal).toBe(0);
  await vi.advanceTimersByTimeAsync(1000);
  expect(calls).toEqual([]);
});

test('a call that is cancelled while it waits fails at once and never runs', async () => {
  const { call, calls, apply } = setUp();
  const [early, late] = [new AbortController(), new AbortController()];
  early.abort(new Error('not wanted'));
  apply({ mode: 'slow', delayMs: 500 });
  await expect(call('read', {}, early.signal)).rejects.toThrow('not wanted');
  const waiting = call('read', {}, late.signal);
  late.abort(new Error('nor this one'));
  await expect(waiting).rejects.toThrow('nor this one');
  const other = call('read', {}, new AbortController().signal);
  await vi.advanceTimersByTimeAsync(500);
  await expect(other).resolves.toBe('read');
  expect(calls).toHaveLength(1);
});
