import { getEventListeners, once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect, test, vi } from 'vitest';
import { timeLimit } from './time-limit.ts';

test('a request that is never answered ends when its time is over, whatever has been collected meanwhile', async () => {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  const server = createServer(() => undefined).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const ended: unknown[] = [];
  for (let count = 0; count < 10; count += 1) {
    const { signal } = timeLimit(new AbortController().signal, 300);
    fetch(url, { signal }).catch((error: unknown) => ended.push(error));
  }
  const collecting = setInterval(collect, 50);
  try {
    await vi.waitUntil(() => ended.length === 10, { timeout: 4000 });
  } finally {
    clearInterval(collecting);
    server.closeAllConnections();
    server.close();
  }
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
