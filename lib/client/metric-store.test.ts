import fc from 'fast-check';
import { afterEach, describe, expect, test } from 'vitest';
import type { MetricEvent } from '@/lib/core/event.ts';
import type { MetricPage, MetricPoint } from '@/lib/wire/pages.ts';
import { labelsOf, SERIES_MAX, SeriesSet } from './metric-series.ts';
import { MetricStore } from './metric-store.ts';
import { TabHub } from './tab-hub.ts';
import { FakeScheduler } from './testing/fake-scheduler.ts';
import { FakeServer } from './testing/fake-server.ts';

const disposals: (() => void)[] = [];
afterEach(() => {
  for (const dispose of disposals.splice(0)) dispose();
});

function sample(timeMs: number, value: number, name = 'cpu', attributes?: Record<string, string>): MetricEvent {
  const time = new Date(timeMs).toISOString();
  return { kind: 'metric', time, service: 'host', name, value, type: 'gauge', ...(attributes && { attributes }) };
}

function pageOf(toMs: number, points: MetricPoint[], position: string, rangeMs = 60_000): MetricPage {
  const series = [{ service: 'host', name: 'cpu', unit: '', type: 'gauge' as const, labels: '', points }];
  return { fromMs: toMs - rangeMs, toMs, stepMs: 1_000, position, series: points.length > 0 ? series : [], omitted: 0 };
}

async function setUp() {
  const scheduler = new FakeScheduler();
  const server = new FakeServer(scheduler);
  const answers: { url: string; page: MetricPage | undefined }[] = [];
  let next: () => MetricPage | undefined = () => undefined;
  server.refuse = (call) => {
    if (!call.url.startsWith('/api/metrics/query')) return undefined;
    const page = next();
    answers.push({ url: call.url, page });
    return page ? Response.json(page) : Response.json({ title: 'History is away.' }, { status: 503 });
  };
  const hub = new TabHub({
    tabId: () => 'tab',
    scheduler,
    fetch: server.fetch,
    isOnline: () => true,
    ports: () => undefined,
    onReport: () => undefined,
    onBatch: () => undefined,
  });
  const nowMs = scheduler.now();
  const page = pageOf(nowMs, [[nowMs - 2_000, 10, 10, 10, 10, 1]], 'EpochAA1.0');
  const options = { fetch: server.fetch, scheduler, openView: hub.open.bind(hub) };
  const metrics = new MetricStore(options, { page, range: '1m' });
  const detach = metrics.attach();
  hub.start();
  disposals.push(() => {
    detach();
    hub.stop('test over');
    server.dispose();
  });
  await scheduler.advance(100);
  const state = () => metrics.store.getState();
  return { scheduler, server, metrics, nowMs, state, answers, answer: (with_: typeof next) => (next = with_) };
}

describe('a set of series', () => {
  test('joins history and live samples in one bucket, whatever their order', () => {
    fc.assert(
      fc.property(
        fc.array(fc.record({ at: fc.nat(9_999), value: fc.integer({ min: -50, max: 50 }) }), { maxLength: 50 }),
        (samples) => {
          const set = new SeriesSet(pageOf(10_000, [], 'EpochAA1.0'));
          for (const { at, value } of samples) set.add(sample(at, value), 0);
          const points = set.draw(-1_000)[0]?.points ?? [];
          const buckets = [...new Set(samples.map(({ at }) => Math.floor(at / 1_000) * 1_000))].sort((a, b) => a - b);
          expect(points.map((point) => point[0])).toEqual(buckets);
          for (const [start, mean, min, max, last, count] of points) {
            const values = samples.filter(({ at }) => at >= start && at < start + 1_000).map(({ value }) => value);
            expect([min, max, last, count]).toEqual([
              Math.min(...values),
              Math.max(...values),
              values.at(-1),
              values.length,
            ]);
            expect(mean).toBeCloseTo(values.reduce((sum, value) => sum + value, 0) / values.length, 6);
          }
        },
      ),
    );
  });

  test('tells series apart by their sorted labels', () => {
    expect(labelsOf(sample(0, 1, 'cpu', { b: '2', a: '1' }))).toBe('{"a":"1","b":"2"}');
    expect(labelsOf(sample(0, 1))).toBe('');
    const set = new SeriesSet(pageOf(10_000, [], 'EpochAA1.0'));
    set.add(sample(1, 1, 'cpu', { core: '1' }), 0);
    set.add(sample(1, 1, 'cpu', { core: '2' }), 0);
    expect(set.draw(0).map((series) => series.labels)).toEqual(['{"core":"1"}', '{"core":"2"}']);
  });

  test('keeps a bounded number of series and counts the others', () => {
    const set = new SeriesSet(pageOf(10_000, [], 'EpochAA1.0'));
    for (let round = 0; round < 2; round += 1) {
      for (let index = 0; index < SERIES_MAX + 7; index += 1) set.add(sample(5, 1, `m${index}`), 0);
    }
    expect(set.draw(0)).toHaveLength(SERIES_MAX);
    expect(set.omitted).toBe(7);
  });

  test('gives the same object for a series that did not change', () => {
    const set = new SeriesSet(pageOf(10_000, [[1_000, 1, 1, 1, 1, 1]], 'EpochAA1.0'));
    const [before] = set.draw(0);
    set.add(sample(2_000, 1, 'other'), 0);
    expect(set.draw(0)[0]).toBe(before);
    set.add(sample(1_500, 3), 0);
    expect(set.draw(0)[0]?.points).toEqual([[1_000, 2, 1, 3, 3, 2]]);
    expect(before?.points).toEqual([[1_000, 1, 1, 1, 1, 1]]);
  });
});

