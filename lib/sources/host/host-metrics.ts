import type { SampledMetric } from '../sample-metric.ts';
import type { CpuTimes, HostReading } from './host-reading.ts';

/** Every second of every core of a 256-core machine would outweigh all other events; `cpu.usage` covers them all. */
const CORES_MAX = 64;
const LOAD_NAMES = ['load.1m', 'load.5m', 'load.15m'];

/**
 * The metrics of one reading. Rates and percentages of time need the reading before it; without one, or where a
 * counter ran backwards (restarted interface, other namespace), they are left out.
 */
export function hostMetrics(current: HostReading, previous: HostReading | undefined): SampledMetric[] {
  const metrics: SampledMetric[] = [];
  const add = (name: string, value: number | undefined, unit: string, attributes?: SampledMetric['attributes']) => {
    if (value !== undefined) metrics.push(attributes ? { name, value, unit, attributes } : { name, value, unit });
  };

  add('cpu.usage', busyPercent(current.cpu, previous?.cpu), '%');
  for (const [core, times] of current.cores ?? []) {
    if (core < CORES_MAX) add('cpu.core.usage', busyPercent(times, previous?.cores?.get(core)), '%', { core });
  }
  for (const [index, name] of LOAD_NAMES.entries()) add(name, current.load?.[index], '1');
  if (current.memory) {
    const { totalBytes, availableBytes } = current.memory;
    add('memory.used', totalBytes - availableBytes, 'By');
    add('memory.available', availableBytes, 'By');
    add('memory.total', totalBytes, 'By');
    add('memory.usage', ((totalBytes - availableBytes) / totalBytes) * 100, '%');
  }
  add('swap.used', current.swap?.usedBytes, 'By');
  add('swap.total', current.swap?.totalBytes, 'By');
  for (const { mount, totalBytes, usedBytes, availableBytes } of current.mounts ?? []) {
    add('disk.used', usedBytes, 'By', { mount });
    add('disk.total', totalBytes, 'By', { mount });
    add('disk.usage', (usedBytes / (usedBytes + availableBytes)) * 100, '%', { mount });
  }
  const elapsedS = previous ? (current.atMs - previous.atMs) / 1000 : 0;
  const rate = (now: number | undefined, before: number | undefined) => perSecond(now, before, elapsedS);
  add('disk.read', rate(current.diskTraffic?.readBytes, previous?.diskTraffic?.readBytes), 'By/s');
  add('disk.write', rate(current.diskTraffic?.writtenBytes, previous?.diskTraffic?.writtenBytes), 'By/s');
  for (const [name, traffic] of current.network ?? []) {
    const before = previous?.network?.get(name);
    add('network.receive', rate(traffic.receivedBytes, before?.receivedBytes), 'By/s', { interface: name });
    add('network.transmit', rate(traffic.sentBytes, before?.sentBytes), 'By/s', { interface: name });
  }
  add('processes.total', current.processesTotal, '1');
  add('processes.running', current.processesRunning, '1');
  add('uptime', current.uptimeS, 's');
  return metrics;
}

function busyPercent(current: CpuTimes | undefined, previous: CpuTimes | undefined): number | undefined {
  if (!current || !previous) return undefined;
  const total = current.total - previous.total;
  if (total <= 0) return undefined;
  // The kernel's idle and iowait counters may step back a little (proc(5)), hence the limits.
  return Math.min(100, Math.max(0, ((current.busy - previous.busy) / total) * 100));
}

function perSecond(current: number | undefined, previous: number | undefined, elapsedS: number): number | undefined {
  if (current === undefined || previous === undefined || current < previous || elapsedS <= 0) return undefined;
  return (current - previous) / elapsedS;
}
