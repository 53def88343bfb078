import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { AppError } from '@/lib/core/errors.ts';
import { ResourceLedger } from '@/lib/core/ledger.ts';
import { type ChaosReport, chaosReportSchema, type Fault, faultSchema } from '@/lib/wire/chaos.ts';
import { Chaos } from './chaos.ts';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

function setUp() {
  const ledger = new ResourceLedger(Date.now);
  const said: string[] = [];
  const lines: string[] = [];
  const history: string[] = [];
  const calls = { cut: [] as number[], stall: [] as number[], kills: 0, canKill: true };
  const names = (active: Readonly<ChaosReport['active']>): string => active.map(({ fault }) => fault.fault).join(' ');
  const chaos = new Chaos({
    cut: (share) => {
      calls.cut.push(share);
      return 5;
    },
    stall: (stallMs) => calls.stall.push(stallMs),
    lines: { apply: (active) => lines.push(names(active)) },
    history: {
      apply: (active) => history.push(names(active)),
      kill: () => {
        if (!calls.canKill) throw new AppError('bad-request', 'no thread');
        calls.kills += 1;
      },
    },
    log: { warn: (sentence) => said.push(sentence) },
    now: Date.now,
    owner: ledger.owner('chaos'),
  });
  return { chaos, ledger, said, lines, history, calls };
}

const fault = (input: Record<string, unknown>): Fault => faultSchema.parse(input);
const codeOf = (run: () => unknown): string | undefined => {
  try {
    run();
  } catch (error) {
    return (error as AppError).code;
  }
  return undefined;
};

test('a fault is active until its time is up, and both its ends are said', () => {
  const { chaos, ledger, said, lines, history } = setUp();
  const report = chaos.inject(fault({ fault: 'delay', share: 0.5, seconds: 3 }));
  expect(chaosReportSchema.parse(report)).toEqual(report);
  expect(report).toMatchObject({ injected: 1, active: [{ untilMs: Date.now() + 3000, fault: { fault: 'delay' } }] });
  expect(report.done).toBeUndefined();
  vi.advanceTimersByTime(2999);
  expect(chaos.report().active).toHaveLength(1);
  expect(ledger.held('timer')).toBe(1);
  vi.advanceTimersByTime(1);
  expect(chaos.report()).toEqual({ active: [], injected: 1 });
  expect(lines).toEqual(['delay', '']);
  expect(history).toEqual(['delay', '']);
  expect(said).toEqual([
    'chaos: holding back every frame of 50 % of the connections by 1000 ms for 3 s (fault 1)',
    'chaos: fault 1 (delay) has healed',
  ]);
  expect(ledger.heldTotal).toBe(0);
});

test('each heals at its own time, with one timer for all', () => {
  const { chaos, ledger, lines } = setUp();
  chaos.inject(fault({ fault: 'throttle', seconds: 5 }));
  chaos.inject(fault({ fault: 'duplicate', seconds: 1 }));
  chaos.inject(fault({ fault: 'history', mode: 'slow', seconds: 3 }));
  expect(ledger.held('timer')).toBe(1);
  for (const seconds of [1, 2, 2]) vi.advanceTimersByTime(seconds * 1000);
  expect(lines.slice(3)).toEqual(['throttle history', 'throttle', '']);
  expect(ledger.heldTotal).toBe(0);
});

test('all heal at once when told to', () => {
  const { chaos, ledger, said } = setUp();
  chaos.inject(fault({ fault: 'history', mode: 'down' }));
  chaos.inject(fault({ fault: 'duplicate', share: 1 }));
  expect(chaos.healAll()).toEqual({ active: [], injected: 2 });
  expect(said.filter((sentence) => sentence.endsWith('has healed'))).toHaveLength(2);
  expect(ledger.heldTotal).toBe(0);
  vi.advanceTimersByTime(60_000);
  expect(said).toHaveLength(4);
});

test('what is over at once says what it has done', () => {
  const { chaos, said, calls } = setUp();
  expect(chaos.inject(fault({ fault: 'cut', share: 0.25 }))).toEqual({
    active: [],
    injected: 1,
    done: 'cut 5 connections',
  });
  expect(chaos.inject(fault({ fault: 'history', mode: 'kill' }))).toMatchObject({ active: [], injected: 2 });
  expect(calls).toMatchObject({ cut: [0.25], kills: 1 });
  expect(said).toEqual(['chaos: cut 5 connections', 'chaos: ended the thread of the history']);
});

test('the loop stands still after the answer, and not twice', () => {
  const { chaos, calls, ledger } = setUp();
  expect(chaos.inject(fault({ fault: 'stall-loop', stallMs: 700 })).done).toContain('700 ms');
  expect(calls.stall).toEqual([]);
  expect(codeOf(() => chaos.inject(fault({ fault: 'stall-loop' })))).toBe('rate-limited');
  vi.advanceTimersByTime(100);
  expect(calls.stall).toEqual([700]);
  expect(ledger.heldTotal).toBe(0);
  chaos.inject(fault({ fault: 'stall-loop' }));
  expect(chaos.report().injected).toBe(2);
});

test('what is not possible here is neither counted nor said', () => {
  const { chaos, said, calls } = setUp();
  calls.canKill = false;
  expect(codeOf(() => chaos.inject(fault({ fault: 'history', mode: 'kill' })))).toBe('bad-request');
  expect(chaos.report()).toEqual({ active: [], injected: 0 });
  expect(said).toEqual([]);
});

test('twenty are active at most; the next is told when there will be room', () => {
  const { chaos } = setUp();
  for (let count = 0; count < 20; count += 1) chaos.inject(fault({ fault: 'duplicate', seconds: 30 + count }));
  vi.advanceTimersByTime(10_500);
  let refusal: AppError | undefined;
  try {
    chaos.inject(fault({ fault: 'delay' }));
  } catch (error) {
    refusal = error as AppError;
  }
  expect(refusal).toMatchObject({ code: 'rate-limited', retryAfterS: 20 });
  expect(chaos.inject(fault({ fault: 'cut' })).injected).toBe(21);
  vi.advanceTimersByTime(20_000);
  expect(chaos.inject(fault({ fault: 'delay' })).active).toHaveLength(20);
});

test('closing heals everything, leaves no timer and lets nothing more be broken', () => {
  const { chaos, ledger, lines, calls } = setUp();
  chaos.inject(fault({ fault: 'delay' }));
  chaos.inject(fault({ fault: 'stall-loop' }));
  expect(ledger.held('timer')).toBe(2);
  chaos.close();
  chaos.close();
  expect(lines.at(-1)).toBe('');
  expect([ledger.heldTotal, ledger.leaked]).toEqual([0, 0]);
  expect(codeOf(() => chaos.inject(fault({ fault: 'cut' })))).toBe('shutting-down');
  vi.advanceTimersByTime(60_000);
  expect(calls).toMatchObject({ stall: [], cut: [] });
});
