import { monitorEventLoopDelay, performance } from 'node:perf_hooks';
import type { SystemMetric } from '@/lib/wire/system-pages.ts';
import { GcHistogram, observeGc } from './gc-observer.ts';

/** Finer wakes the process more often than it tells: each reading of the histogram is one firing of its timer. */
const RESOLUTION_MS = 20;

export type ProcessReading = Record<
  | Extract<SystemMetric, 'cpu' | 'loopUtilization' | 'loopDelayP95Ms' | 'loopDelayP99Ms' | 'gcPauseMs'>
  | Extract<SystemMetric, 'rssBytes' | 'heapUsedBytes' | 'externalBytes'>
  | 'elapsedMs',
  number
>;

/** This process since the reading before: processor, event loop, collector; and its memory now. */
export class ProcessMeter {
  readonly gc = new GcHistogram();
  readonly #stopGc = observeGc(this.gc);
  readonly #delay = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
  #atMs = performance.now();
  #cpu = process.cpuUsage();
  #loop = performance.eventLoopUtilization();
  #gcMs = 0;

  constructor() {
    this.#delay.enable();
  }

  read(): ProcessReading {
    const atMs = performance.now();
    const elapsedMs = atMs - this.#atMs;
    const cpu = process.cpuUsage(this.#cpu);
    const loop = performance.eventLoopUtilization();
    const { rss, heapUsed, external } = process.memoryUsage();
    const reading = {
      elapsedMs,
      // Of one core, over all threads: above 100 where the history thread and the collector's helpers run beside ours.
      cpu: (cpu.user + cpu.system) / 1000 / (elapsedMs / 100),
      loopUtilization: performance.eventLoopUtilization(loop, this.#loop).utilization * 100,
      loopDelayP95Ms: this.#delayMs(95),
      loopDelayP99Ms: this.#delayMs(99),
      gcPauseMs: this.gc.totalMs - this.#gcMs,
      rssBytes: rss,
      heapUsedBytes: heapUsed,
      externalBytes: external,
    };
    this.#atMs = atMs;
    this.#cpu = process.cpuUsage();
    this.#loop = loop;
    this.#gcMs = this.gc.totalMs;
    this.#delay.reset();
    return reading;
  }

  stop(): void {
    this.#stopGc();
    this.#delay.disable();
  }

  /** The histogram holds times between two firings of its timer: on an idle loop the resolution itself. */
  #delayMs(percentile: number): number {
    if (this.#delay.count === 0) return Number.NaN;
    return Math.max(0, this.#delay.percentile(percentile) / 1e6 - RESOLUTION_MS);
  }
}
