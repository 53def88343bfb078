import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { systemClock } from '@/lib/core/clock.ts';
import type { SourceEvent } from '@/lib/core/source.ts';
import { startSampler } from './sampler.ts';

const START_MS = Date.UTC(2026, 0, 1) + 400;

function start(sample: (timeMs: number) => readonly SourceEvent[] | Promise<readonly SourceEvent[]>) {
  const events: SourceEvent[] = [];
  const stop = startSampler({
    service: 'test',
    clock: systemClock,
    sink: (batch) => void events.push(...batch),
    sample,
  });
  return { events, stop };
}

const oneEvent = (timeMs: number): SourceEvent[] => [{ kind: 'metric', name: 'a', value: 1, time: timeMs }];
const offsets = (events: readonly SourceEvent[]) => events.map(({ time }) => Number(time) - START_MS);

describe('The sampler', () => {
  beforeEach(() => void vi.useFakeTimers({ now: START_MS }));
  afterEach(() => void vi.useRealTimers());

  it('samples after 250 ms and then on whole seconds', async () => {
    const { events, stop } = start(oneEvent);
    await vi.advanceTimersByTimeAsync(3000);
    expect(offsets(events)).toEqual([250, 600, 1600, 2600]);
    stop();
  });

  it('returns to whole seconds after the process was held up', async () => {
    const { events, stop } = start(oneEvent);
    await vi.advanceTimersByTimeAsync(500);
    vi.setSystemTime(START_MS + 5350);
    await vi.advanceTimersByTimeAsync(2000);
    expect(
      offsets(events)
        .slice(2)
        .every((offset) => (offset + 400) % 1000 === 0),
    ).toBe(true);
    stop();
  });

  it('does not start a sample while the one before is under way', async () => {
    let running = 0;
    let runningMax = 0;
    const { events, stop } = start(async (timeMs) => {
      running += 1;
      runningMax = Math.max(runningMax, running);
      await new Promise((resolve) => setTimeout(resolve, 2500));
      running -= 1;
      return oneEvent(timeMs);
    });
    await vi.advanceTimersByTimeAsync(10_000);
    expect(runningMax).toBe(1);
    expect(events.length).toBeGreaterThan(1);
    stop();
  });

  it('emits nothing after it was stopped, not even the sample under way', async () => {
    const { events, stop } = start(async (timeMs) => {
      await new Promise((resolve) => setTimeout(resolve, 100));
      return oneEvent(timeMs);
    });
    await vi.advanceTimersByTimeAsync(300);
    stop();
    await vi.advanceTimersByTimeAsync(5000);
    expect(events).toEqual([]);
    expect(vi.getTimerCount()).toBe(0);
  });

  it('warns once while the same failure lasts, and goes on', async () => {
    let failing = true;
    const { events, stop } = start((timeMs) => {
      if (failing) throw new Error('no such file');
      return oneEvent(timeMs);
    });
    await vi.advanceTimersByTimeAsync(3000);
    expect(events).toMatchObject([{ kind: 'log', level: 'warn', message: 'sampling failed: no such file' }]);
    failing = false;
    await vi.advanceTimersByTimeAsync(1000);
    expect(events.at(-1)).toMatchObject({ kind: 'metric' });
    stop();
  });
});
