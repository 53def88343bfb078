import { totalmem } from 'node:os';
import { getHeapStatistics } from 'node:v8';
import type { ResourceLedger, ResourceOwner } from '@/lib/core/ledger.ts';
import type { SystemReport, SystemSample } from '@/lib/wire/system-pages.ts';
import { DescriptorCount } from './descriptors.ts';
import { Diagnostics } from './diagnostics.ts';
import { MemoryGuard, memoryLimits, type ShedPorts } from './memory-guard.ts';
import { ProcessMeter } from './process-meter.ts';
import { type ReportContext, systemReport } from './system-report.ts';
import { type ServerReadings, SystemSampler } from './system-sampler.ts';
import type { WatchHub } from './watch-hub.ts';

const EVERY_MS = 1000;

export type MonitorOptions = {
  readonly readings: ServerReadings;
  readonly shed: ShedPorts;
  readonly report: ReportContext;
  readonly ledger: ResourceLedger;
  /** Gets a tick a second, and is closed with the monitor. */
  readonly watchers: WatchHub;
  readonly memorySoftBytes: number | undefined;
  readonly log: { warn(message: string): void };
  readonly now: () => number;
  onError(error: unknown): void;
};

/** Watches this process: once a second a sample, a look at the memory, and a frame for whoever follows. */
export class Monitor {
  readonly watchers: WatchHub;
  readonly memory: MemoryGuard;
  readonly diagnostics = new Diagnostics();
  readonly #options: MonitorOptions;
  readonly #owner: ResourceOwner;
  readonly #meter = new ProcessMeter();
  readonly descriptors = new DescriptorCount();
  readonly #sampler: SystemSampler;
  readonly #timer: NodeJS.Timeout;
  #isClosed = false;

  constructor(options: MonitorOptions) {
    this.#options = options;
    this.watchers = options.watchers;
    const constrained = process.constrainedMemory();
    const machine = { constrained, total: totalmem(), heapMax: getHeapStatistics().heap_size_limit };
    this.memory = new MemoryGuard(memoryLimits(options.memorySoftBytes, machine), options.shed, options.log);
    this.#sampler = new SystemSampler(options.readings, this.descriptors);
    this.#timer = setInterval(() => this.#tick(), EVERY_MS);
    this.#timer.unref();
    this.#owner = options.ledger.owner('monitor');
    this.#owner.acquire('timer');
    this.#owner.acquire('listener');
  }

  report(): SystemReport {
    return systemReport(this.#options.report, this.memory, this.#meter.gc, this.#options.now());
  }

  /** Samples ever taken. */
  get sampleCount(): number {
    return this.#sampler.count;
  }
  /** @param seen the count up to which the reader knows them; 0: all of the last quarter of an hour */
  samplesSince(seen: number): SystemSample[] {
    return this.#sampler.since(seen);
  }

  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    clearInterval(this.#timer);
    this.#meter.stop();
    this.watchers.close();
    this.#owner.release('timer');
    this.#owner.release('listener');
    this.#owner.close();
  }

  #tick(): void {
    try {
      const reading = this.#meter.read();
      this.descriptors.refresh(performance.now());
      this.#sampler.sample(this.#options.now(), reading);
      this.memory.check(performance.now(), reading);
      this.watchers.tick();
    } catch (error) {
      this.#options.onError(error);
    }
  }
}
