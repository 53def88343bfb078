import { SYSTEM_METRIC_NAMES, type SystemMetric, type SystemSample } from '@/lib/wire/system-pages.ts';
import type { DescriptorCount } from './descriptors.ts';
import { type Attempts, ErrorRate } from './error-rate.ts';
import type { ProcessReading } from './process-meter.ts';
import { SampleRing } from './sample-ring.ts';

/** A quarter of an hour. */
const SAMPLES_KEPT = 900;

/** What the rest of the server tells of itself, asked once a second. NaN: not measured. Counters run since the start. */
export type ServerReadings = {
  connections(): number;
  deliveryLag(): { readonly p95: number; readonly p99: number };
  historyCall(): { readonly p95: number; readonly p99: number };
  /** Requests, calls and streams, and those of them that this server has failed. What a client did wrong is not in it. */
  attempts(): Attempts;
  acceptedEvents(): number;
  deliveredEvents(): number;
  heldEvents(): number;
};

/** Once a second one row of every system metric. */
export class SystemSampler {
  readonly #readings: ServerReadings;
  readonly #descriptors: Pick<DescriptorCount, 'value'>;
  readonly #ring = new SampleRing(SAMPLES_KEPT, SYSTEM_METRIC_NAMES.length);
  readonly #row = new Float64Array(SYSTEM_METRIC_NAMES.length);
  readonly #errors = new ErrorRate();
  #accepted: number;
  #delivered: number;

  constructor(readings: ServerReadings, descriptors: Pick<DescriptorCount, 'value'>) {
    this.#readings = readings;
    this.#descriptors = descriptors;
    this.#accepted = readings.acceptedEvents();
    this.#delivered = readings.deliveredEvents();
  }

  /** Samples ever taken: what a reader of `since` has seen. */
  get count(): number {
    return this.#ring.count;
  }

  since(seen: number): SystemSample[] {
    return this.#ring.since(seen);
  }

  sample(atMs: number, process: ProcessReading): void {
    const values = this.#measure(process);
    for (const [column, name] of SYSTEM_METRIC_NAMES.entries()) this.#row[column] = values[name];
    this.#ring.push(atMs, this.#row);
  }

  #measure({ elapsedMs, ...process }: ProcessReading): Record<SystemMetric, number> {
    const readings = this.#readings;
    const lag = readings.deliveryLag();
    const history = readings.historyCall();
    const { tried, failed } = readings.attempts();
    const accepted = readings.acceptedEvents();
    const delivered = readings.deliveredEvents();
    const perSecond = 1000 / elapsedMs;
    const values = {
      ...process,
      descriptors: this.#descriptors.value,
      connections: readings.connections(),
      deliveryLagP95Ms: lag.p95,
      deliveryLagP99Ms: lag.p99,
      historyP95Ms: history.p95,
      historyP99Ms: history.p99,
      errorPercent: this.#errors.percent(tried, failed),
      acceptedPerSecond: (accepted - this.#accepted) * perSecond,
      deliveredPerSecond: (delivered - this.#delivered) * perSecond,
      heldEvents: readings.heldEvents(),
    };
    this.#accepted = accepted;
    this.#delivered = delivered;
    return values;
  }
}
