import type { Gathered } from './figures.ts';
import { Histogram } from './histogram.ts';
import { MachineLoad } from './machine-load.ts';
import type { StormReport, WorkerReport } from './messages.ts';
import type { ServerProbe } from './server-probe.ts';
import type { Stage } from './stage-plan.ts';
import { COUNTERS, type Counts, errorsOf, noCounts } from './tally.ts';
import { type Sample, Timeline } from './timeline.ts';
import type { WorkerPool } from './worker-pool.ts';

const SECOND_MS = 1000;

/** Asks the workers and the server every second, and keeps what they say. */
export class Sampler {
  readonly #pool: WorkerPool;
  readonly #probe: ServerProbe;
  readonly #machine = new MachineLoad();
  readonly #timeline = new Timeline();
  readonly #total = new Histogram();
  readonly #second = new Histogram();
  readonly #timer: NodeJS.Timeout;
  readonly #onSample: (sample: Sample) => void;
  #beganMs = performance.now();
  #sampledMs = performance.now();
  #stage: Stage = 'ramp';
  #base = noCounts();
  #last = noCounts();
  #stormMs = 0;
  #stormSecond = 0;
  wanted = 0;
  /** Samples taken so far. */
  seconds = 0;

  constructor(pool: WorkerPool, probe: ServerProbe, onSample: (sample: Sample) => void) {
    this.#pool = pool;
    this.#probe = probe;
    this.#onSample = onSample;
    pool.onReport = ({ latency }) => {
      this.#total.add(latency);
      this.#second.add(latency);
    };
    pool.onRound = () => this.#sample();
    this.#timer = setInterval(() => pool.ask(), SECOND_MS);
  }

  get counts(): Counts {
    return this.#since(this.#base);
  }
  get elapsedMs(): number {
    return performance.now() - this.#beganMs;
  }
  get stormAgeMs(): number {
    return performance.now() - this.#stormMs;
  }
  /** undefined until all workers have reported since the storm broke. */
  get stormReport(): StormReport | undefined {
    return this.seconds >= this.#stormSecond ? sumStorms(this.#pool.reports) : undefined;
  }

  get gathered(): Omit<Gathered, 'storms' | 'unsettled' | 'before' | 'after' | 'stopped' | 'options'> {
    const examples = Object.assign({}, ...this.#pool.reports.map((report) => report.examples).reverse());
    return {
      samples: this.#timeline.samples,
      counts: this.counts,
      examples,
      latency: this.#total,
      acksSupported: this.#pool.reports.every(({ acksSupported }) => acksSupported),
    };
  }

  enter(stage: Stage): void {
    this.#stage = stage;
  }

  stormBegan(): void {
    this.#stormMs = performance.now();
    // The round that is under way may have been asked for before.
    this.#stormSecond = this.seconds + 2;
  }

  /** What came before was to get warm. */
  forget(): void {
    this.#base = this.#since(noCounts());
    this.#last = this.#base;
    this.#beganMs = performance.now();
    this.#timeline.clear();
  }

  close(): void {
    clearInterval(this.#timer);
  }

  #since(base: Counts): Counts {
    const sum = noCounts();
    for (const { counts } of this.#pool.reports) for (const counter of COUNTERS) sum[counter] += counts[counter];
    for (const counter of COUNTERS) sum[counter] -= base[counter];
    return sum;
  }

  #sample(): void {
    const nowMs = performance.now();
    const elapsedS = Math.max(0.001, (nowMs - this.#sampledMs) / 1000);
    const [delta, counts, { reports }] = [this.#since(this.#last), this.counts, this.#pool];
    const of = (pick: (report: WorkerReport) => number): number[] => reports.map(pick);
    const sample: Sample = {
      atMs: this.elapsedMs,
      stage: this.#stage,
      wanted: this.wanted,
      open: sum(of(({ open }) => open)),
      inPerS: delta.published / elapsedS,
      outPerS: delta.deliveries / elapsedS,
      bytesPerS: delta.bytes / elapsedS,
      openedPerS: delta.opened / elapsedS,
      resumedPerS: delta.resumed / elapsedS,
      churnedPerS: delta.churned / elapsedS,
      latency: this.#takeLatency(),
      lost: counts.lost,
      repeated: counts.repeated,
      errors: errorsOf(counts),
      churned: counts.churned,
      clientLoopMs: Math.max(0, ...of(({ loopDelayP99Ms }) => loopDelayP99Ms)),
      clientCpu: sum(of(({ cpuShare }) => cpuShare)),
      clientCpuMax: Math.max(0, ...of(({ cpuShare }) => cpuShare)),
      machineBusy: this.#machine.take(),
      server: this.#probe.sample,
    };
    this.#last = this.#since(noCounts());
    this.#sampledMs = nowMs;
    this.seconds += 1;
    this.#timeline.push(sample);
    this.#onSample(sample);
  }

  #takeLatency(): Sample['latency'] {
    if (this.#second.total === 0) return undefined;
    const [p50Ms, p95Ms, p99Ms] = [0.5, 0.95, 0.99].map((share) => this.#second.quantile(share));
    this.#second.take();
    return { p50Ms: p50Ms ?? 0, p95Ms: p95Ms ?? 0, p99Ms: p99Ms ?? 0 };
  }
}

/** The storm as all workers saw it. */
export function sumStorms(reports: readonly WorkerReport[]): StormReport {
  const bins: number[] = [];
  for (const { storm } of reports) {
    storm.bins.forEach((count, index) => {
      bins[index] = (bins[index] ?? 0) + count;
    });
  }
  return {
    dropped: sum(reports.map(({ storm }) => storm.dropped)),
    recovered: sum(reports.map(({ storm }) => storm.recovered)),
    lastMs: Math.max(0, ...reports.map(({ storm }) => storm.lastMs)),
    // Workers whose first return came late left the bins before it empty.
    bins: Array.from(bins, (count) => count ?? 0),
  };
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
