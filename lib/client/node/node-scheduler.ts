import type { Scheduler } from '../scheduler.ts';

/** Node has no frames to wait for: what has come in one turn of the event loop is handed on at its end. */
export const nodeScheduler: Scheduler = {
  now: () => Date.now(),
  random: () => Math.random(),
  after(delayMs, run) {
    const timer = setTimeout(run, delayMs);
    return () => clearTimeout(timer);
  },
  frame(run) {
    const immediate = setImmediate(run);
    return () => clearImmediate(immediate);
  },
  breathe: () => new Promise((resolve) => setImmediate(resolve)),
};
