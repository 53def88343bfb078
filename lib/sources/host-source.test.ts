import { platform } from 'node:os';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { collect, metricsNamed, prepareAll } from './collect-events.ts';
import type { HostReader } from './host/host-reading.ts';
import { createPortableReader } from './host/portable-reader.ts';
import { createHostSource } from './host-source.ts';

describe('The host source on this machine', () => {
  it('tells memory at once and the processor from the second reading on', async () => {
    const { events, stop } = await collect(createHostSource());
    const [used] = metricsNamed(events, 'memory.used');
    const [total] = metricsNamed(events, 'memory.total');
    if (platform() === 'linux') {
      expect(used?.value).toBeGreaterThan(0);
      expect(used?.value).toBeLessThan(total?.value ?? 0);
    }
    expect(metricsNamed(events, 'uptime')[0]?.value).toBeGreaterThan(0);
    expect(metricsNamed(events, 'cpu.usage')).toEqual([]);
    await vi.waitUntil(() => metricsNamed(events, 'cpu.usage').length > 0, { timeout: 10_000 });
    await stop();

    for (const { value } of [...metricsNamed(events, 'cpu.usage'), ...metricsNamed(events, 'cpu.core.usage')]) {
      expect(value).toBeGreaterThanOrEqual(0);
      expect(value).toBeLessThanOrEqual(100);
    }
    expect(prepareAll(events, Date.now()).every(({ service, sample }) => service === 'host' && sample?.unit)).toBe(
      true,
    );
  });

  it.runIf(platform() === 'linux')('tells the root disk and the number of processes', async () => {
    const { events, stop } = await collect(createHostSource());
    await vi.waitUntil(() => metricsNamed(events, 'processes.total').length > 0, { timeout: 10_000 });
    await stop();
    const root = metricsNamed(events, 'disk.usage').find(({ attributes }) => attributes?.['mount'] === '/');
    expect(root?.value).toBeGreaterThan(0);
    expect(root?.value).toBeLessThanOrEqual(100);
    expect(metricsNamed(events, 'processes.total')[0]?.value).toBeGreaterThan(1);
  });

  it('reads the same things through systeminformation, for systems that are not Linux', async () => {
    const reader = createPortableReader();
    const { cpu } = reader.quick();
    expect(cpu?.busy).toBeLessThan(cpu?.total ?? 0);
    const slow = await reader.slow();
    expect(slow.memory?.availableBytes).toBeLessThan(slow.memory?.totalBytes ?? 0);
    for (const { usedBytes, totalBytes } of slow.mounts ?? []) expect(usedBytes).toBeLessThanOrEqual(totalBytes);
  }, 60_000);

  it('takes zeros that systeminformation gives for failure as nothing', async () => {
    const zero = { total: 0, available: 0, swaptotal: 0, swapused: 0, all: 0, running: 0 };
    const information = {
      mem: () => Promise.resolve(zero),
      networkStats: () => Promise.resolve([{ iface: '', rx_bytes: 0, tx_bytes: 0 }]),
      fsSize: () => Promise.reject(new Error('no df')),
      fsStats: () => Promise.resolve(null),
      processes: () => Promise.resolve(zero),
    };
    const reader = createPortableReader(() => Promise.resolve(information));
    expect(Object.keys(await reader.slow())).toEqual(['atMs']);
  });
});

describe('The host source over time', () => {
  beforeEach(() => void vi.useFakeTimers({ now: Date.UTC(2026, 0, 1) }));
  afterEach(() => void vi.useRealTimers());

  it('never has two slow readings under way, and goes on without them', async () => {
    let started = 0;
    const reader: HostReader = {
      slowEveryMs: 1000,
      quick: () => ({ atMs: performance.now(), uptimeS: 1 }),
      slow: () => {
        started += 1;
        return new Promise(() => {});
      },
    };
    const { events, stop } = await collect(createHostSource({ reader }));
    await vi.advanceTimersByTimeAsync(30_000);
    expect(started).toBe(1);
    expect(metricsNamed(events, 'uptime').length).toBeGreaterThan(25);
    await stop();
  });

  it('asks for the slow part only as often as the reader can afford', async () => {
    let started = 0;
    const reader: HostReader = {
      slowEveryMs: 10_000,
      quick: () => ({ atMs: performance.now() }),
      slow: () => {
        started += 1;
        return Promise.resolve({ atMs: performance.now(), processesTotal: started });
      },
    };
    const { events, stop } = await collect(createHostSource({ reader }));
    await vi.advanceTimersByTimeAsync(35_000);
    expect(metricsNamed(events, 'processes.total').map(({ value }) => value)).toEqual([1, 2, 3, 4]);
    await stop();
  });

  it('holds no timer and emits nothing once stopped', async () => {
    const { events, stop } = await collect(createHostSource());
    await vi.advanceTimersByTimeAsync(2000);
    await stop();
    const before = events.length;
    expect(vi.getTimerCount()).toBe(0);
    await vi.advanceTimersByTimeAsync(5000);
    expect(events.length).toBe(before);
  });
});
