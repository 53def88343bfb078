import type { Cancel, Scheduler } from './scheduler.ts';

/** How late a heartbeat may be before the stream counts as dead; Centrifugo's clients use the same. */
export const HEARTBEAT_SLACK_MS = 10_000;
/** Assumed until the server's first frame says otherwise: also the longest wait for an answer at all. */
export const HEARTBEAT_DEFAULT_MS = 15_000;
const TICK_MS = 1_000;

/**
 * Notices silence. It compares wall-clock times on a short tick: a single long timer stands still while a laptop
 * sleeps, so on waking it would take its remaining time before it noticed anything.
 */
export class Watchdog {
  readonly #scheduler: Scheduler;
  readonly #onSilent: (silentMs: number) => void;
  #cancel: Cancel | undefined;
  #heardAtMs = 0;
  #limitMs = HEARTBEAT_DEFAULT_MS + HEARTBEAT_SLACK_MS;

  constructor(scheduler: Scheduler, onSilent: (silentMs: number) => void) {
    this.#scheduler = scheduler;
    this.#onSilent = onSilent;
  }

  start(): void {
    this.stop();
    this.heard();
    this.#tick();
  }

  stop(): void {
    this.#cancel?.();
    this.#cancel = undefined;
  }

  heard(): void {
    this.#heardAtMs = this.#scheduler.now();
  }

  expect(heartbeatMs: number): void {
    this.#limitMs = heartbeatMs + HEARTBEAT_SLACK_MS;
  }

  /** Call when time may have jumped: the tab became visible, the page came back. */
  check(): void {
    if (!this.#cancel) return;
    const silentMs = this.#scheduler.now() - this.#heardAtMs;
    if (silentMs < this.#limitMs) return;
    this.stop();
    this.#onSilent(silentMs);
  }

  #tick(): void {
    this.#cancel = this.#scheduler.after(TICK_MS, () => {
      this.#tick();
      this.check();
    });
  }
}

/** After this long without a word from the leading tab, a follower takes the stream over. */
export function leaderSilenceMs(heartbeatMs: number): number {
  return heartbeatMs + 2 * HEARTBEAT_SLACK_MS;
}
