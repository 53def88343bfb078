import { expect, test } from 'vitest';
import type { StreamedEvent } from '@/lib/core/event.ts';
import { BatchWriter } from './batch-writer.ts';
import { FRAME_MS_MAX } from './scheduler.ts';
import type { StreamBatch } from './stream-batch.ts';
import { FakeScheduler } from './testing/fake-scheduler.ts';

const at = (seq: number) => `EpochAA1.${seq}`;
const event = (seq: number): StreamedEvent => {
  const base = { kind: 'log', time: '2026-01-01T00:00:00.000Z', level: 'info', service: 'web' } as const;
  return { ...base, message: `m${seq}`, position: at(seq), prev: at(seq - 1) };
};

function setUp(frames = true) {
  const scheduler = new FakeScheduler();
  if (!frames) scheduler.frame = () => () => undefined;
  const batches: StreamBatch[] = [];
  const writer = new BatchWriter(scheduler, (batch) => batches.push(batch));
  writer.begin({}, at(0));
  return { scheduler, writer, batches };
}

test('events of one frame leave as one batch, and an idle stream leaves nothing', async () => {
  const { scheduler, writer, batches } = setUp();
  for (let seq = 1; seq <= 50; seq += 1) writer.event(event(seq));
  expect(batches).toHaveLength(0);
  await scheduler.advance(1_000);
  expect(batches).toMatchObject([{ fromCursor: at(0), toCursor: at(50) }]);
});

test('a cursor that moves without events is told too, and each batch begins where the last one ended', async () => {
  const { scheduler, writer, batches } = setUp();
  writer.event(event(1));
  await scheduler.advance(20);
  writer.moveTo(at(9));
  await scheduler.advance(20);
  expect(batches.map((batch) => [batch.fromCursor, batch.toCursor, batch.events.length])).toEqual([
    [at(0), at(1), 1],
    [at(1), at(9), 0],
  ]);
});

test('what is pending goes out before a notice, another filter, or the change from replay to live', () => {
  const { writer, batches } = setUp();
  writer.replay(true);
  writer.event(event(1));
  writer.replay(false);
  writer.event(event(2));
  writer.notice({ kind: 'caught-up', atMs: 1, lost: 0 }, at(2));
  writer.event(event(3));
  writer.begin({ kind: 'log' }, at(3));
  expect(batches.map((batch) => [batch.replay, batch.notices.length, batch.toCursor])).toEqual([
    [true, 0, at(1)],
    [false, 0, at(2)],
    [false, 1, at(3)],
  ]);
});

test('a hidden tab without frames and timers still delivers when bytes come in', () => {
  const { scheduler, writer, batches } = setUp(false);
  writer.event(event(1));
  writer.flushIfDue();
  expect(batches).toHaveLength(0);
  scheduler.sleep(FRAME_MS_MAX);
  writer.flushIfDue();
  expect(batches).toHaveLength(1);
});
