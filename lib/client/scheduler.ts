export type Cancel = () => void;

/** Time, as far as this room needs it; injected so that tests own every clock, timer and frame. */
export type Scheduler = {
  /** Milliseconds since 1970. */
  now(): number;
  /** In [0, 1). */
  random(): number;
  after(delayMs: number, run: () => void): Cancel;
  /** Runs before the next paint, and at the latest after FRAME_MS_MAX. */
  frame(run: () => void): Cancel;
  /** Lets the browser handle input and paint, then goes on in a new task. */
  breathe(): Promise<void>;
};

/** A hidden tab gets no animation frames at all: this long, and the work is done without one. */
export const FRAME_MS_MAX = 100;

export const browserScheduler: Scheduler = {
  now: () => Date.now(),
  random: () => Math.random(),
  after(delayMs, run) {
    const timer = setTimeout(run, delayMs);
    return () => clearTimeout(timer);
  },
  frame(run) {
    const cancel = () => {
      cancelAnimationFrame(frame);
      clearTimeout(timer);
    };
    const once = () => {
      cancel();
      run();
    };
    const frame = requestAnimationFrame(once);
    const timer = setTimeout(once, FRAME_MS_MAX);
    return cancel;
  },
  // Timers of hidden tabs are throttled to one a second and then one a minute; messages are not.
  breathe() {
    return new Promise((resolve) => {
      const { port1, port2 } = new MessageChannel();
      port1.onmessage = () => {
        port1.close();
        resolve();
      };
      port2.postMessage(null);
    });
  },
};
