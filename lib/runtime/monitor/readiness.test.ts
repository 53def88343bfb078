import { expect, test } from 'vitest';
import type { BreakerReport } from '@/lib/wire/system-pages.ts';
import { readiness } from './readiness.ts';

type Given = {
  draining?: boolean;
  state?: BreakerReport['state'];
  events?: number;
  eventsMax?: number;
  answers?: boolean;
};

async function says({ draining = false, state = 'closed', events = 0, eventsMax = 10, answers = true }: Given) {
  const breaker = { name: 'history', state, sinceMs: 0, calls: 0, failures: 0, slow: 0, opened: 0 };
  const { isReady, says } = await readiness({
    hub: { isDraining: draining },
    journal: { held: { events, eventsMax } },
    history: { breaker: { report: () => breaker } },
    checkHistory: () => (answers ? Promise.resolve() : Promise.reject(new Error('away'))),
  });
  return `${isReady ? 200 : 503} ${says}`;
}

test('ready is who can store, or else who can still hold', async () => {
  expect(await says({})).toBe('200 ready');
  expect(await says({ state: 'open', events: 3 })).toBe('200 degraded: the history is away, 3 events are held');
  expect(await says({ state: 'half-open', events: 3 })).toMatch('200 degraded');
  expect(await says({ answers: false })).toBe('200 degraded: the history is away, 0 events are held');
});

test('not ready is who can neither store nor hold, or who is leaving', async () => {
  expect(await says({ state: 'open', events: 10 })).toMatch('503 the history is away and 10 events are held');
  expect(await says({ answers: false, eventsMax: 0 })).toMatch('503');
  expect(await says({ draining: true })).toBe('503 shutting down');
});
