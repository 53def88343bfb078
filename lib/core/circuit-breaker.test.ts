import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { BREAKER_LIMITS, type BreakerChange, type CallOutcome, CircuitBreaker } from './circuit-breaker.ts';

function setUp(options: { cooldownMs?: number; random?: () => number } = {}) {
  const clock = { ms: 1_000_000 };
  const changes: BreakerChange[] = [];
  const breaker = new CircuitBreaker({
    name: 'history',
    now: () => clock.ms,
    random: () => 0,
    cooldownMs: 1000,
    onChange: (change) => changes.push(change),
    ...options,
  });
  const call = (outcome: CallOutcome, error?: unknown): boolean => {
    const permit = breaker.tryCall();
    if (permit) breaker.settle(permit, outcome, error);
    return permit !== undefined;
  };
  const open = () => {
    for (let count = 0; count < 3; count += 1) call('failed', new Error('disk'));
  };
  return { clock, changes, breaker, call, open };
}

describe('opening', () => {
  test('two failures are an accident, half of three or more calls are not', () => {
    const { breaker, call, changes } = setUp();
    call('failed');
    call('failed');
    expect(breaker.state).toBe('closed');
    call('ok');
    expect(breaker.state).toBe('open');
    expect(changes).toMatchObject([
      { name: 'history', from: 'closed', to: 'open', cause: '2 of the last 3 calls failed' },
    ]);
  });

  test('less than half failures leave it closed', () => {
    const { breaker, call } = setUp();
    for (let round = 0; round < 20; round += 1) for (const outcome of ['ok', 'ok', 'failed'] as const) call(outcome);
    expect(breaker.state).toBe('closed');
  });

  test('slow calls open it when they are four of five', () => {
    const { breaker, call } = setUp();
    for (let count = 0; count < 4; count += 1) call('slow');
    expect(breaker.state).toBe('closed');
    call('ok');
    expect(breaker.state).toBe('open');
  });

  test('what lies further back than the window does not count', () => {
    const { breaker, call, clock } = setUp();
    call('failed');
    call('failed');
    clock.ms += BREAKER_LIMITS.windowMs + 1;
    call('failed');
    expect(breaker.report()).toMatchObject({ state: 'closed', calls: 1, failures: 1 });
  });

  test('calls that say nothing about the one called are not counted', () => {
    const { breaker, call } = setUp();
    for (let count = 0; count < 10; count += 1) call('ignored');
    expect(breaker.report()).toMatchObject({ state: 'closed', calls: 0 });
  });
});

describe('while open', () => {
  test('calls are refused until the cool-down is over, then one at a time is let through', () => {
    const { breaker, open, clock } = setUp();
    open();
    expect(breaker.report()).toMatchObject({ state: 'open', probeAtMs: clock.ms + 1000, lastError: 'disk', opened: 1 });
    expect(breaker.waitMs).toBe(1000);
    clock.ms += 999;
    expect(breaker.tryCall()).toBeUndefined();
    expect(breaker.tryCall('pass')).toBeUndefined();
    clock.ms += 1;
    const probe = breaker.tryCall();
    expect(probe?.isProbe).toBe(true);
    expect(breaker.state).toBe('half-open');
    expect(breaker.tryCall()).toBeUndefined();
    expect(breaker.tryCall('pass')).toBeDefined();
  });

  test('two good probes in a row close it, and its window begins anew', () => {
    const { breaker, open, call, clock } = setUp();
    open();
    clock.ms += 1000;
    call('ok');
    expect(breaker.state).toBe('half-open');
    call('slow');
    expect(breaker.report()).toMatchObject({ state: 'closed', calls: 0, failures: 0 });
    expect(breaker.report()).not.toHaveProperty('probeAtMs');
  });

  test('each failed probe doubles the cool-down, up to half a minute; closing makes it short again', () => {
    const { breaker, open, call, clock } = setUp();
    open();
    const waits: number[] = [];
    for (let probe = 0; probe < 7; probe += 1) {
      waits.push(breaker.waitMs);
      clock.ms += breaker.waitMs;
      call('failed');
    }
    expect(waits).toEqual([1000, 2000, 4000, 8000, 16_000, 30_000, 30_000]);
    clock.ms += breaker.waitMs;
    call('ok');
    call('ok');
    open();
    expect(breaker.waitMs).toBe(1000);
  });

  test('the cool-down is jittered downwards', () => {
    const { breaker, open } = setUp({ random: () => 0.5 });
    open();
    expect(breaker.waitMs).toBe(900);
  });

  test('a probe that says nothing makes room for the next one', () => {
    const { breaker, open, call, clock } = setUp();
    open();
    clock.ms += 1000;
    call('ignored');
    expect(breaker.tryCall()).toBeDefined();
  });

  test('whoever shuts down may probe at once', () => {
    const { breaker, open } = setUp();
    open();
    breaker.hurry();
    expect(breaker.tryCall()?.isProbe).toBe(true);
  });
});

