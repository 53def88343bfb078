import { setTimeout as pause } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { ResourceLedger } from '@/lib/core/ledger.ts';
import { systemReportSchema } from '@/lib/wire/system-pages.ts';
import { Monitor } from './monitor.ts';
import { WatchHub } from './watch-hub.ts';

function startMonitor(ledger: ResourceLedger): Monitor {
  const quantiles = () => ({ p95: 1, p99: 2 });
  const zero = () => 0;
  return new Monitor({
    readings: {
      connections: zero,
      deliveryLag: quantiles,
      historyCall: quantiles,
      attempts: () => ({ tried: 0, failed: 0 }),
      acceptedEvents: zero,
      deliveredEvents: zero,
      heldEvents: zero,
    },
    shed: { refuseNew: () => undefined, shortenRings: () => undefined, lengthenFrames: () => undefined },
    report: {
      startedMs: 1,
      version: '1.2.3',
      descriptorsMax: 1000,
      enabled: { chaos: false, diagnostics: true },
      ledger,
      slowCalls: () => [],
      breakers: () => [],
      held: () => ({ events: 0, eventsMax: 10 }),
    },
    ledger,
    watchers: new WatchHub(ledger),
    memorySoftBytes: 123_000_000,
    log: { warn: () => undefined },
    now: () => 5,
    onError: (error) => {
      throw error;
    },
  });
}

test('a report keeps the contract and tells of this process', () => {
  const monitor = startMonitor(new ResourceLedger(() => 0));
  const report = systemReportSchema.parse(monitor.report());
  expect(report).toMatchObject({
    nowMs: 5,
    version: '1.2.3',
    pid: process.pid,
    memory: { softMaxBytes: 123_000_000, shed: 'none', sheds: 0 },
    enabled: { chaos: false, diagnostics: true },
  });
  expect(report.heapSpaces.length).toBeGreaterThan(3);
  monitor.close();
});

test('samples come by themselves, and after the close nothing is held nor does anything come', async () => {
  const ledger = new ResourceLedger(() => 0);
  const monitor = startMonitor(ledger);
  expect(ledger.heldTotal).toBe(2);
  while (monitor.sampleCount === 0) await pause(20);
  const [sample] = monitor.samplesSince(0);
  expect(sample?.values.some((value) => value !== null && value > 0)).toBe(true);
  monitor.close();
  monitor.close();
  expect([ledger.heldTotal, ledger.leaked, monitor.watchers.isFull]).toEqual([0, 0, true]);
});
