import { RETURN_BIN_MS } from './herd.ts';
import type { StormReport } from './messages.ts';
import type { Viewer } from './viewer.ts';

/** Ten minutes; who returns later is counted in the last bin. */
const BINS_MAX = 6000;

/** Drops all streams at once and watches them come back. */
export class StormWatch {
  #beganMs = 0;
  #dropped = 0;
  #recovered = 0;
  #lastMs = 0;
  #bins: number[] = [];

  begin(viewers: Iterable<Viewer>, nowMs: number): void {
    this.#beganMs = nowMs;
    [this.#dropped, this.#recovered, this.#lastMs, this.#bins] = [0, 0, 0, []];
    for (const viewer of viewers) {
      viewer.isRecovering = false;
      viewer.drop(nowMs);
      if (viewer.isRecovering) this.#dropped += 1;
    }
  }

  /** A stream was opened again. */
  returned(viewer: Viewer): void {
    if (!viewer.isRecovering) return;
    const bin = Math.min(Math.floor((performance.now() - this.#beganMs) / RETURN_BIN_MS), BINS_MAX - 1);
    while (this.#bins.length <= bin) this.#bins.push(0);
    this.#bins[bin] = (this.#bins[bin] ?? 0) + 1;
  }

  /** It has everything that it missed. */
  caughtUp(viewer: Viewer): void {
    if (!viewer.isRecovering) return;
    viewer.isRecovering = false;
    this.#recovered += 1;
    this.#lastMs = performance.now() - this.#beganMs;
  }

  get report(): StormReport {
    return { dropped: this.#dropped, recovered: this.#recovered, lastMs: this.#lastMs, bins: this.#bins };
  }
}
