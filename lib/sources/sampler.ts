import type { Clock } from '@/lib/core/clock.ts';
import type { SourceEvent, SourceSink } from '@/lib/core/source.ts';

const PERIOD_MS = 1000;
/** Differences over a shorter window are noise: the kernel counts processor time in steps of 10 ms. */
const WINDOW_MS_MIN = 250;

export type SamplerOptions = {
  readonly service: string;
  readonly clock: Clock;
  readonly sink: SourceSink;
  /** Takes one sample for the moment `timeMs`. What it throws becomes one warning, not a crash. */
  readonly sample: (timeMs: number) => readonly SourceEvent[] | Promise<readonly SourceEvent[]>;
};

/**
 * Samples 250 ms after the start, so that a fresh page lives within its first second, and from then on at every whole
 * second. Each wait is computed from the clock anew, so lateness never adds up; a sample slower than a second makes
 * the next one wait for the following whole second instead of overlapping.
 * Returns the function that stops it: after that nothing reaches the sink, not even a sample under way.
 */
export function startSampler({ service, clock, sink, sample }: SamplerOptions): () => void {
  let stopped = false;
  let timer: NodeJS.Timeout;
  let lastError: string | undefined;

  const arm = (timeMs: number): void => {
    timer = setTimeout(() => void take(timeMs), Math.max(1, timeMs - clock.now()));
    timer.unref();
  };

  const take = async (timeMs: number): Promise<void> => {
    try {
      const events = await sample(timeMs);
      if (!stopped && events.length > 0) sink(events);
      lastError = undefined;
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      // A sample that fails every second must not write a line every second.
      if (!stopped && message !== lastError) sink([warning(service, timeMs, message)]);
      lastError = message;
    }
    if (!stopped) arm(nextWholeSecondMs(clock.now()));
  };

  arm(clock.now() + WINDOW_MS_MIN);
  return () => {
    stopped = true;
    clearTimeout(timer);
  };
}

/** A timer may fire a millisecond early; the least window keeps that from becoming two samples of one second. */
function nextWholeSecondMs(nowMs: number): number {
  return Math.ceil((nowMs + WINDOW_MS_MIN) / PERIOD_MS) * PERIOD_MS;
}

function warning(service: string, timeMs: number, message: string): SourceEvent {
  return { kind: 'log', time: timeMs, level: 'warn', service, message: `sampling failed: ${message}` };
}
