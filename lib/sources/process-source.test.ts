import { platform } from 'node:os';
import { describe, expect, it, vi } from 'vitest';
import { collect, metricsNamed, prepareAll, timersActive } from './collect-events.ts';
import { createProcessSource } from './process-source.ts';

describe('The process source', () => {
  it('tells heap, event loop, processor and handles of this process in sane ranges', async () => {
    const { events, stop } = await collect(createProcessSource());
    await vi.waitUntil(() => metricsNamed(events, 'eventloop.delay.max').length > 0, { timeout: 10_000 });
    await stop();

    const value = (name: string) => metricsNamed(events, name)[0]?.value ?? Number.NaN;
    expect(value('heap.used')).toBeGreaterThan(1_000_000);
    expect(value('heap.used')).toBeLessThanOrEqual(value('heap.total'));
    expect(value('memory.rss')).toBeGreaterThan(value('heap.used'));
    expect(value('eventloop.utilization')).toBeGreaterThanOrEqual(0);
    expect(value('eventloop.utilization')).toBeLessThanOrEqual(100);
    expect(value('eventloop.delay.p50')).toBeGreaterThanOrEqual(0);
    expect(value('eventloop.delay.max')).toBeGreaterThanOrEqual(value('eventloop.delay.p50'));
    expect(value('cpu.usage')).toBeGreaterThanOrEqual(0);
    expect(value('gc.count')).toBeGreaterThanOrEqual(0);
    if (platform() === 'linux') expect(value('file_descriptors')).toBeGreaterThan(2);
    expect(prepareAll(events, Date.now()).every(({ service }) => service === 'tailrace')).toBe(true);
  });

  it('passes on the gauges of the server under their own type and unit', async () => {
    const gauges = () => [
      { name: 'connections', value: 3, unit: '1', type: 'gauge' as const },
      { name: 'ingest.events', value: 12_345, unit: '1', type: 'counter' as const },
    ];
    const { events, stop } = await collect(createProcessSource({ gauges }));
    await vi.waitUntil(() => metricsNamed(events, 'ingest.events').length > 0, { timeout: 10_000 });
    await stop();
    expect(metricsNamed(events, 'ingest.events')[0]).toMatchObject({ value: 12_345, type: 'counter', unit: '1' });
    expect(metricsNamed(events, 'connections')[0]).toMatchObject({ value: 3, type: 'gauge', service: 'tailrace' });
  });

  it('holds no timer and emits nothing once stopped', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'Date'] });
    try {
      const { events, stop } = await collect(createProcessSource());
      expect(vi.getTimerCount()).toBe(1);
      // The list of descriptors is read by a thread that no fake clock drives.
      await vi.advanceTimersByTimeAsync(300);
      while (events.length === 0) await new Promise((resolve) => setImmediate(resolve));
      expect(vi.getTimerCount()).toBe(1);
      await stop();
      const before = events.length;
      expect(vi.getTimerCount()).toBe(0);
      await vi.advanceTimersByTimeAsync(5000);
      expect(events.length).toBe(before);
    } finally {
      vi.useRealTimers();
    }
  });

  it('does not keep the process alive', async () => {
    const timersBefore = timersActive();
    const { stop } = await collect(createProcessSource());
    // Only what holds the event loop open is listed there.
    expect(timersActive()).toBe(timersBefore);
    await stop();
  });
});
