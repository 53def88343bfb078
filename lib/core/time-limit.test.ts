import { getEventListeners } from 'node:events';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect, test, vi } from 'vitest';
import { timeLimit } from './time-limit.ts';

test('time that is over ends what waits, whatever has been collected meanwhile', async () => {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  const ended: unknown[] = [];
  for (let count = 0; count < 20; count += 1) {
    const { signal } = timeLimit(new AbortController().signal, 100);
    signal.addEventListener('abort', () => ended.push(signal.reason));
  }
  collect();
  await vi.waitUntil(() => ended.length === 20, { timeout: 4000 });
  expect(ended[0]).toMatchObject({ name: 'TimeoutError' });
});

test('what is stopped ends at once, with its reason, and nothing is left behind', () => {
  const stop = new AbortController();
  const [one, other] = [timeLimit(stop.signal, 60_000), timeLimit(stop.signal, 60_000)];
  other.release();
  expect(getEventListeners(stop.signal, 'abort')).toHaveLength(1);
  stop.abort('enough');
  expect([one.signal.reason, other.signal.aborted]).toEqual(['enough', false]);
  one.release();
  const late = timeLimit(stop.signal, 60_000);
  expect(late.signal.reason).toBe('enough');
  late.release();
});
