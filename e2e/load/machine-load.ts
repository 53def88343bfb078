import { cpus } from 'node:os';

/** How busy all cores are, with everything that runs on them. */
export class MachineLoad {
  #before = times();

  /** Since the last time, 0 to 1. */
  take(): number {
    const [before, now] = [this.#before, times()];
    this.#before = now;
    const total = now.total - before.total;
    return total > 0 ? 1 - (now.idle - before.idle) / total : 0;
  }
}

function times(): { readonly idle: number; readonly total: number } {
  let [idle, total] = [0, 0];
  for (const core of cpus()) {
    idle += core.times.idle;
    total += Object.values(core.times).reduce((sum, ms) => sum + ms, 0);
  }
  return { idle, total };
}
