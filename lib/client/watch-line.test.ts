import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { WatchLine } from './watch-line.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** As much of an EventSource as a watch looks at. */
class FakeSource {
  readyState = 1;
  onerror: (() => void) | null = null;
  closed = false;
  #listener: ((message: { data: string }) => void) | undefined;
  addEventListener(_event: string, listener: (message: { data: string }) => void): void {
    this.#listener = listener;
  }
  frame(data: unknown): void {
    this.#listener?.({ data: JSON.stringify(data) });
  }
  close(): void {
    this.closed = true;
  }
}

function setUp(answer: () => Response = () => Response.json('polled')) {
  const sources: FakeSource[] = [];
  const asked: string[] = [];
  const frames: [unknown, boolean][] = [];
  let lost = 0;
  const line = new WatchLine(
    {
      url: '/api/system/stream',
      event: 'system',
      onFrame: (data, isFirst) => frames.push([data, isFirst]),
      onLost: () => {
        lost += 1;
      },
    },
    {
      openEventSource: () => {
        sources.push(new FakeSource());
        return sources.at(-1) as unknown as EventSource;
      },
      fetch: async (url) => {
        asked.push(String(url));
        return answer();
      },
    },
  );
  line.open();
  return { line, sources, asked, frames, lost: () => lost };
}

test('frames come by the stream, and nothing is asked for beside it', async () => {
  const { sources, asked, frames, line } = setUp();
  sources[0]?.frame(1);
  sources[0]?.frame(2);
  await vi.advanceTimersByTimeAsync(60_000);
  expect(frames).toEqual([
    [1, true],
    [2, false],
  ]);
  expect([asked.length, sources.length]).toEqual([0, 1]);
  line.shut();
  expect([sources[0]?.closed, vi.getTimerCount()]).toEqual([true, 0]);
});

test('a stream that is held back is given up for one frame after the other', async () => {
  const { sources, asked, frames, line } = setUp();
  await vi.advanceTimersByTimeAsync(5000 + 2 * 3000);
  expect(sources.map(({ closed }) => closed)).toEqual([true]);
  expect(asked).toEqual(Array.from({ length: 3 }, () => '/api/system/stream?once=1'));
  expect(frames).toEqual(Array.from({ length: 3 }, () => ['polled', true]));
  line.shut();
  expect(vi.getTimerCount()).toBe(0);
});

test('a server that is away is asked by the stream again', async () => {
  const { sources, lost, line } = setUp(() => new Response(null, { status: 502 }));
  await vi.advanceTimersByTimeAsync(5000);
  expect([lost(), sources.length]).toEqual([1, 1]);
  await vi.advanceTimersByTimeAsync(3000);
  expect(sources.length).toBe(2);
  const second = sources[1];
  if (second) second.readyState = 2;
  second?.onerror?.();
  expect(lost()).toBe(2);
  await vi.advanceTimersByTimeAsync(3000);
  expect(sources.length).toBe(3);
  line.shut();
  expect(vi.getTimerCount()).toBe(0);
});
