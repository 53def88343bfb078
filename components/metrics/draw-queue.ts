/** Who calls back before the next frame; the browser's `requestAnimationFrame`, which rests while the tab is hidden. */
export type FrameScheduler = (callback: () => void) => void;

/**
 * One chart a frame. Drawing a screen full of charts takes hundreds of milliseconds; done at once it would hold up
 * scrolling and typing for as long.
 */
export class DrawQueue {
  readonly #schedule: FrameScheduler;
  #waiting = new Set<() => void>();
  #scheduled = false;

  constructor(schedule: FrameScheduler) {
    this.#schedule = schedule;
  }

  /** Returns the function that takes the drawing back. */
  add(draw: () => void): () => void {
    this.#waiting.add(draw);
    this.#next();
    return () => this.#waiting.delete(draw);
  }

  #next(): void {
    if (this.#scheduled || this.#waiting.size === 0) return;
    this.#scheduled = true;
    this.#schedule(() => {
      this.#scheduled = false;
      const [draw] = this.#waiting;
      if (draw) this.#waiting.delete(draw);
      draw?.();
      this.#next();
    });
  }
}

export const drawQueue = new DrawQueue((callback) => requestAnimationFrame(callback));
