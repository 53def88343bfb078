import { expect, test } from 'vitest';
import { logAt } from '@/lib/core/testing/arbitraries.ts';
import { makeJournal } from '@/lib/journal/testing/make-journal.ts';
import { makeHub, PEER } from './testing/make-hub.ts';
import { sseFormat } from './wire-format.ts';

const SESSIONS = 200;
const FRAMES = 40;
/** What a frame may cost for each connection it goes to, its encoding shared: a number or two, no object, no closure. */
const BYTES_A_FRAME_MAX = 24;

test('delivering a frame that is encoded already leaves next to no garbage', async () => {
  const { journal, clock } = makeJournal({ ring: { eventsMax: 100_000, bytesMax: 1e9 }, pendingEventsMax: 1e6 });
  await journal.open();
  const { hub, admission } = makeHub({
    journal,
    clock,
    limits: { connectionsMax: SESSIONS },
    onError: (error) => {
      throw error;
    },
  });
  const sink = { write: () => true, end: () => undefined, destroy: () => undefined, queuedBytes: 0 };
  const request = { filter: {}, start: { kind: 'now' as const }, speed: undefined };
  const sessions = Array.from({ length: SESSIONS }, () => {
    admission.enter(PEER, clock.ms);
    return hub.open(request, sseFormat, sink, PEER);
  });
  for (let turn = 0; turn < 10; turn += 1) await Promise.resolve();
  await journal.append([logAt('x')]);
  const chunk = { from: 0, to: 1, previous: 0, lastMatch: 1, count: 1, isMarked: false, bytes: new Uint8Array(100) };
  const deliverAll = (): void => {
    for (let frame = 0; frame < FRAMES; frame += 1) for (const session of sessions) session.deliver(chunk);
  };
  // Until the code is compiled the engine itself allocates.
  for (let round = 0; round < 200; round += 1) deliverAll();
  const costs = Array.from({ length: 30 }, () => {
    const before = process.memoryUsage().heapUsed;
    deliverAll();
    return (process.memoryUsage().heapUsed - before) / (FRAMES * SESSIONS);
  });
  // A collection in the middle makes a cost negative; the middle one of thirty has none.
  const middle = costs.sort((a, b) => a - b)[15] ?? Number.NaN;
  expect(middle).toBeLessThan(BYTES_A_FRAME_MAX);
  expect(sessions[0]?.life.activity).toBe('live');
  hub.close();
});
