import { describe, expect, it } from 'vitest';
import { hostMetrics } from './host-metrics.ts';
import type { HostReading } from './host-reading.ts';

const before: HostReading = {
  atMs: 1000,
  cpu: { busy: 100, total: 1000 },
  cores: new Map([[0, { busy: 100, total: 1000 }]]),
  network: new Map([['eth0', { receivedBytes: 5000, sentBytes: 900 }]]),
  diskTraffic: { readBytes: 0, writtenBytes: 4096 },
};

function metricValue(current: HostReading, previous: HostReading | undefined, name: string): number | undefined {
  return hostMetrics(current, previous).find((metric) => metric.name === name)?.value;
}

describe('The metrics of the host', () => {
  it('are rates over the time that passed between two readings', () => {
    const after: HostReading = {
      atMs: 3000,
      cpu: { busy: 150, total: 1200 },
      network: new Map([['eth0', { receivedBytes: 9000, sentBytes: 900 }]]),
      diskTraffic: { readBytes: 0, writtenBytes: 8192 },
    };
    expect(metricValue(after, before, 'cpu.usage')).toBe(25);
    expect(metricValue(after, before, 'network.receive')).toBe(2000);
    expect(metricValue(after, before, 'network.transmit')).toBe(0);
    expect(metricValue(after, before, 'disk.write')).toBe(2048);
  });

  it('leave out a rate without a reading before it, and one whose counter ran backwards', () => {
    expect(hostMetrics(before, undefined)).toEqual([]);
    const restarted = { atMs: 2000, network: new Map([['eth0', { receivedBytes: 10, sentBytes: 950 }]]) };
    expect(metricValue(restarted, before, 'network.receive')).toBeUndefined();
    expect(metricValue(restarted, before, 'network.transmit')).toBe(50);
  });

  it('never say zero for what was not read', () => {
    expect(hostMetrics({ atMs: 2000 }, before)).toEqual([]);
  });

  it('relate a full disk to what users may write, as df does', () => {
    const mounts = [{ mount: '/', totalBytes: 100, usedBytes: 60, availableBytes: 20 }];
    const usage = hostMetrics({ atMs: 0, mounts }, undefined).find(({ name }) => name === 'disk.usage');
    expect(usage).toEqual({ name: 'disk.usage', value: 75, unit: '%', attributes: { mount: '/' } });
  });
});