test('a call that began before a change of state proves nothing after it', () => {
  const { breaker, open, clock } = setUp();
  const early = breaker.tryCall();
  open();
  clock.ms += 1000;
  const probe = breaker.tryCall();
  if (!early || !probe) throw new Error('expected two permits');
  breaker.settle(early, 'failed');
  expect(breaker.state).toBe('half-open');
  breaker.settle(probe, 'ok');
  breaker.settle(early, 'ok');
  expect(breaker.state).toBe('half-open');
});

test('half-open, the failure of a call that passes by opens it, its success closes nothing', () => {
  const { breaker, open, clock } = setUp();
  open();
  clock.ms += 1000;
  for (let count = 0; count < 5; count += 1) {
    const permit = breaker.tryCall('pass');
    if (permit) breaker.settle(permit, 'ok');
  }
  expect(breaker.state).toBe('half-open');
  const permit = breaker.tryCall('pass');
  if (permit) breaker.settle(permit, 'failed');
  expect(breaker.state).toBe('open');
});

/** The rules again, over a plain list of what happened since it was last closed. */
class Model {
  state: 'closed' | 'open' | 'half-open' = 'closed';
  calls: { ms: number; outcome: CallOutcome }[] = [];
  probeAtMs = 0;
  failedProbes = 0;
  good = 0;

  step(nowMs: number, outcome: CallOutcome): boolean {
    if (this.state === 'open') {
      if (nowMs < this.probeAtMs) return false;
      this.state = 'half-open';
      this.good = 0;
    }
    if (this.state === 'half-open') this.probe(nowMs, outcome);
    else if (outcome !== 'ignored') this.judge(nowMs, outcome);
    return true;
  }

  probe(nowMs: number, outcome: CallOutcome): void {
    if (outcome === 'ignored') return;
    if (outcome === 'failed') {
      this.failedProbes += 1;
      this.open(nowMs);
      return;
    }
    this.good += 1;
    if (this.good < 2) return;
    this.state = 'closed';
    this.failedProbes = 0;
    this.calls = [];
  }

  judge(nowMs: number, outcome: CallOutcome): void {
    this.calls = [...this.calls, { ms: nowMs, outcome }].slice(-50).filter(({ ms }) => nowMs - ms <= 10_000);
    const count = (wanted: CallOutcome) => this.calls.filter((each) => each.outcome === wanted).length;
    const all = this.calls.length;
    if ((all >= 3 && count('failed') / all >= 0.5) || (all >= 5 && count('slow') / all >= 0.8)) this.open(nowMs);
  }

  open(nowMs: number): void {
    this.state = 'open';
    this.probeAtMs = nowMs + Math.min(30_000, 1000 * 2 ** this.failedProbes);
  }
}

test('whatever becomes of the calls, it does what the rules say', () => {
  const outcome = fc.constantFrom<CallOutcome>('ok', 'ok', 'ok', 'slow', 'slow', 'failed', 'failed', 'ignored');
  const step = fc.record({ outcome, afterMs: fc.oneof(fc.nat({ max: 200 }), fc.nat({ max: 12_000 })) });
  const visited = new Set<string>();
  fc.assert(
    fc.property(fc.array(step, { minLength: 1, maxLength: 120 }), (steps) => {
      const { breaker, call, clock } = setUp();
      const model = new Model();
      for (const { outcome: next, afterMs } of steps) {
        clock.ms += afterMs;
        expect(call(next)).toBe(model.step(clock.ms, next));
        expect(breaker.state).toBe(model.state);
        visited.add(model.state);
      }
    }),
    { seed: 4, numRuns: 300 },
  );
  expect(visited.size).toBe(3);
});
