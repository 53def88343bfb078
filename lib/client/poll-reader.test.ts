import { describe, expect, test } from 'vitest';
import type { StreamFrame } from '@/lib/wire/frames.ts';
import { jsonFrames, jsonLines } from '@/lib/wire/json-frames.ts';
import { pollReader } from './poll-reader.ts';
import { logEvent } from './testing/fake-server.ts';
import { readAll } from './testing/read-all.ts';

const at = (seq: number, epoch = 'EpochAA1') => `${epoch}.${seq}`;
const entry = (seq: number) => ({ seq, kind: 'log', body: JSON.stringify(logEvent(`m${seq}`)) });
const events = (from: number, to: number) =>
  jsonFrames.events(
    'EpochAA1',
    from - 1,
    Array.from({ length: to - from + 1 }, (_, index) => entry(from + index)),
  );
const opening = (from: string, change: Partial<StreamFrame> = {}) => {
  const frame: StreamFrame = {
    state: 'live',
    connectionId: 'c1',
    epoch: 'EpochAA1',
    head: at(4),
    from,
    heartbeatMs: 15_000,
  };
  return jsonFrames.control('stream', { ...frame, ...change });
};
const live = (seq: number) => jsonFrames.control('live', { head: at(seq) }, at(seq));
const heartbeat = (seq: number) =>
  jsonFrames.control('heartbeat', { time: '2026-01-01T00:00:00.000Z', head: at(seq) }, at(seq));

/** Answers one poll after the other; when there are no more the server is away. */
async function read(answers: readonly (readonly string[])[], asked: Parameters<typeof readAll>[1] = {}) {
  const polls: { url: string; lastEventId: unknown }[] = [];
  const left = [...answers];
  const fetch: typeof globalThis.fetch = async (input, init) => {
    const headers = init?.headers as Record<string, string>;
    polls.push({ url: String(input), lastEventId: headers['Last-Event-ID'] });
    const lines = left.shift();
    if (!lines) throw new TypeError('Failed to fetch');
    const bytes = new Uint8Array(jsonLines(lines));
    return new Response(bytes, { headers: { 'Content-Type': 'application/x-ndjson' } });
  };
  return { ...(await readAll(pollReader({ fetch, baseUrl: '' }), asked)), polls };
}

