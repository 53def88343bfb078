import fc from 'fast-check';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { prepared } from '@/lib/core/testing/arbitraries.ts';
import { chooseStepMs, SERIES_PER_PAGE_MAX } from './metric-reader.ts';
import { Appender } from './testing/batches.ts';
import type { OpenStore } from './testing/history-contract.ts';
import { temporarySqlite } from './testing/temporary-stores.ts';

/** A round time near now, since how long roll-ups are kept is reckoned from the clock. */
const T0 = Math.floor(Date.now() / 7_200_000) * 7_200_000 - 7_200_000;

let opened: OpenStore;
let appender: Appender;
beforeEach(async () => {
  opened = await temporarySqlite();
  appender = new Appender(opened.store);
  await opened.store.open();
});
afterEach(() => opened.dispose());

type Sample = { name: string; offsetMs: number; value: number };
const metric = ({ name, offsetMs, value }: Sample) =>
  prepared({ kind: 'metric', name, value, time: T0 + offsetMs }, T0);

/** Buckets by the plain rule: later time wins the last value, then later arrival. */
function naive(samples: readonly Sample[], name: string, stepMs: number) {
  const buckets = new Map<number, Sample[]>();
  for (const sample of samples.filter((each) => each.name === name)) {
    const start = Math.floor((T0 + sample.offsetMs) / stepMs) * stepMs;
    buckets.set(start, [...(buckets.get(start) ?? []), sample]);
  }
  return [...buckets]
    .sort(([a], [b]) => a - b)
    .map(([start, inside]) => {
      const values = inside.map(({ value }) => value);
      const last = inside.reduce((a, b) => (b.offsetMs >= a.offsetMs ? b : a));
      const sum = values.reduce((a, b) => a + b, 0);
      return [start, sum / values.length, Math.min(...values), Math.max(...values), last.value, values.length];
    });
}

const sample = fc.record({
  name: fc.constantFrom('a', 'b'),
  offsetMs: fc.integer({ min: -30_000, max: 1_500_000 }),
  value: fc.integer({ min: -100, max: 100 }),
});

test('raw buckets and roll-ups are exactly what the plain rule says, over many commits out of order', async () => {
  const batches = fc.sample(fc.array(sample, { minLength: 1, maxLength: 40 }), { seed: 3, numRuns: 10 });
  for (const batch of batches) await appender.append(batch.map(metric), T0 - 40_000);
  const all = batches.flat();
  for (const [width, stepMs] of [
    [1800, 1000],
    [360, 5000],
    [180, 10_000],
    [30, 60_000],
    [6, 300_000],
    [3, 600_000],
  ] as const) {
    const page = await opened.store.queryMetrics({ fromMs: T0 - 30_000, toMs: T0 + 1_770_000, width });
    expect(page.stepMs).toBe(stepMs);
    expect(page.headSeq).toBe(all.length);
    expect(page.series.map(({ name, points }) => [name, points])).toEqual(
      ['a', 'b'].map((name) => [name, naive(all, name, stepMs)]),
    );
  }
});

test('samples before 1970 fall into the same buckets raw and rolled up', async () => {
  const early = [-2500, -1500, -500, 500].map((ms) =>
    prepared({ kind: 'metric', name: 'm', value: ms, time: ms / 1000 }, T0),
  );
  await appender.append(early, T0);
  const page = await opened.store.queryMetrics({ fromMs: -5000, toMs: 5000, width: 10 });
  const starts = page.series[0]?.points.map(([start]) => start);
  expect(starts).toEqual(page.stepMs === 1000 ? [-3000, -2000, -1000, 0] : [-7_200_000, 0]);
});

test('where the events are gone, the roll-ups still draw the chart', async () => {
  const at = (offsetMs: number) => metric({ name: 'a', offsetMs, value: 1 });
  await appender.append([at(0), at(1000), at(2000)], T0);
  await appender.append([at(900_000)], T0 + 900_000);
  await opened.store.retain({ ageMs: 1000, bytesMax: 1e12 }, T0 + 900_000);
  const page = await opened.store.queryMetrics({ fromMs: T0, toMs: T0 + 60_000, width: 60 });
  expect(page).toMatchObject({ stepMs: 10_000, fromMs: T0 });
  expect(page.series[0]?.points).toEqual([[T0, 1, 1, 1, 1, 3]]);
  const newest = await opened.store.queryMetrics({ fromMs: T0 + 900_000, toMs: T0 + 960_000, width: 60 });
  expect(newest.stepMs).toBe(1000);
});

test('where the fine roll-ups are gone, coarser ones draw the chart', async () => {
  const ageMs = 5 * 86_400_000;
  await appender.append(
    [0, 20_000].map((ms) => metric({ name: 'a', offsetMs: ms - ageMs, value: 2 })),
    T0 - ageMs,
  );
  await appender.append([metric({ name: 'a', offsetMs: 0, value: 2 })], T0);
  await opened.store.retain({ ageMs: 1e12, bytesMax: 1e12 }, Date.now());
  const page = await opened.store.queryMetrics({ fromMs: T0 - ageMs, toMs: T0 - ageMs + 3_600_000, width: 300 });
  expect(page.stepMs % 60_000).toBe(0);
  expect(page.series[0]?.points).toEqual([[T0 - ageMs, 2, 2, 2, 2, 2]]);
});

test('series can be asked for by service and name, and too many are counted', async () => {
  const events = Array.from({ length: SERIES_PER_PAGE_MAX + 5 }, (_, index) =>
    prepared(
      { kind: 'metric', name: 'm', value: index, time: T0, service: index < 3 ? 'few' : 'many', attributes: { index } },
      T0,
    ),
  );
  await appender.append(events, T0);
  const window = { fromMs: T0, toMs: T0 + 10_000, width: 10 };
  const all = await opened.store.queryMetrics(window);
  expect([all.series.length, all.omitted]).toEqual([SERIES_PER_PAGE_MAX, 5]);
  const few = await opened.store.queryMetrics({ ...window, services: ['few'], name: 'm' });
  expect([few.series.length, few.omitted]).toEqual([3, 0]);
  expect(few.series[0]).toMatchObject({ service: 'few', name: 'm', unit: '', type: 'gauge', labels: '{"index":0}' });
  expect((await opened.store.queryMetrics({ ...window, name: 'other' })).series).toEqual([]);
  expect((await opened.store.queryMetrics({ ...window, fromMs: T0 - 10_000, toMs: T0 })).series).toEqual([]);
});

test('a step is round, never finer than asked, and never makes more than 2000 points', () => {
  fc.assert(
    fc.property(fc.double({ min: 1, max: 3e14, noNaN: true }), fc.integer({ min: 1, max: 10_000 }), (spanMs, width) => {
      const stepMs = chooseStepMs(spanMs, width);
      expect(Number.isInteger(stepMs)).toBe(true);
      expect(stepMs).toBeGreaterThanOrEqual(spanMs / Math.min(width, 2000));
      if (stepMs >= 10_000) expect(stepMs % 10_000).toBe(0);
    }),
    { seed: 1 },
  );
});
