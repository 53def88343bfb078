import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { ResourceLedger } from '@/lib/core/ledger.ts';
import type { Sink } from '@/lib/stream/sink.ts';
import { sseChunkedFormat, sseFormat } from '@/lib/stream/wire-format.ts';
import type { ChaosReport, Fault } from '@/lib/wire/chaos.ts';
import { FaultySink } from './faulty-sink.ts';
import { LineFaults } from './line-faults.ts';

const KIB = 1024;

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

/** A connection whose reader takes nothing until the test says so. */
class RecordingSink implements Sink {
  readonly writes: Uint8Array[] = [];
  readonly atMs: number[] = [];
  isFull = false;
  queuedBytes = 0;
  ended = false;
  destroyed = false;

  write(bytes: Uint8Array): boolean {
    if (this.ended || this.destroyed) throw new Error('written to after its end');
    this.writes.push(bytes);
    this.atMs.push(Date.now());
    return !this.isFull;
  }
  end(): void {
    this.ended = true;
  }
  destroy(): void {
    this.destroyed = true;
  }
}

function setUp(lot = 0.5) {
  const ledger = new ResourceLedger(Date.now);
  const faults = new LineFaults({ now: Date.now, owner: ledger.owner('chaos') });
  const sink = new RecordingSink();
  const state = { ready: 0 };
  const onReady = (): void => {
    state.ready += 1;
  };
  const faulty = new FaultySink(sink, onReady, faults, lot);
  return { ledger, faults, sink, state, faulty, apply: (...given: Fault[]) => faults.apply(activeOf(given)) };
}

function activeOf(faults: readonly Fault[]): ChaosReport['active'] {
  return faults.map((fault, id) => ({ id, fault, sinceMs: 0, untilMs: 0 }));
}

const delay = (delayMs: number, share = 1): Fault => ({ fault: 'delay', share, seconds: 10, delayMs });
const throttle = (bytesPerSecond: number): Fault => ({ fault: 'throttle', share: 1, seconds: 10, bytesPerSecond });
const duplicate: Fault = { fault: 'duplicate', share: 1, seconds: 10 };
const frame = (size: number): Uint8Array => new Uint8Array(size).fill(46);

describe('a connection without a fault', () => {
  test('gets the very bytes, answers what the sink answers, and holds nothing', () => {
    const { faulty, sink, ledger } = setUp();
    const bytes = frame(10);
    expect(faulty.write(bytes, 'events')).toBe(true);
    sink.isFull = true;
    sink.queuedBytes = 77;
    expect(faulty.write(bytes, 'events')).toBe(false);
    expect(sink.writes.map((written) => written === bytes)).toEqual([true, true]);
    expect(faulty.queuedBytes).toBe(77);
    expect(ledger.heldTotal).toBe(0);
  });

  test('is as good as one that a fault does not hit', () => {
    const { faulty, sink, ledger, apply } = setUp(0.5);
    apply(delay(1000, 0.4));
    faulty.write(frame(1), 'events');
    expect(sink.writes).toHaveLength(1);
    expect(ledger.heldTotal).toBe(0);
    apply(delay(1000, 0.6));
    faulty.write(frame(1), 'events');
    expect(sink.writes).toHaveLength(1);
  });
});

test('a delay lets each write through so much later, in order, and its timer goes with the last of them', () => {
  const { faulty, sink, ledger, apply } = setUp();
  apply(delay(1000));
  const startMs = Date.now();
  const frames = [frame(1), frame(2), frame(3)];
  for (const bytes of frames) {
    expect(faulty.write(bytes, 'events')).toBe(true);
    vi.advanceTimersByTime(300);
  }
  expect(sink.writes).toEqual([]);
  expect(faulty.queuedBytes).toBe(6);
  expect(ledger.held('timer')).toBe(1);
  vi.advanceTimersByTime(2000);
  expect(sink.writes).toEqual(frames);
  expect(sink.atMs.map((atMs) => atMs - startMs)).toEqual([1000, 1300, 1600]);
  expect(faulty.queuedBytes).toBe(0);
  expect(ledger.heldTotal).toBe(0);
});

test('holding 64 KiB it is full, and calls once when there is room again', () => {
  const { faulty, state, apply } = setUp();
  apply(delay(1000));
  expect(faulty.write(frame(40 * KIB), 'events')).toBe(true);
  vi.advanceTimersByTime(500);
  expect(faulty.write(frame(24 * KIB - 1), 'events')).toBe(true);
  expect(faulty.write(frame(1), 'events')).toBe(false);
  vi.advanceTimersByTime(480);
  expect(state.ready).toBe(0);
  vi.advanceTimersByTime(20);
  expect(state.ready).toBe(1);
  vi.advanceTimersByTime(5000);
  expect(state.ready).toBe(1);
});

