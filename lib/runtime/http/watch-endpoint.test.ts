import { expect, test } from 'vitest';
import { ResourceLedger } from '@/lib/core/ledger.ts';
import { WatchHub } from '../monitor/watch-hub.ts';
import { watchResponse } from './watch-endpoint.ts';

function ask(watchers: WatchHub, init: RequestInit = {}): Response {
  const request = new Request('http://localhost/api/system/stream', init);
  return watchResponse({ request, event: 'system', frame: () => ({ ok: true }), watchers });
}

function closedHub(): WatchHub {
  const hub = new WatchHub(new ResourceLedger(() => 0));
  hub.close();
  return hub;
}

test('a GET opens an event stream, a HEAD only says so', async () => {
  const hub = new WatchHub(new ResourceLedger(() => 0));
  const head = ask(hub, { method: 'HEAD' });
  expect([head.body, hub.size]).toEqual([null, 0]);
  const response = ask(hub);
  expect(response.headers.get('content-type')).toMatch('text/event-stream');
  expect(hub.size).toBe(1);
  await response.body?.cancel();
  expect(hub.size).toBe(0);
});

test('without a place a native EventSource is told when to come back, in a stream that ends', async () => {
  const response = ask(closedHub(), { headers: { accept: 'text/event-stream' } });
  expect(response.status).toBe(200);
  expect(await response.text()).toMatch(/^retry: \d{4}\n\n$/);
});

test('without a place whoever wants a status gets 503 and Retry-After', async () => {
  const response = ask(closedHub(), { headers: { accept: 'application/json' } });
  expect(response.status).toBe(503);
  expect(Number(response.headers.get('retry-after'))).toBeGreaterThan(0);
  expect(await response.json()).toMatchObject({ code: 'too-many-connections' });
});

test('one frame is an answer of its own, which takes no place', async () => {
  const hub = closedHub();
  const request = new Request('http://localhost/api/system/stream?level=1&once=1');
  const response = watchResponse({ request, event: 'system', frame: (isFirst) => ({ isFirst }), watchers: hub });
  expect(await response.json()).toEqual({ isFirst: true });
  expect(hub.size).toBe(0);
});

test('one who has logged in takes not all of the places', async () => {
  const hub = new WatchHub(new ResourceLedger(() => 0));
  const as = (id: string, kind: 'session' | 'local' = 'session') => {
    const request = new Request('http://localhost/api/system/stream', { headers: { accept: 'application/json' } });
    const principal = { id, name: id, kind, role: 'viewer' } as const;
    return watchResponse({ request, principal, event: 'system', frame: () => ({}), watchers: hub });
  };
  const statuses = Array.from({ length: 21 }, () => as('session:eve').status);
  expect([statuses.at(-2), statuses.at(-1)]).toEqual([200, 503]);
  expect(as('session:ada').status).toBe(200);
  for (let n = 0; n < 29; n += 1) expect(as('local', 'local').status).toBe(200);
  expect(as('local', 'local').status).toBe(503);
  hub.close();
});