describe('the metric store', () => {
  test('draws live samples into the history a few times a second', async () => {
    const { scheduler, server, nowMs, state, metrics } = await setUp();
    let drawn = 0;
    metrics.store.subscribe(() => {
      drawn += 1;
    });
    for (let index = 0; index < 100; index += 1) {
      server.append(sample(nowMs + index * 10, index));
      await scheduler.advance(10);
    }
    await scheduler.advance(300);
    expect(state().series[0]?.points).toEqual([
      [nowMs - 2_000, 10, 10, 10, 10, 1],
      [nowMs, 49.5, 0, 99, 99, 100],
    ]);
    expect(drawn).toBeLessThanOrEqual(8);
  });

  test('moves its window with the clock and drops what leaves it', async () => {
    const { scheduler, state, nowMs } = await setUp();
    await scheduler.advance(30_000);
    expect(state().toMs - nowMs).toBeGreaterThanOrEqual(29_000);
    expect(state().series).toHaveLength(1);
    await scheduler.advance(32_000);
    expect(state().series).toEqual([]);
    expect(state().toMs - state().fromMs).toBe(60_000);
  });

  test('loads another range and services, and follows them from that page', async () => {
    const { scheduler, server, metrics, state, answers, answer, nowMs } = await setUp();
    answer(() => pageOf(scheduler.now(), [[nowMs - 100_000, 1, 1, 1, 1, 1]], server.head, 300_000));
    metrics.setRange('5m');
    expect(state()).toMatchObject({ loading: true, range: '1m' });
    await scheduler.advance(10);
    expect(answers.at(-1)?.url).toBe('/api/metrics/query?from=-5m&width=300');
    expect(state()).toMatchObject({ loading: false, range: '5m' });
    metrics.setServices(['host']);
    await scheduler.advance(10);
    expect(answers.at(-1)?.url).toBe('/api/metrics/query?from=-5m&width=300&service=host');
    server.append(sample(scheduler.now(), 5));
    await scheduler.advance(400);
    expect(state().series[0]?.points.map((point) => point[4])).toEqual([1, 5]);
  });

  test('goes on with the old charts and a sentence when a range cannot be loaded', async () => {
    const { scheduler, metrics, state, answer } = await setUp();
    metrics.setRange('24h');
    await scheduler.advance(10);
    expect(state()).toMatchObject({ loading: false, range: '1m', error: 'History is away.' });
    expect(state().series).toHaveLength(1);
    answer(() => pageOf(scheduler.now(), [], 'EpochAA1.0'));
    metrics.retry();
    await scheduler.advance(10);
    expect(state()).toMatchObject({ range: '24h', error: undefined });
  });

  test('asks anew when its first page is old', async () => {
    const { scheduler, server, answers, answer } = await setUp();
    const old = pageOf(scheduler.now() - 600_000, [], 'EpochAA1.0');
    answer(() => pageOf(scheduler.now(), [], 'EpochAA1.0'));
    const options = { fetch: server.fetch, scheduler, openView: () => () => undefined };
    const detach = new MetricStore(options, { page: old, range: '1m' }).attach();
    expect(answers).toHaveLength(1);
    detach();
  });
});