test('a throttle lets whole writes through, on average no faster than its rate', () => {
  const { faulty, sink, ledger, apply } = setUp();
  apply(throttle(1000));
  const startMs = Date.now();
  for (let count = 0; count < 5; count += 1) faulty.write(frame(500), 'events');
  vi.advanceTimersByTime(10_000);
  expect(sink.atMs.map((atMs) => atMs - startMs)).toEqual([0, 500, 1000, 1500, 2000]);
  expect(ledger.heldTotal).toBe(0);
  // What it may have had while there was nothing to send is not saved up.
  faulty.write(frame(500), 'events');
  faulty.write(frame(500), 'events');
  expect(sink.writes).toHaveLength(6);
});

test('a slow reader behind a delay does not get what its sink has no room for', () => {
  const { faulty, sink, apply } = setUp();
  apply(delay(100));
  sink.queuedBytes = 64 * KIB;
  faulty.write(frame(5), 'events');
  vi.advanceTimersByTime(1000);
  expect(sink.writes).toEqual([]);
  sink.queuedBytes = 0;
  vi.advanceTimersByTime(20);
  expect(sink.writes).toHaveLength(1);
});

test.each([sseFormat, sseChunkedFormat])('events are sent twice, control frames once ($name)', (format) => {
  const { faulty, sink, apply } = setUp();
  apply(duplicate);
  const body = JSON.stringify({ time: 0, message: 'first\nevent: log\n' });
  const position = 'AAAAAAAA.1';
  const live = format.control('live', { head: position }, position);
  const log = format.events('AAAAAAAA', 1, [{ seq: 2, kind: 'log', body }], 2);
  const metric = format.events('AAAAAAAA', 2, [{ seq: 3, kind: 'metric', body }], 3);
  faulty.write(format.retry(100), 'retry');
  faulty.write(live, 'live');
  for (const bytes of [log, metric]) faulty.write(bytes, 'events');
  const names = sink.writes.map((bytes) => ({ log: bytes === log, metric: bytes === metric, live: bytes === live }));
  expect(names.map(({ log, metric, live }) => (log ? 'log' : metric ? 'metric' : live ? 'live' : 'retry'))).toEqual([
    ...['retry', 'live', 'log', 'log', 'metric', 'metric'],
  ]);
});

test('a share hits about so many connections, each for as long as the fault lasts, and others the next time', () => {
  const { faults, apply } = setUp();
  const lots = Array.from({ length: 1000 }, (_, index) => index / 1000);
  apply(delay(1, 0.3), duplicate, { ...duplicate, share: 0 }, delay(5, 0.3));
  const hits = lots.map((lot) => faults.impairment(lot));
  const first = hits.filter((hit) => hit?.delayMs === 1).length;
  const later = hits.filter((hit) => hit?.delayMs === 5).length;
  expect(hits.every((hit) => hit?.duplicate)).toBe(true);
  expect(later).toBeGreaterThan(290);
  expect(later).toBeLessThan(310);
  // Not the same ones: those hit by both show the longer delay.
  expect(first).toBeGreaterThan(100);
  expect(lots.map((lot) => faults.impairment(lot))).toEqual(hits);
});

describe('when the fault heals', () => {
  test('what was held is written at once, in order, and a session that waits is called', () => {
    const { faulty, sink, state, ledger, apply } = setUp();
    apply(delay(60_000));
    const frames = [frame(1), frame(70 * KIB), frame(3)];
    expect(frames.map((bytes) => faulty.write(bytes, 'events'))).toEqual([true, false, false]);
    apply();
    expect(sink.writes).toEqual(frames);
    expect(state.ready).toBe(1);
    expect(ledger.heldTotal).toBe(0);
    expect(faulty.write(frame(4), 'events')).toBe(true);
    expect(sink.writes).toHaveLength(4);
  });

  test('a sink that is full by it calls the session itself', () => {
    const { faulty, sink, state, apply } = setUp();
    apply(delay(60_000));
    faulty.write(frame(70 * KIB), 'events');
    sink.isFull = true;
    apply();
    expect(sink.writes).toHaveLength(1);
    expect(state.ready).toBe(0);
  });

  test('another that is still active goes on alone', () => {
    const { faulty, sink, apply } = setUp();
    apply(delay(60_000), throttle(1000));
    for (let count = 0; count < 3; count += 1) faulty.write(frame(1000), 'events');
    vi.advanceTimersByTime(1000);
    apply(throttle(1000));
    expect(sink.writes).toHaveLength(1);
    vi.advanceTimersByTime(1000);
    expect(sink.writes).toHaveLength(2);
  });

  test('a session that writes as it is called is not called for ever', () => {
    const { faults, ledger } = setUp();
    const sink = new RecordingSink();
    let left = 50;
    const faulty: FaultySink = new FaultySink(
      sink,
      () => {
        while (left > 0 && faulty.write(frame(40 * KIB), 'events')) left -= 1;
      },
      faults,
      0,
    );
    faults.apply(activeOf([delay(100)]));
    expect(faulty.write(frame(65 * KIB), 'events')).toBe(false);
    vi.advanceTimersByTime(100);
    expect(left).toBeGreaterThan(40);
    faults.apply([]);
    expect(left).toBe(0);
    expect(ledger.heldTotal).toBe(0);
  });
});

