import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { encodeControl, encodeEvents } from '@/lib/wire/sse.ts';
import { FrameScanner } from './frame-scanner.ts';
import { RunCache } from './run-cache.ts';
import { Tally } from './tally.ts';

const EPOCH = 'AAAAAAAA';
const at = (seq: number): string => `${EPOCH}.${seq}`;
const body = (sentUs = 1_000_000): string =>
  JSON.stringify({
    time: 'T',
    kind: 'log',
    level: 'info',
    service: 'api',
    message: `@${sentUs}@ é \n\n id: x`,
    attributes: {},
  });
const events = (previous: number, ...seqs: number[]): Buffer =>
  Buffer.from(
    encodeEvents(
      EPOCH,
      previous,
      seqs.map((seq) => ({ seq, kind: 'log', body: body() })),
    ),
  );
const start = (from: number, state: 'live' | 'replay' | 'gap' | 'reset' = 'live', missed?: number): Buffer =>
  Buffer.from(
    encodeControl(
      'stream',
      {
        state,
        connectionId: 'x',
        epoch: EPOCH,
        head: at(99),
        from: at(from),
        heartbeatMs: 1,
        ...(missed !== undefined && { missed }),
      },
      at(from),
    ),
  );
const live = Buffer.from(encodeControl('live', { head: at(0) }));
const heartbeat = (seq: number): Buffer =>
  Buffer.from(encodeControl('heartbeat', { time: 'T', head: at(seq) }, at(seq)));

function scanner(cache?: RunCache) {
  const tally = new Tally();
  tally.isMeasuring = true;
  const seen: string[] = [];
  const made = new FrameScanner(tally, cache, ({ event }) => {
    seen.push(event);
    if (event === 'live') made.isLive = true;
  });
  const take = (...pieces: Buffer[]): void => {
    for (const piece of pieces) made.take(piece, 1_020_000);
  };
  const { lost, repeated, missed, resets, deliveries, protocol } = tally.counts;
  const faults = () => {
    const counts = tally.counts;
    return [
      counts.lost - lost,
      counts.repeated - repeated,
      counts.missed - missed,
      counts.resets - resets,
      counts.protocol - protocol,
    ];
  };
  return { made, tally, seen, take, faults, delivered: () => tally.counts.deliveries - deliveries };
}

describe('a scanner of frames', () => {
  test('takes events in order, advances over heartbeats, and tells where to go on', () => {
    const { made, take, faults, delivered, seen } = scanner();
    take(start(4), live, events(4, 5, 7), heartbeat(9), events(7, 12));
    expect([made.lastEventId, delivered(), faults()]).toEqual([at(12), 3, [0, 0, 0, 0, 0]]);
    expect(seen).toEqual(['stream', 'live', 'heartbeat']);
  });

  test.each([
    ['an event that is missing', [start(4), events(5, 6)], [1, 0, 0, 0, 0]],
    ['events missing in the middle', [start(4), events(4, 5), events(8, 9)], [3, 0, 0, 0, 0]],
    ['an event that comes again', [start(4), events(4, 5), events(4, 5)], [0, 1, 0, 0, 0]],
    ['a gap that is told', [start(4, 'gap', 7)], [0, 0, 7, 0, 0]],
    ['a fresh start', [start(4, 'reset')], [0, 0, 0, 1, 0]],
    ['a heartbeat that goes back', [start(4), events(4, 9), heartbeat(7)], [0, 0, 0, 0, 1]],
  ])('finds %s', (_what, pieces, found) => {
    const { take, faults } = scanner();
    take(...(pieces as Buffer[]));
    expect(faults()).toEqual(found);
  });

  test('finds a resume that begins too late', () => {
    const { made, take, faults } = scanner();
    take(start(4), events(4, 5));
    made.restart();
    take(start(8, 'replay'));
    expect(faults()).toEqual([3, 0, 0, 0, 0]);
  });

  test('measures the delay of live events only', () => {
    const { take, tally } = scanner();
    take(start(0), events(0, 1, 2, 3), live, events(3, 4));
    const latency = tally.takeLatency();
    expect(latency.counts.filter((_value, index) => index % 2 === 1)).toEqual([1]);
    expect(latency.maxMs).toBe(20);
  });

  test('the same stream cut anywhere, alone or after others, tells the same', () => {
    const stream = Buffer.concat([
      start(0),
      live,
      events(0, 1, 2, 3),
      heartbeat(3),
      events(3, 4),
      events(9, 11, 12),
      events(12, 13, 14, 15),
      heartbeat(16),
      events(15, 17),
    ]);
    const cutAt = fc.array(fc.integer({ min: 0, max: stream.length }), { maxLength: 12 });
    fc.assert(
      fc.property(fc.array(cutAt, { minLength: 1, maxLength: 4 }), (viewers) => {
        const cache = new RunCache(1e6);
        for (const cuts of viewers) {
          const { made, take, faults, delivered, seen } = scanner(cache);
          const edges = [0, ...cuts.toSorted((a, b) => a - b), stream.length];
          // What was handed over is overwritten at once, as the shared memory of all sockets is.
          edges.slice(1).forEach((end, index) => {
            const piece = Buffer.from(stream.subarray(edges[index], end));
            take(piece);
            piece.fill(0);
          });
          expect([made.lastEventId, delivered(), faults(), seen]).toEqual([
            at(17),
            10,
            [5, 0, 0, 0, 0],
            ['stream', 'live', 'heartbeat', 'heartbeat'],
          ]);
        }
      }),
      { seed: 11, numRuns: 300 },
    );
  });

  test('a byte that differs from what others got is not taken for the same', () => {
    const cache = new RunCache(1e6);
    const first = scanner(cache);
    first.take(start(0), live, events(0, 1, 2, 3));
    const second = scanner(cache);
    second.take(start(0), live, Buffer.concat([events(0, 1), events(2, 3)]));
    expect([first.faults()[0], second.faults()[0], second.delivered()]).toEqual([0, 1, 2]);
  });

  test('the cache holds no more than it may', () => {
    const cache = new RunCache(2000);
    const { take } = scanner(cache);
    take(start(0));
    for (let seq = 1; seq <= 100; seq += 1) take(events(seq - 1, seq));
    expect(cache.after(0)).toBeUndefined();
    expect(cache.after(99)).toBeDefined();
  });
});
