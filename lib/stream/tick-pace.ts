const TICK_MS_MIN = 20;
const TICK_MS_MAX = 250;
/** While memory is short: fewer, longer frames leave less garbage. */
const TICK_MS_LONG = 200;

/**
 * How long events gather into one frame. A write costs the same for one event as for a hundred, so under load the frames
 * lengthen by themselves: a tick that fills more than half of its interval makes the next interval longer.
 */
export class TickPace {
  #intervalMs = TICK_MS_MIN;
  #lastStartedAt = Number.NEGATIVE_INFINITY;
  #floorMs = TICK_MS_MIN;
  #overrunUntil = Number.NEGATIVE_INFINITY;

  get intervalMs(): number {
    return this.#intervalMs;
  }

  /**
   * A round took longer than any interval: there was more to send than time to send it. Believed for as long as two more
   * such rounds would take, since a server that has nothing to send any more makes none that would tell otherwise.
   */
  isOverrun(now: number): boolean {
    return now < this.#overrunUntil;
  }

  lengthen(on: boolean): void {
    this.#floorMs = on ? TICK_MS_LONG : TICK_MS_MIN;
    this.#intervalMs = Math.max(this.#floorMs, this.#intervalMs);
  }

  /** Time until the next tick may start; 0 after a pause, so that a single event is not delayed. */
  waitMs(now: number): number {
    return Math.max(0, this.#lastStartedAt + this.#intervalMs - now);
  }

  ran(startedAt: number, endedAt: number): void {
    this.#lastStartedAt = startedAt;
    const tookMs = endedAt - startedAt;
    if (tookMs > TICK_MS_MAX) this.#overrunUntil = endedAt + 2 * tookMs;
    if (tookMs > this.#intervalMs / 2) this.#intervalMs = Math.min(TICK_MS_MAX, this.#intervalMs * 1.5);
    else if (tookMs < this.#intervalMs / 4) this.#intervalMs = Math.max(this.#floorMs, this.#intervalMs / 1.25);
  }
}