describe('at its end', () => {
  test('what is held goes out before, and nothing after', () => {
    const { faulty, sink, ledger, state, apply } = setUp();
    apply(delay(1000));
    const frames = [frame(70 * KIB), frame(2)];
    for (const bytes of frames) faulty.write(bytes, 'events');
    faulty.end();
    expect(sink.writes).toEqual(frames);
    expect(sink.ended).toBe(true);
    expect(ledger.heldTotal).toBe(0);
    expect(faulty.write(frame(3), 'events')).toBe(false);
    vi.advanceTimersByTime(5000);
    apply();
    expect(sink.writes).toEqual(frames);
    expect(state.ready).toBe(0);
  });

  test('a connection that is broken off loses what is held', () => {
    const { faulty, sink, ledger, apply } = setUp();
    apply(delay(1000));
    faulty.write(frame(9), 'events');
    faulty.destroy();
    expect(sink).toMatchObject({ destroyed: true, queuedBytes: 0, writes: [] });
    expect(faulty.queuedBytes).toBe(0);
    expect(ledger.heldTotal).toBe(0);
    vi.advanceTimersByTime(5000);
    apply();
    expect(sink.writes).toEqual([]);
  });
});

const lineFault: fc.Arbitrary<Fault> = fc.oneof(
  fc.record({
    fault: fc.constant('delay' as const),
    share: fc.constantFrom(0.5, 1),
    seconds: fc.constant(10),
    delayMs: fc.integer({ min: 1, max: 500 }),
  }),
  fc.record({
    fault: fc.constant('throttle' as const),
    share: fc.constantFrom(0.5, 1),
    seconds: fc.constant(10),
    bytesPerSecond: fc.constantFrom(1, 1000, 100_000, 1e9),
  }),
  fc.record({
    fault: fc.constant('duplicate' as const),
    share: fc.constantFrom(0.5, 1),
    seconds: fc.constant(10),
  }),
);
const step = fc.oneof(
  { weight: 6, arbitrary: fc.record({ act: fc.constant('write' as const), size: fc.constantFrom(1, 300, 70 * KIB) }) },
  { weight: 3, arbitrary: fc.record({ act: fc.constant('wait' as const), ms: fc.integer({ min: 1, max: 700 }) }) },
  {
    weight: 2,
    arbitrary: fc.record({ act: fc.constant('apply' as const), faults: fc.array(lineFault, { maxLength: 3 }) }),
  },
  { weight: 1, arbitrary: fc.record({ act: fc.constant('fill' as const) }) },
  { weight: 2, arbitrary: fc.record({ act: fc.constant('drain' as const) }) },
);

test('whatever is written and broken, the sink gets all of it once and in order, save what is sent twice', () => {
  const isEvent = (size: number): boolean => size !== 1;
  const bytesOf = (size: number, index: number): Uint8Array => new TextEncoder().encode(`${index}`.padEnd(size, '.'));
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), fc.double({ min: 0, max: 0.999, noNaN: true }), (steps, lot) => {
      const { faulty, faults, sink, state, ledger, apply } = setUp(lot);
      const expected: Uint8Array[] = [];
      let waitsSince: number | undefined;
      for (const [index, next] of steps.entries()) {
        if (next.act === 'write') {
          const bytes = bytesOf(next.size, index);
          const times = faults.impairment(lot)?.duplicate && isEvent(next.size) ? 2 : 1;
          for (let time = 0; time < times; time += 1) expected.push(bytes);
          waitsSince = faulty.write(bytes, isEvent(next.size) ? 'events' : 'live') ? undefined : state.ready;
        } else if (next.act === 'wait') vi.advanceTimersByTime(next.ms);
        else if (next.act === 'apply') apply(...next.faults);
        else sink.isFull = next.act === 'fill';
        sink.queuedBytes = sink.isFull ? 64 * KIB : 0;
        const heldBytes = expected.slice(sink.writes.length).reduce((sum, { length }) => sum + length, 0);
        expect(faulty.queuedBytes - sink.queuedBytes).toBe(heldBytes);
        expect(sink.writes.every((bytes, at) => bytes === expected[at])).toBe(true);
        expect(ledger.held('timer')).toBe(heldBytes > 0 ? 1 : 0);
      }
      const fullAtLast = sink.isFull;
      apply();
      expect(sink.writes.map((bytes, at) => bytes === expected[at])).toEqual(expected.map(() => true));
      expect(ledger.heldTotal).toBe(0);
      // Whoever was told to wait has been called, or the sink has said that it will.
      if (waitsSince !== undefined && !fullAtLast && !steps.some(({ act }) => act === 'fill')) {
        expect(state.ready).toBeGreaterThan(waitsSince);
      }
    }),
    { numRuns: 300 },
  );
});
