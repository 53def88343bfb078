import type { ServerSample } from './server-sample.ts';
import type { Stage } from './stage-plan.ts';

/** About one second of a run. */
export type Sample = {
  /** Since the run began. */
  readonly atMs: number;
  readonly stage: Stage;
  readonly wanted: number;
  readonly open: number;
  readonly inPerS: number;
  readonly outPerS: number;
  readonly bytesPerS: number;
  readonly openedPerS: number;
  readonly resumedPerS: number;
  readonly churnedPerS: number;
  /** Of the second; absent when nothing was delivered. */
  readonly latency: { readonly p50Ms: number; readonly p95Ms: number; readonly p99Ms: number } | undefined;
  /** Since the beginning. */
  readonly lost: number;
  readonly repeated: number;
  readonly errors: number;
  readonly churned: number;
  /** Of the slowest worker. */
  readonly clientLoopMs: number;
  /** Of one core: of all workers, and of the busiest. */
  readonly clientCpu: number;
  readonly clientCpuMax: number;
  /** Of all cores, by whatever runs on them; 0 to 1. */
  readonly machineBusy: number;
  readonly server: ServerSample;
};

const SAMPLES_MAX = 7200;

/** The seconds of a run. Beyond two hours every other one is given up, so that a run of days has a report too. */
export class Timeline {
  #samples: Sample[] = [];
  #every = 1;
  #skipped = 0;

  get samples(): readonly Sample[] {
    return this.#samples;
  }

  clear(): void {
    this.#samples = [];
  }

  push(sample: Sample): void {
    this.#skipped += 1;
    if (this.#skipped < this.#every) return;
    this.#skipped = 0;
    this.#samples.push(sample);
    if (this.#samples.length <= SAMPLES_MAX) return;
    this.#samples = this.#samples.filter((_sample, index) => index % 2 === 0);
    this.#every *= 2;
  }
}
