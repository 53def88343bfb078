import { expect, test } from 'vitest';
import type { StoragePort } from './connection-history.ts';
import { CHANGES_MAX, ConnectionStore, initialConnection, OUTAGES_MAX, SAMPLES_MAX } from './connection-store.ts';
import type { Phase } from './state.ts';
import { emptyReport, type StreamReport } from './stream-batch.ts';
import { FakeScheduler } from './testing/fake-scheduler.ts';

function setUp(storage?: StoragePort, laterMs = 0) {
  const scheduler = new FakeScheduler();
  scheduler.sleep(laterMs);
  const connection = new ConnectionStore(scheduler);
  connection.start(storage);
  let report = emptyReport(scheduler.now());
  let notified = 0;
  connection.store.subscribe(() => {
    notified += 1;
  });
  const tell = (change: Partial<StreamReport>) => {
    report = { ...report, ...change };
    connection.report(report, 'leader', 1);
  };
  const move = (phase: Phase, change: Partial<StreamReport> = {}) => {
    tell({ phase, sinceMs: scheduler.now(), cause: `because ${phase}`, ...change });
  };
  return { scheduler, connection, tell, move, state: () => connection.store.getState(), notified: () => notified };
}

function memory(): StoragePort & { text: string | null } {
  return {
    text: null,
    getItem() {
      return this.text;
    },
    setItem(_, value) {
      this.text = value;
    },
  };
}

test('the connection store tells an outage from its loss over the new stream to live', async () => {
  const { scheduler, move, state } = setUp();
  move('connecting');
  move('live');
  await scheduler.advance(500);
  move('waiting');
  await scheduler.advance(3_000);
  move('connecting');
  move('replaying', { replayed: 10 });
  await scheduler.advance(200);
  move('live', { replayed: 422 });
  expect(state().outages).toMatchObject([{ cause: 'because waiting', downMs: 3_000, catchUpMs: 200, replayed: 412 }]);
  expect(state().changes.map((change) => change.phase)).toEqual([
    'connecting',
    'live',
    'waiting',
    'connecting',
    'replaying',
    'live',
  ]);
});

test('the connection store calls a stream that is lost again while it catches up one outage', async () => {
  const { scheduler, move, state } = setUp();
  for (const phase of ['connecting', 'live', 'stale', 'connecting', 'replaying', 'waiting'] as const) move(phase);
  expect(state().outages).toHaveLength(1);
  expect(state().outages[0]?.downMs).toBeUndefined();
  await scheduler.advance(700);
  move('connecting');
  move('live');
  expect(state().outages).toMatchObject([{ downMs: 700, catchUpMs: 0 }]);
});

test('the connection store sees no outage before the first open stream', () => {
  const { move, state } = setUp();
  for (const phase of ['connecting', 'waiting', 'connecting', 'live'] as const) move(phase);
  expect(state().outages).toEqual([]);
});

test('the connection store tells a new phase at once and counters four times a second', async () => {
  const { scheduler, tell, move, notified, state } = setUp();
  move('connecting');
  expect(notified()).toBe(1);
  for (let received = 1; received <= 900; received += 1) {
    tell({ received });
    await scheduler.advance(1);
  }
  expect(notified()).toBeLessThanOrEqual(5);
  await scheduler.advance(300);
  expect(state().received).toBe(900);
});

test('the connection store takes a sample a second, with the delay of a heartbeat only where one came', async () => {
  const { scheduler, tell, state } = setUp();
  tell({ received: 100, bytes: 5_000, heartbeats: 1, heartbeatDelayMs: 12 });
  await scheduler.advance(1_000);
  tell({ received: 130, bytes: 6_000 });
  await scheduler.advance(1_300);
  expect(state().samples).toMatchObject([
    { events: 100, bytes: 5_000, heartbeatDelayMs: 12 },
    { events: 30, bytes: 1_000, heartbeatDelayMs: null },
  ]);
});

test('the connection store keeps its lists bounded', async () => {
  const { scheduler, move, connection, state } = setUp();
  for (let round = 0; round < 300; round += 1) {
    for (const phase of ['connecting', 'live', 'waiting'] as const) move(phase);
  }
  const gap = { from: 'EpochAA1.1', to: 'EpochAA1.2', missed: 1, reason: 'retention' as const, atMs: 1 };
  for (let round = 0; round < 150; round += 1) connection.notices([{ kind: 'gap', gap }]);
  await scheduler.advance((SAMPLES_MAX + 20) * 1_000);
  expect(state().changes).toHaveLength(CHANGES_MAX);
  expect(state().outages.length).toBeLessThanOrEqual(OUTAGES_MAX);
  expect(state().gaps).toHaveLength(100);
  expect(state().samples).toHaveLength(SAMPLES_MAX);
});

test('the connection store goes on with its story after a reload', async () => {
  const storage = memory();
  const first = setUp(storage);
  first.move('connecting');
  first.move('live');
  first.move('waiting');
  first.move('live');
  await first.scheduler.advance(2_000);
  first.connection.stop();
  const second = setUp(storage, 60_000);
  await second.scheduler.advance(5_300);
  const { samples, changes, outages } = second.state();
  expect(changes.map((change) => change.phase)).toEqual(['connecting', 'live', 'waiting', 'live']);
  expect(outages).toHaveLength(1);
  expect(samples).toHaveLength(7);
  const later = setUp(storage, 2 * 3_600_000);
  expect(later.state().changes).toEqual([]);
});

test('the connection store forgets a story that it cannot read', () => {
  for (const text of ['{', '{"version":2}', '{"version":1,"changes":[{"phase":"flying"}],"outages":[],"samples":[]}']) {
    const storage = memory();
    storage.text = text;
    expect(setUp(storage).state()).toEqual(initialConnection());
  }
});
