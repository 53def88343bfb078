import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as pause } from 'node:timers/promises';
import type { Aim, Order, WorkerReport, WorkerSetup } from './messages.ts';

const END_MS_MAX = 10_000;

/** The workers: each gets its share of an aim, and is asked for its report. */
export class WorkerPool {
  readonly #workers: readonly ChildProcess[];
  readonly #reports: (WorkerReport | undefined)[];
  readonly #asked = new Set<number>();
  #isEnding = false;
  /** Every report, as it comes. */
  onReport: (report: WorkerReport) => void = () => undefined;
  /** All that were asked have answered. */
  onRound: () => void = () => undefined;
  onDeath: (why: string) => void = () => undefined;

  constructor(script: string, setups: readonly WorkerSetup[]) {
    this.#reports = setups.map(() => undefined);
    this.#workers = setups.map((setup, index) => {
      const worker = fork(script, [], { stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
      worker.on('message', (report) => this.#take(index, report as WorkerReport));
      worker.on('exit', (code, signal) => {
        if (!this.#isEnding) this.onDeath(`worker ${index} ended with ${signal ?? code}`);
      });
      worker.send({ kind: 'setup', setup } satisfies Order);
      return worker;
    });
  }

  /** The newest of each that has reported. */
  get reports(): readonly WorkerReport[] {
    return this.#reports.flatMap((report) => report ?? []);
  }

  order(order: Order): void {
    for (const worker of this.#workers) if (worker.connected) worker.send(order);
  }

  aim(aim: Aim): void {
    const many = this.#workers.length;
    const cut = (total: number, index: number): number =>
      Math.floor((total * (index + 1)) / many) - Math.floor((total * index) / many);
    this.#workers.forEach((worker, index) => {
      const share: Aim = {
        ...aim,
        viewers: cut(aim.viewers, index),
        slow: cut(aim.slow, index),
        rate: aim.rate / many,
        churn: aim.churn < 0 ? aim.churn : aim.churn / many,
      };
      if (worker.connected) worker.send({ kind: 'aim', aim: share } satisfies Order);
    });
  }

  /** Asks all for their reports, unless one still owes the last: a worker that is late is not asked twice. */
  ask(): void {
    if (this.#asked.size > 0) return;
    this.#workers.forEach((worker, index) => {
      if (!worker.connected) return;
      this.#asked.add(index);
      worker.send({ kind: 'report' } satisfies Order);
    });
  }

  async end(): Promise<void> {
    this.#isEnding = true;
    const gone = this.#workers.map((worker) => (worker.exitCode === null ? once(worker, 'exit') : undefined));
    this.order({ kind: 'end' });
    await Promise.race([Promise.all(gone), pause(END_MS_MAX, undefined, { ref: false })]);
    this.kill();
  }

  kill(): void {
    this.#isEnding = true;
    for (const worker of this.#workers) worker.kill('SIGKILL');
  }

  #take(index: number, report: WorkerReport): void {
    this.#reports[index] = report;
    this.onReport(report);
    this.#asked.delete(index);
    if (this.#asked.size === 0) this.onRound();
  }
}
