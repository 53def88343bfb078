import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  SYSTEM_METRIC_NAMES,
  type SystemMetric,
  type SystemSample,
  systemSampleSchema,
} from '@/lib/wire/system-pages.ts';
import { parseLimit } from './descriptors.ts';
import { ErrorRate } from './error-rate.ts';
import { GcHistogram } from './gc-observer.ts';
import { SampleRing } from './sample-ring.ts';
import { SystemSampler } from './system-sampler.ts';

const PROCESS = {
  elapsedMs: 2000,
  cpu: 12.345,
  loopUtilization: 50,
  loopDelayP95Ms: Number.NaN,
  loopDelayP99Ms: 3,
  gcPauseMs: 4,
  rssBytes: 100,
  heapUsedBytes: 50,
  externalBytes: 25,
};

function setUp() {
  const counters = { tried: 0, failed: 0, accepted: 1000, delivered: 0 };
  const sampler = new SystemSampler(
    {
      connections: () => 7,
      deliveryLag: () => ({ p95: 11, p99: 12 }),
      historyCall: () => ({ p95: Number.NaN, p99: Number.NaN }),
      attempts: () => counters,
      acceptedEvents: () => counters.accepted,
      deliveredEvents: () => counters.delivered,
      heldEvents: () => 3,
    },
    { value: 42 },
  );
  return { sampler, counters };
}

function value(sample: SystemSample | undefined, name: SystemMetric): number | null | undefined {
  return sample?.values[SYSTEM_METRIC_NAMES.indexOf(name)];
}

test('a sample has every metric in its place, to two decimals, and null where nothing was measured', () => {
  const { sampler, counters } = setUp();
  counters.accepted += 500;
  sampler.sample(5000, PROCESS);
  const [sample] = sampler.since(0);
  expect(systemSampleSchema.parse(sample)).toEqual(sample);
  expect([sample?.atMs, sample?.values.length]).toEqual([5000, SYSTEM_METRIC_NAMES.length]);
  expect(value(sample, 'cpu')).toBe(12.35);
  expect(value(sample, 'loopDelayP95Ms')).toBe(null);
  expect(value(sample, 'historyP99Ms')).toBe(null);
  expect(value(sample, 'descriptors')).toBe(42);
  expect(value(sample, 'deliveryLagP99Ms')).toBe(12);
  expect(value(sample, 'heldEvents')).toBe(3);
});

test('rates are of the time that has really passed, and of what came since the sample before', () => {
  const { sampler, counters } = setUp();
  counters.accepted += 500;
  counters.delivered += 50;
  sampler.sample(0, PROCESS);
  sampler.sample(2000, PROCESS);
  const [first, second] = sampler.since(0);
  expect([value(first, 'acceptedPerSecond'), value(first, 'deliveredPerSecond')]).toEqual([250, 25]);
  expect([value(second, 'acceptedPerSecond'), value(second, 'deliveredPerSecond')]).toEqual([0, 0]);
});

test('a reader gets each sample once, and after a long pause what is still kept', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: 25 })), (pauses) => {
      const ring = new SampleRing(10, 1);
      let seen = 0;
      for (const pause of pauses) {
        for (let taken = 0; taken < pause; taken += 1) ring.push(ring.count, Float64Array.of(ring.count));
        const first = Math.max(seen, ring.count - 10);
        const expected = Array.from({ length: ring.count - first }, (_, index) => first + index);
        expect(ring.since(seen).map(({ atMs, values: [only] }) => [atMs, only])).toEqual(expected.map((n) => [n, n]));
        seen = ring.count;
      }
    }),
  );
});

test('errors are a share of the last ten samples; nothing tried is nothing failed', () => {
  const rate = new ErrorRate();
  expect(rate.percent(0, 0)).toBe(0);
  expect(rate.percent(4, 1)).toBe(25);
  for (let sample = 0; sample < 8; sample += 1) expect(rate.percent(4, 1)).toBe(25);
  expect(rate.percent(4, 1)).toBe(25);
  expect(rate.percent(4, 1)).toBe(0);
  expect(rate.percent(8, 5)).toBe(100);
});

test('a pause is counted in the bucket of the first bound that it does not pass', () => {
  const gc = new GcHistogram();
  for (const pauseMs of [0.2, 1, 1.1, 200, 201]) gc.add('major', pauseMs);
  const major = gc.kinds.find(({ kind }) => kind === 'major');
  expect(major).toMatchObject({ count: 5, buckets: [2, 1, 0, 0, 0, 0, 0, 1, 1] });
  expect(gc.totalMs).toBeCloseTo(403.3);
  expect(gc.kinds.map(({ kind }) => kind).sort()).toEqual(['incremental', 'major', 'minor', 'weakcb']);
});

test('the soft limit of descriptors is found in what the kernel tells', () => {
  const limits = 'Limit  Soft Limit  Hard Limit  Units\nMax open files            20000     524288    files     \n';
  expect(parseLimit(limits)).toBe(20_000);
  expect(parseLimit('Max open files            unlimited     unlimited    files')).toBeUndefined();
});
