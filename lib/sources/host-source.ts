import { platform } from 'node:os';
import { type Clock, systemClock } from '@/lib/core/clock.ts';
import type { Source } from '@/lib/core/source.ts';
import { hostMetrics } from './host/host-metrics.ts';
import type { HostReader, HostReading } from './host/host-reading.ts';
import { createLinuxReader } from './host/linux-reader.ts';
import { createPortableReader } from './host/portable-reader.ts';
import { type SampledMetric, toMetricEvents } from './sample-metric.ts';
import { startSampler } from './sampler.ts';

const SERVICE = 'host';

export type HostSourceOptions = { readonly clock?: Clock; readonly reader?: HostReader };

/**
 * The machine: processor, load, memory and traffic every second; disk space and the number of processes as often as
 * the reader can afford. What a system does not tell is left out.
 */
export function createHostSource(options: HostSourceOptions = {}): Source {
  const { clock = systemClock } = options;
  return {
    name: SERVICE,
    async start(sink) {
      const reader = options.reader ?? (platform() === 'linux' ? createLinuxReader() : createPortableReader());
      const slowMetrics = startSlowReadings(reader);
      let previous = reader.quick();
      // What needs no second reading is on the page at once.
      sink(toMetricEvents(hostMetrics(previous, undefined), SERVICE, clock.now()));

      const stop = startSampler({
        service: SERVICE,
        clock,
        sink,
        sample: (timeMs) => {
          const current = reader.quick();
          const metrics = hostMetrics(current, previous);
          previous = current;
          return toMetricEvents([...metrics, ...slowMetrics()], SERVICE, timeMs);
        },
      });
      return async () => stop();
    },
  };
}

/**
 * Runs the reader's slow part beside the samples, which never wait for it. The function returned hands out the metrics
 * of a reading that has come in since the last call, and starts the next one when it is due.
 */
function startSlowReadings(reader: HostReader): () => readonly SampledMetric[] {
  let previous: HostReading | undefined;
  let arrived: HostReading | undefined;
  let failure: { readonly error: unknown } | undefined;
  let underWay = false;
  let dueMs = 0;

  const read = async (): Promise<void> => {
    underWay = true;
    // Monotonic, like the readings: a step of the wall clock must not postpone the next one by hours.
    dueMs = performance.now() + reader.slowEveryMs;
    try {
      arrived = await reader.slow();
    } catch (error) {
      failure = { error };
    }
    underWay = false;
  };

  void read();
  return () => {
    if (!underWay && performance.now() >= dueMs) void read();
    if (failure) {
      const { error } = failure;
      failure = undefined;
      throw error;
    }
    if (!arrived) return [];
    const metrics = hostMetrics(arrived, previous);
    previous = arrived;
    arrived = undefined;
    return metrics;
  };
}
