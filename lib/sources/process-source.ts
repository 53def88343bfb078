import { readdir } from 'node:fs/promises';
import { monitorEventLoopDelay, PerformanceObserver, performance } from 'node:perf_hooks';
import { type Clock, systemClock } from '@/lib/core/clock.ts';
import type { Source } from '@/lib/core/source.ts';
import { type SampledMetric, toMetricEvents } from './sample-metric.ts';
import { startSampler } from './sampler.ts';

const SERVICE = 'tailrace';
/** Finer costs more than it tells: at 1 ms the histogram's timer alone wakes the process a thousand times a second. */
const DELAY_RESOLUTION_MS = 20;
/** The kernel needs 36 ms to list 10,000 descriptors (measured), which is what as many connections hold. */
const DESCRIPTORS_EVERY_MS = 10_000;

export type Gauge = {
  readonly name: string;
  readonly value: number;
  readonly unit: string;
  readonly type: 'gauge' | 'counter';
};

export type ProcessSourceOptions = {
  /** What the rest of the server wants shown: connections, totals of ingest and delivery. Asked once a second. */
  readonly gauges?: () => readonly Gauge[];
  readonly clock?: Clock;
};

/** This process: its event loop, heap, collector, handles and share of a core, and the gauges handed in. */
export function createProcessSource({ gauges = () => [], clock = systemClock }: ProcessSourceOptions = {}): Source {
  return {
    name: SERVICE,
    async start(sink) {
      const loop = watchEventLoop();
      const collector = watchCollector();
      const readCpuUsage = watchCpu();
      const countDescriptors = watchDescriptors();
      const stopSampler = startSampler({
        service: SERVICE,
        clock,
        sink,
        sample: async (timeMs) => {
          const metrics = [
            ...loop.read(),
            ...collector.read(),
            ...memoryMetrics(),
            ...readCpuUsage(),
            { name: 'handles', value: process.getActiveResourcesInfo().length, unit: '1' },
            ...(await countDescriptors()),
            ...gauges(),
          ];
          return toMetricEvents(metrics, SERVICE, timeMs);
        },
      });
      return async () => {
        stopSampler();
        loop.stop();
        collector.stop();
      };
    },
  };
}

type Watch = { read(): SampledMetric[]; stop(): void };

function watchEventLoop(): Watch {
  const histogram = monitorEventLoopDelay({ resolution: DELAY_RESOLUTION_MS });
  histogram.enable();
  let previous = performance.eventLoopUtilization();
  return {
    read() {
      const current = performance.eventLoopUtilization();
      const { utilization } = performance.eventLoopUtilization(current, previous);
      previous = current;
      const metrics: SampledMetric[] = [{ name: 'eventloop.utilization', value: utilization * 100, unit: '%' }];
      // The histogram records the time between two firings of its timer: an idle loop shows the resolution itself.
      const add = (name: string, valueNs: number) =>
        metrics.push({ name, value: Math.max(0, valueNs / 1e6 - DELAY_RESOLUTION_MS), unit: 'ms' });
      if (histogram.count > 0) {
        add('eventloop.delay.p50', histogram.percentile(50));
        add('eventloop.delay.p99', histogram.percentile(99));
        add('eventloop.delay.max', histogram.max);
      }
      histogram.reset();
      return metrics;
    },
    stop: () => void histogram.disable(),
  };
}

/** Counts the collections since the last reading, and adds up how long they held the program. */
function watchCollector(): Watch {
  let count = 0;
  let pauseMs = 0;
  const observer = new PerformanceObserver((list) => {
    for (const { duration } of list.getEntries()) {
      count += 1;
      pauseMs += duration;
    }
  });
  observer.observe({ entryTypes: ['gc'] });
  return {
    read() {
      const metrics = [
        { name: 'gc.count', value: count, unit: '1' },
        { name: 'gc.pause', value: pauseMs, unit: 'ms' },
      ];
      count = 0;
      pauseMs = 0;
      return metrics;
    },
    stop: () => observer.disconnect(),
  };
}

function memoryMetrics(): SampledMetric[] {
  const { heapUsed, heapTotal, rss, external } = process.memoryUsage();
  return [
    { name: 'heap.used', value: heapUsed, unit: 'By' },
    { name: 'heap.total', value: heapTotal, unit: 'By' },
    { name: 'memory.rss', value: rss, unit: 'By' },
    { name: 'memory.external', value: external, unit: 'By' },
  ];
}

/** Percent of one core, over all threads: above 100 where workers or the collector's helpers run too. */
function watchCpu(): () => SampledMetric[] {
  let previous = process.cpuUsage();
  let previousMs = performance.now();
  return () => {
    const current = process.cpuUsage();
    const currentMs = performance.now();
    const usedMs = (current.user - previous.user + current.system - previous.system) / 1000;
    const value = (usedMs / (currentMs - previousMs)) * 100;
    previous = current;
    previousMs = currentMs;
    return [{ name: 'cpu.usage', value, unit: '%' }];
  };
}

/** Linux only; elsewhere there is no such list and the metric is absent. */
function watchDescriptors(): () => Promise<SampledMetric[]> {
  let dueMs = 0;
  return async () => {
    if (performance.now() < dueMs) return [];
    dueMs = performance.now() + DESCRIPTORS_EVERY_MS;
    const names = await readdir('/proc/self/fd').catch(() => undefined);
    // The list contains the descriptor that reads it.
    return names ? [{ name: 'file_descriptors', value: names.length - 1, unit: '1' }] : [];
  };
}
