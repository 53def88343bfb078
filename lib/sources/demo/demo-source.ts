import { type Clock, systemClock } from '@/lib/core/clock.ts';
import type { Source } from '@/lib/core/source.ts';
import { createShop, RATE_PER_SECOND, SLOT_MS } from './shop.ts';

/** After a pause (a laptop asleep, a blocked loop) the shop resumes here instead of making up for hours at once. */
const CATCH_UP_MS_MAX = 1000;

export type DemoSourceOptions = {
  readonly seed?: number;
  /** Log lines a second on average; 40 unless told, tried up to 20,000. */
  readonly ratePerSecond?: number;
  readonly clock?: Clock;
};

/** Plays the synthetic shop at the pace of the clock, in slices of 100 ms. */
export function createDemoSource(options: DemoSourceOptions = {}): Source {
  const { seed = 1, ratePerSecond = RATE_PER_SECOND, clock = systemClock } = options;
  return {
    name: 'demo',
    async start(sink) {
      const shop = createShop(seed, { ratePerSecond });
      let playedMs = clock.now();
      const play = (): void => {
        const nowMs = clock.now();
        // The clock was set back: a little is waited for, so that nothing is played twice; more is a new present.
        if (playedMs > nowMs + CATCH_UP_MS_MAX) playedMs = nowMs;
        const fromMs = Math.max(playedMs, nowMs - CATCH_UP_MS_MAX);
        playedMs = Math.max(playedMs, nowMs);
        const events = shop.tick(fromMs, nowMs);
        if (events.length > 0) sink(events);
      };
      const timer = setInterval(play, SLOT_MS).unref();
      return async () => clearInterval(timer);
    },
  };
}
