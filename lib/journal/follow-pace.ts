export type PaceLimits = {
  /** While events come: short, since it is added to the delay of each. */
  readonly busyMs: number;
  /** While somebody waits for events and none come. */
  readonly quietMs: number;
  /** While nobody is there; whoever comes makes it look at once. */
  readonly idleMs: number;
};

export const PACE: PaceLimits = { busyMs: 20, quietMs: 50, idleMs: 1000 };
/** So long after the last event more are expected at any moment. */
const BUSY_FOR_MS = 1000;

/** How long a follower waits before it looks again. */
export class FollowPace {
  readonly #limits: PaceLimits;
  #foundMs = Number.NEGATIVE_INFINITY;

  constructor(limits: PaceLimits) {
    this.#limits = limits;
  }

  found(nowMs: number): void {
    this.#foundMs = nowMs;
  }

  waitMs(nowMs: number, isWatched: boolean): number {
    const { busyMs, quietMs, idleMs } = this.#limits;
    if (!isWatched) return idleMs;
    return nowMs - this.#foundMs < BUSY_FOR_MS ? busyMs : quietMs;
  }
}