describe('the reader of long polls', () => {
  test('makes one stream of many answers: one opening, and each poll goes on where the last one ended', async () => {
    const { frames, polls, end } = await read([
      [opening(at(4)), live(4), ...events(5, 7)],
      [opening(at(7), { connectionId: 'c2' }), live(7), heartbeat(9)],
      [opening(at(9), { connectionId: 'c3' }), ...events(10, 10)],
    ]);
    expect(frames.map(({ type }) => type)).toEqual([
      ...['stream', 'live', 'event', 'event', 'event'],
      ...['renewed', 'live', 'heartbeat'],
      ...['renewed', 'event'],
    ]);
    expect(polls.map(({ lastEventId }) => lastEventId)).toEqual([at(4), at(7), at(9), at(10)]);
    expect(polls.map(({ url }) => url)).toEqual(['/api/poll?wait=0', '/api/poll', '/api/poll', '/api/poll']);
    expect(end).toEqual({ again: true, cause: 'the server cannot be reached' });
  });

  test('begins at the head, and then knows where that was', async () => {
    const { polls } = await read([[opening(at(4)), live(4), heartbeat(4)]], { lastEventId: undefined });
    expect(polls.map(({ lastEventId }) => lastEventId)).toEqual([undefined, at(4)]);
    const aged = await read([[opening(at(2)), ...events(3, 3)]], { lastEventId: undefined, from: '-15m' });
    expect(aged.polls.map(({ url }) => url)).toEqual(['/api/poll?from=-15m&wait=0', '/api/poll']);
    expect(aged.polls[1]?.lastEventId).toBe(at(3));
  });

  test('asks first what is there now, so that a proxy which holds answers back hides no state', async () => {
    const { frames, polls, end } = await read([
      [opening(at(4)), live(4)],
      [opening(at(4)), live(4), heartbeat(4)],
    ]);
    expect(frames.map(({ type }) => type)).toEqual(['stream', 'live', 'renewed', 'live', 'heartbeat']);
    expect(polls.map(({ url }) => url)).toEqual(['/api/poll?wait=0', '/api/poll', '/api/poll']);
    expect(end).toEqual({ again: true, cause: 'the server cannot be reached' });
  });

  test('an answer of nothing but `live` is one only to who did not want to wait', async () => {
    const { polls, end } = await read([
      [opening(at(4)), live(4)],
      [opening(at(4)), live(4)],
    ]);
    expect(polls).toHaveLength(2);
    expect(end).toEqual({ again: true, cause: 'the server answered a poll with nothing' });
  });

  test('tells of a gap between two polls as a gap', async () => {
    const gap = { state: 'gap', missed: 15, reason: 'retention' } as const;
    const { frames, polls } = await read([
      [opening(at(4)), ...events(5, 5)],
      [opening(at(20), gap), ...events(21, 21)],
    ]);
    expect(frames.find(({ type }) => type === 'gap')).toEqual({
      type: 'gap',
      id: at(20),
      data: { from: at(5), to: at(20), missed: 15, reason: 'retention' },
    });
    expect(polls.at(-1)?.lastEventId).toBe(at(21));
  });

  test('tells of another journal between two polls as a gap into it', async () => {
    const from = at(0, 'EpochBB2');
    const reset = { state: 'reset', missed: 0, reason: 'epoch', epoch: 'EpochBB2', head: from } as const;
    const beat = jsonFrames.control('heartbeat', { time: '2026-01-01T00:00:00.000Z', head: from }, from);
    const { frames, polls } = await read([
      [opening(at(4)), ...events(5, 5)],
      [opening(from, reset), beat],
    ]);
    expect(frames.find(({ type }) => type === 'gap')).toMatchObject({ id: from, data: { from: at(5), to: from } });
    expect(polls.at(-1)?.lastEventId).toBe(from);
  });

  test('has caught up at what was the head when it began, also on a stream too busy for an answer to say so', async () => {
    const { frames } = await read([
      [opening(at(4), { state: 'replay', head: at(7) }), ...events(5, 6)],
      [opening(at(6), { state: 'replay', head: at(30) }), ...events(7, 8)],
      [opening(at(8), { state: 'replay', head: at(60) }), ...events(9, 9)],
    ]);
    expect(frames.map(({ type }) => type)).toEqual([
      ...['stream', 'event', 'event', 'renewed', 'event', 'live', 'event', 'renewed', 'event'],
    ]);
  });

  test('does not deliver a line that was cut off, and asks for it again', async () => {
    const answer = jsonLines([opening(at(4)), ...events(5, 6)]);
    for (let cut = 1; cut < answer.length; cut += 7) {
      const polls: unknown[] = [];
      const fetch: typeof globalThis.fetch = async (_, init) => {
        const headers = init?.headers as Record<string, string>;
        polls.push(headers['Last-Event-ID']);
        if (polls.length > 1) throw new TypeError('Failed to fetch');
        const bytes = new Uint8Array(answer.slice(0, cut));
        return new Response(bytes, { headers: { 'Content-Type': 'application/x-ndjson' } });
      };
      const { frames } = await readAll(pollReader({ fetch, baseUrl: '' }));
      const last = frames.findLast(({ type }) => type === 'event');
      if (polls.length > 1) expect(polls[1]).toBe(last?.id);
      else expect(last).toBeUndefined();
    }
  });

  test('does not ask again and again where nothing is answered', async () => {
    const { polls, end } = await read([[], [], []]);
    expect(polls).toHaveLength(1);
    expect(end).toEqual({ again: true, cause: 'the server answered a poll with nothing' });
  });

  test('waits between answers with events, so that a busy stream is no storm of requests', async () => {
    const pauses: number[] = [];
    const pause = async (ms: number) => void pauses.push(ms);
    await read(
      [
        [opening(at(4)), ...events(5, 5)],
        [opening(at(5)), heartbeat(5)],
      ],
      { pause },
    );
    expect(pauses).toEqual([100]);
  });
});
