import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { collect } from '../collect-events.ts';
import { createDemoSource } from './demo-source.ts';

const START_MS = Date.UTC(2026, 0, 1, 12);

describe('The demo source', () => {
  beforeEach(() => void vi.useFakeTimers({ now: START_MS }));
  afterEach(() => void vi.useRealTimers());

  it('plays the shop at the pace of the clock', async () => {
    const { events, stop } = await collect(createDemoSource({ seed: 2 }));
    await vi.advanceTimersByTimeAsync(10_000);
    const logs = events.filter(({ kind }) => kind === 'log');
    expect(logs.length).toBeGreaterThan(100);
    expect(events.every(({ time }) => Number(time) <= Date.now())).toBe(true);
    expect(events.filter((event) => event['name'] === 'orders')).toHaveLength(10);
    await stop();
  });

  it('does not make up for the time it was held up beyond a second', async () => {
    const { events, stop } = await collect(createDemoSource({ ratePerSecond: 100 }));
    await vi.advanceTimersByTimeAsync(500);
    events.length = 0;
    vi.setSystemTime(START_MS + 3_600_000);
    await vi.advanceTimersByTimeAsync(100);
    expect(events.length).toBeGreaterThan(0);
    expect(events.every(({ time }) => Number(time) >= START_MS + 3_600_000 - 1000)).toBe(true);
    await stop();
  });

  it('goes on when the clock is set far back', async () => {
    const { events, stop } = await collect(createDemoSource());
    await vi.advanceTimersByTimeAsync(500);
    events.length = 0;
    vi.setSystemTime(START_MS - 3_600_000);
    await vi.advanceTimersByTimeAsync(2000);
    expect(events.length).toBeGreaterThan(0);
    await stop();
  });

  it('holds no timer and emits nothing once stopped', async () => {
    const { events, stop } = await collect(createDemoSource());
    await vi.advanceTimersByTimeAsync(1000);
    await stop();
    const before = events.length;
    expect(vi.getTimerCount()).toBe(0);
    await vi.advanceTimersByTimeAsync(2000);
    expect(events.length).toBe(before);
  });
});
