import type { Cancel, Scheduler } from './scheduler.ts';

/** How often the leader tells the other tabs about the stream while its phase stays the same. */
const REPORT_MS = 250;

/** Sends at once, or soon and then once for all that asked meanwhile. */
export class ReportPace {
  readonly #scheduler: Scheduler;
  readonly #send: () => void;
  #cancel: Cancel | undefined;

  constructor(scheduler: Scheduler, send: () => void) {
    this.#scheduler = scheduler;
    this.#send = send;
  }

  now(): void {
    this.stop();
    this.#send();
  }

  soon(): void {
    this.#cancel ??= this.#scheduler.after(REPORT_MS, () => this.now());
  }

  stop(): void {
    this.#cancel?.();
    this.#cancel = undefined;
  }
}
