import { describe, expect, test, vi } from 'vitest';
import { ResourceLedger } from '@/lib/core/ledger.ts';
import { logAt } from '@/lib/core/testing/arbitraries.ts';
import { makeHoldingJournal, makeJournal, trip } from '@/lib/journal/testing/make-journal.ts';
import { type EncodedChunk, FanOutGroup } from './fan-out-group.ts';
import { HeartbeatWheel } from './heartbeat-wheel.ts';
import { ReplayPacer } from './replay-pacer.ts';
import type { StreamSession } from './stream-session.ts';
import { TickPace } from './tick-pace.ts';
import { sseChunkedFormat, sseFormat } from './wire-format.ts';

describe('a fan-out group', () => {
  const member = () => {
    const chunks: EncodedChunk[] = [];
    return {
      chunks,
      takes: true,
      behind: [] as number[],
      deliver(chunk: EncodedChunk) {
        chunks.push(chunk);
        return this.takes;
      },
      fallBehind(seq: number) {
        this.behind.push(seq);
      },
    };
  };

  test('walks the journal once, hands out the same bytes, and lets go of who is full', async () => {
    const { journal } = makeJournal();
    await journal.open();
    const group = new FanOutGroup('k', { q: 'yes' }, sseFormat, journal);
    const [a, b] = [member(), member()];
    b.takes = false;
    group.join(a);
    group.join(b);
    await journal.append(['no', 'yes', 'no'].map((text) => logAt(text)));
    expect(group.advance(5)).toBe(false);
    expect(a.chunks[0]).toMatchObject({ from: 0, to: 3, previous: 0, lastMatch: 2, count: 1 });
    expect(a.chunks[0]?.bytes).toBe(b.chunks[0]?.bytes);
    expect(group).toMatchObject({ position: 3, lastMatch: 2, memberCount: 1, lastWriteMs: 5 });
    await journal.append([logAt('no')]);
    group.advance(9);
    expect(a.chunks).toHaveLength(1);
    expect(group).toMatchObject({ position: 4, lastMatch: 2, lastWriteMs: 5 });
    expect(group.chunkFrom(0)).toBe(a.chunks[0]);
    expect(group.chunkFrom(3)?.bytes).toBeUndefined();
    expect([group.chunkFrom(1), group.chunkFrom(4)]).toEqual([undefined, undefined]);
    expect([0, 1, 2, 3, 4, 9].map((seq) => group.boundaryAfter(seq))).toEqual([3, 3, 3, 4, 4, 4]);
  });

  test('keeps a bounded number of chunks; before them the boundary is where they begin', async () => {
    const { journal } = makeJournal({ ring: { eventsMax: 2000, bytesMax: 1e9 } });
    await journal.open();
    const group = new FanOutGroup('k', {}, sseFormat, journal);
    for (let index = 0; index < 520; index += 1) {
      await journal.append([logAt('m')]);
      group.advance(0);
    }
    expect(group.chunkFrom(7)).toBeUndefined();
    expect(group.boundaryAfter(3)).toBe(8);
    expect(group.chunkFrom(8)?.to).toBe(9);
  });

  test('a chunk is bounded, and there is more', async () => {
    const { journal } = makeJournal({
      ring: { eventsMax: 5000, bytesMax: 1e9 },
      pendingEventsMax: 1e5,
      pendingBytesMax: 1e9,
    });
    await journal.open();
    const group = new FanOutGroup('k', {}, sseFormat, journal);
    await journal.append(Array.from({ length: 2500 }, () => logAt('m')));
    const sizes = [];
    for (let more = true; more; ) {
      const before = group.position;
      more = group.advance(0);
      sizes.push(group.position - before);
    }
    expect(Math.max(...sizes)).toBeLessThanOrEqual(2000);
    expect(sizes.reduce((a, b) => a + b)).toBe(2500);
  });

  test('when the ring has passed it by, the members are told where they stand', async () => {
    const { journal } = makeJournal({ ring: { eventsMax: 2, bytesMax: 1e6 } });
    await journal.open();
    const group = new FanOutGroup('k', {}, sseFormat, journal);
    const one = member();
    group.join(one);
    await journal.append(Array.from({ length: 5 }, () => logAt('m')));
    group.advance(0);
    expect(one.behind).toEqual([0]);
    expect(group).toMatchObject({ position: 5, lastMatch: 5, memberCount: 0 });
  });
});

test('events that are not stored yet say so, and a frame of them is not shared any more once they are', async () => {
  const { journal, guarded, store } = makeHoldingJournal();
  await journal.open();
  const group = new FanOutGroup('k', {}, sseFormat, journal);
  const frames: string[] = [];
  const take = ({ bytes }: EncodedChunk): boolean => frames.push(Buffer.from(bytes ?? []).toString()) > 0;
  group.join({ deliver: take, fallBehind: () => undefined });
  await journal.append([logAt('stored')]);
  group.advance(0);
  trip(guarded.breaker);
  await journal.append([logAt('held')]);
  group.advance(0);
  expect(frames.map((frame) => frame.includes('"durable":false'))).toEqual([false, true]);
  expect(group.chunkFrom(1)).toMatchObject({ from: 1, to: 2, isMarked: true });
  await vi.waitFor(() => expect(store.headSeq).toBe(2), 3000);
  await vi.waitFor(() => expect(journal.durableSeq).toBe(2));
  expect(group.chunkFrom(1)).toBeUndefined();
  expect(group.chunkFrom(0)).toMatchObject({ from: 0, to: 1 });
  await journal.close(0);
});

