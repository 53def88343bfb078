// A process full of virtual users: does what the coordinator orders, and reports when it is asked.
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { Random } from '../support/random.ts';
import { Churn } from './churn.ts';
import { Crowd } from './crowd.ts';
import type { Aim, Order, WorkerReport, WorkerSetup } from './messages.ts';
import { Publisher } from './publisher.ts';
import { Tally } from './tally.ts';

const TICK_MS = 20;
const LOOP_RESOLUTION_MS = 10;
const NOTHING: Aim = { viewers: 0, slow: 0, rate: 0, churn: 0, isMeasuring: false };

/** All that one worker holds. */
class Worker {
  readonly #tally = new Tally();
  readonly #crowd: Crowd;
  readonly #churn: Churn;
  readonly #publishers: readonly Publisher[];
  readonly #loop = monitorEventLoopDelay({ resolution: LOOP_RESOLUTION_MS });
  #aim = NOTHING;
  #cpu = process.cpuUsage();
  #reportedMs = performance.now();

  constructor(setup: WorkerSetup) {
    const { target, index, of, publishers, seed, churnTotal } = setup;
    const run = `${process.pid}-${Date.now()}`;
    this.#crowd = new Crowd(setup, this.#tally);
    this.#churn = new Churn(target, this.#tally, new Random(seed + index));
    this.#churn.allow(share(churnTotal, index, of));
    this.#publishers = Array.from(
      { length: share(publishers, index, of) },
      (_, each) => new Publisher(target, this.#tally, `${run}-${each}`),
    );
    this.#loop.enable();
    setInterval(() => this.#tick(), TICK_MS);
  }

  aim(aim: Aim): void {
    this.#aim = aim;
    this.#tally.isMeasuring = aim.isMeasuring;
    this.#churn.ratePerSecond = aim.churn < 0 ? Number.POSITIVE_INFINITY : aim.churn;
    for (const publisher of this.#publishers) publisher.ratePerSecond = aim.rate / this.#publishers.length;
  }
  storm(): void {
    this.#crowd.breakOff(performance.now());
  }
  settle(lastSeqs: readonly number[]): void {
    this.#crowd.settle(lastSeqs);
  }

  report(onSent: () => void = () => undefined): void {
    const nowMs = performance.now();
    const { user, system } = process.cpuUsage(this.#cpu);
    const report: WorkerReport = {
      counts: this.#tally.counts,
      examples: this.#tally.examples,
      open: this.#crowd.open,
      wanted: this.#aim.viewers + this.#aim.slow,
      latency: this.#tally.takeLatency(),
      isPublishing: this.#publishers.some(({ isBusy }) => isBusy),
      unsettled: this.#crowd.unsettled,
      storm: this.#crowd.storm.report,
      // What the timer itself is late by is not a delay.
      loopDelayP99Ms: Math.max(0, this.#loop.percentile(99) / 1e6 - LOOP_RESOLUTION_MS),
      cpuShare: (user + system) / 1000 / (nowMs - this.#reportedMs),
      acksSupported: this.#crowd.acks.isSupported,
    };
    this.#loop.reset();
    this.#cpu = process.cpuUsage();
    this.#reportedMs = nowMs;
    process.send?.(report, undefined, undefined, onSent);
  }

  end(): void {
    for (const publisher of this.#publishers) publisher.close();
    this.#crowd.close();
    this.report(() => process.exit(0));
  }

  #tick(): void {
    const nowMs = performance.now();
    this.#crowd.tick(this.#aim, nowMs);
    this.#churn.tick(nowMs);
  }
}

/** The whole of a number, given to several, each about the same. */
function share(total: number, index: number, of: number): number {
  return Math.floor((total * (index + 1)) / of) - Math.floor((total * index) / of);
}

let worker: Worker | undefined;
process.on('message', (order: Order) => {
  if (order.kind === 'setup') worker = new Worker(order.setup);
  else if (order.kind === 'aim') worker?.aim(order.aim);
  else if (order.kind === 'storm') worker?.storm();
  else if (order.kind === 'settle') worker?.settle(order.lastSeqs);
  else if (order.kind === 'report') worker?.report();
  else worker?.end();
});
// The coordinator ends the run when a person presses Ctrl-C; a worker that went first would take its figures along.
process.on('SIGINT', () => undefined);
process.on('disconnect', () => process.exit(0));
