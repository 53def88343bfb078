import fc from 'fast-check';
import { expect, test } from 'vitest';
import { MemoryGuard, memoryLimits, type ShedPorts } from './memory-guard.ts';

const MIB = 1024 * 1024;
const LIMITS = { rssBytes: 100 * MIB, heapUsedBytes: 50 * MIB };

function setUp() {
  const calls: string[] = [];
  const said: string[] = [];
  const note = (name: string) => (on: boolean) => void calls.push(`${name} ${on}`);
  const ports: ShedPorts = {
    refuseNew: note('refuseNew'),
    shortenRings: note('shortenRings'),
    lengthenFrames: note('lengthenFrames'),
  };
  const guard = new MemoryGuard(LIMITS, ports, { warn: (text) => void said.push(text) });
  let nowMs = 0;
  /** So many seconds at so much memory. */
  const pass = (seconds: number, rssMib: number, heapMib = 10): void => {
    for (let second = 0; second < seconds; second += 1) {
      guard.check(nowMs, { rssBytes: rssMib * MIB, heapUsedBytes: heapMib * MIB });
      nowMs += 1000;
    }
  };
  return { guard, calls, said, pass };
}

test('each five seconds above the limit are one step further, in the stated order and no further than the last', () => {
  const { guard, calls, pass } = setUp();
  pass(5, 101);
  expect([guard.step, calls]).toEqual(['none', []]);
  pass(1, 101);
  expect(guard.step).toBe('refuse-new');
  pass(5, 101);
  expect(guard.step).toBe('shorten-rings');
  pass(60, 101);
  expect(guard.step).toBe('lengthen-frames');
  expect(calls).toEqual(['refuseNew true', 'shortenRings true', 'lengthenFrames true']);
  expect(guard.sheds).toBe(3);
});

test('each thirty seconds below nine tenths are one step back, the last step first', () => {
  const { guard, calls, pass } = setUp();
  pass(11, 101);
  calls.length = 0;
  pass(30, 89);
  expect(guard.step).toBe('shorten-rings');
  pass(1, 89);
  expect(guard.step).toBe('refuse-new');
  pass(30, 89);
  expect([guard.step, guard.sheds]).toEqual(['none', 2]);
  expect(calls).toEqual(['shortenRings false', 'refuseNew false']);
});

test('between the two nothing changes, and what was waited for begins anew', () => {
  const { guard, pass } = setUp();
  pass(4, 101);
  pass(1, 95);
  pass(4, 101);
  expect(guard.step).toBe('none');
  pass(2, 101);
  expect(guard.step).toBe('refuse-new');
  pass(600, 95);
  expect(guard.step).toBe('refuse-new');
});

test('a full heap sheds too, however much memory the machine has left', () => {
  const { guard, said, pass } = setUp();
  pass(6, 60, 51);
  expect(guard.step).toBe('refuse-new');
  expect(said).toEqual([
    'memory is short (60 of 100 MiB, heap 51 of 50 MiB): new connections are refused until there is room',
  ]);
});

test('whatever the memory does, steps come one at a time, are all undone at the end and are each said', () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.integer({ min: 1, max: 40 }), fc.integer({ min: 50, max: 150 }))), (phases) => {
      const { guard, calls, said, pass } = setUp();
      let before = 0;
      for (const [seconds, rssMib] of phases) {
        for (let second = 0; second < seconds; second += 1) {
          pass(1, rssMib);
          expect(Math.abs(guard.stepsTaken - before)).toBeLessThanOrEqual(1);
          before = guard.stepsTaken;
        }
      }
      pass(200, 50);
      expect(guard.step).toBe('none');
      for (const name of ['refuseNew', 'shortenRings', 'lengthenFrames']) {
        const turns = calls.filter((call) => call.startsWith(name));
        turns.forEach((turn, index) => {
          expect(turn).toBe(`${name} ${index % 2 === 0}`);
        });
        expect(turns.length % 2).toBe(0);
      }
      expect(said.length).toBe(calls.length);
    }),
  );
});

test('the soft limit is the setting, or three quarters of the control group or the machine, whichever is there', () => {
  const machine = { total: 1000, heapMax: 100 };
  expect(memoryLimits(undefined, { ...machine, constrained: 400 })).toEqual({ rssBytes: 300, heapUsedBytes: 85 });
  for (const constrained of [undefined, 0, 2 ** 64, 1000]) {
    expect(memoryLimits(undefined, { ...machine, constrained }).rssBytes).toBe(750);
  }
  expect(memoryLimits(123, { ...machine, constrained: 400 }).rssBytes).toBe(123);
});