describe('the heartbeat wheel', () => {
  test.each([100, 300, 1000, 1300, 15_000])('looks at every stream at least six times in %d ms', (heartbeatMs) => {
    let ticks = 0;
    const beats: number[] = [];
    const wheel = new HeartbeatWheel(heartbeatMs, () => ticks);
    const resources = new ResourceLedger(() => 0).owner('one');
    const session = { beat: () => beats.push(ticks), resources } as unknown as StreamSession;
    wheel.add(session);
    const slotMs = Math.min(250, heartbeatMs / 12);
    for (ticks = 1; ticks * slotMs <= 10 * heartbeatMs; ticks += 1) wheel.turn();
    for (let index = 1; index < beats.length; index += 1) {
      expect(((beats[index] ?? 0) - (beats[index - 1] ?? 0)) * slotMs).toBeLessThanOrEqual(heartbeatMs / 6);
    }
    expect(beats.length).toBeGreaterThanOrEqual(59);
    wheel.remove(session);
    const before = beats.length;
    wheel.turn();
    wheel.turn();
    expect(beats).toHaveLength(before);
    expect(resources.count('wheel-slot')).toBe(0);
    wheel.stop();
  });
});

test('the wheel tells when its own turns come late, and forgets it when they are in time again', () => {
  let nowMs = 0;
  const late: boolean[] = [];
  const wheel = new HeartbeatWheel(1200, () => nowMs);
  const resources = new ResourceLedger(() => 0).owner('one');
  wheel.add({ beat: (_now: number, isLate: boolean) => late.push(isLate), resources } as unknown as StreamSession);
  const turns = (count: number, everyMs: number): boolean | undefined => {
    for (let turn = 0; turn < count; turn += 1) {
      nowMs += everyMs;
      wheel.turn();
    }
    return late.at(-1);
  };
  expect(turns(50, 100)).toBe(false);
  expect(turns(40, 400)).toBe(true);
  expect(turns(100, 100)).toBe(false);
  wheel.stop();
});

describe('the replay pacer', () => {
  const events = (...seconds: number[]) =>
    seconds.map((second, index) => ({
      seq: index + 1,
      kind: 'log',
      body: `{"kind":"log","time":"${new Date(second * 1000).toISOString()}"}`,
    }));

  test('event time runs at a multiple of the clock', () => {
    const pacer = new ReplayPacer(10);
    expect(pacer.due(events(100, 100, 105), 0)).toEqual({ count: 2, waitMs: 0 });
    expect(pacer.due(events(105, 120), 200)).toEqual({ count: 0, waitMs: 300 });
    expect(pacer.due(events(105, 120), 500)).toEqual({ count: 1, waitMs: 0 });
    expect(pacer.due(events(120), 500)).toEqual({ count: 0, waitMs: 1000 });
    expect(pacer.due(events(90), 500)).toEqual({ count: 1, waitMs: 0 });
    expect(pacer.due([], 500)).toEqual({ count: 0, waitMs: 0 });
  });
});

test('the pace lengthens while ticks fill it and recovers, within 20 and 250 ms', () => {
  const pace = new TickPace();
  expect(pace.waitMs(1e6)).toBe(0);
  pace.ran(1000, 1001);
  expect([pace.waitMs(1005), pace.waitMs(1050)]).toEqual([15, 0]);
  for (let index = 0; index < 20; index += 1) pace.ran(0, 240);
  expect(pace.intervalMs).toBe(250);
  for (let index = 0; index < 40; index += 1) pace.ran(0, 1);
  expect(pace.intervalMs).toBe(20);
});

test('a round that overran counts for a while, not for ever: with nothing more to send the server is not late', () => {
  const pace = new TickPace();
  pace.ran(1000, 1200);
  expect(pace.isOverrun(1201)).toBe(false);
  pace.ran(2000, 2400);
  expect(pace.isOverrun(2401)).toBe(true);
  expect(pace.isOverrun(10_000)).toBe(false);
});

test('the chunked format holds the very bytes of the plain one', () => {
  const event = [{ seq: 2, kind: 'log', body: '{"kind":"log","message":"é"}' }];
  const [plain, chunked] = [sseFormat, sseChunkedFormat].map((format) =>
    Buffer.from(format.events('AAAAAAAA', 1, event)),
  );
  expect(chunked?.toString('latin1')).toBe(`${plain?.length.toString(16)}\r\n${plain?.toString('latin1')}\r\n`);
});
