import { expect } from 'vitest';
import { parsePosition } from '@/lib/core/position.ts';
import { streamFrameSchema } from '@/lib/wire/frames.ts';
import { publish } from '../support/ingest-client.ts';
import type { Bench, ConformanceCase } from './conformance-case.ts';

const log = (message: string) => ({ kind: 'log', message, service: 'first-frame' });

/** A position somewhere in the journal, with `behind` events after it. */
async function positionBehind(bench: Bench, behind: number): Promise<string> {
  const before = await publish(bench.url, [log('before')]);
  if (behind > 0)
    await publish(
      bench.url,
      Array.from({ length: behind }, (_, index) => log(`after ${index}`)),
    );
  return before.last ?? '';
}

function otherEpoch(position: string): string {
  return position.startsWith('Z') ? `Y${position.slice(1)}` : `Z${position.slice(1)}`;
}

/** Opens with a cursor and gives the first frame, which must be well-formed. */
async function firstFrame(bench: Bench, query: string, headers: Record<string, string> = {}) {
  const client = bench.open({ query, headers });
  const frame = streamFrameSchema.parse(await client.first('stream'));
  expect(client.frames[0]?.event).toBe('stream');
  expect(client.frames[0]?.id).toBe(frame.from);
  return { client, frame };
}

export const firstFrameCases: readonly ConformanceCase[] = [
  {
    name: 'a new stream begins live at the head and tells its heartbeat',
    needs: ['first-frame'],
    async run(bench) {
      const head = await positionBehind(bench, 0);
      const { client, frame } = await firstFrame(bench, '');
      expect(frame).toMatchObject({ state: 'live', head, from: head, heartbeatMs: 400 });
      expect(frame.connectionId).not.toBe('');
      await client.first('live');
    },
  },
  {
    name: 'a cursor behind the head is replayed from there, then said to be live',
    needs: ['first-frame', 'one-stream'],
    async run(bench) {
      const position = await positionBehind(bench, 3);
      const { client, frame } = await firstFrame(bench, `?lastEventId=${position}`);
      expect(frame).toMatchObject({ state: 'replay', from: position });
      await client.first('live');
      expect(client.frames.map(({ event }) => event)).toEqual(['stream', 'log', 'log', 'log', 'live']);
    },
  },
  {
    name: 'a cursor at the head is live',
    needs: ['first-frame'],
    async run(bench) {
      const position = await positionBehind(bench, 0);
      const { frame } = await firstFrame(bench, `?lastEventId=${position}`);
      expect(frame).toMatchObject({ state: 'live', from: position, head: position });
    },
  },
  {
    name: 'a cursor of another journal is a reset, and all that this journal holds follows',
    needs: ['first-frame'],
    async run(bench) {
      const position = otherEpoch(await positionBehind(bench, 1));
      const { client, frame } = await firstFrame(bench, `?lastEventId=${position}`);
      expect(frame).toMatchObject({ state: 'reset', reason: 'epoch', from: `${frame.epoch}.0` });
      await client.events(parsePosition(frame.head)?.seq ?? 0);
    },
  },
  {
    name: 'a cursor from the future is a reset to the head',
    needs: ['first-frame'],
    async run(bench) {
      const head = await positionBehind(bench, 0);
      const future = `${head.slice(0, 9)}${(parsePosition(head)?.seq ?? 0) + 1000}`;
      const { frame } = await firstFrame(bench, `?lastEventId=${future}`);
      expect(frame).toMatchObject({ state: 'reset', reason: 'future', from: head, head });
    },
  },
  {
    name: 'a cursor that is none is a reset to the head, never an error status',
    needs: ['first-frame', 'cursor-header'],
    async run(bench) {
      const head = await positionBehind(bench, 0);
      for (const cursor of ['42', 'abc', `${head}x`, '-1', `${head.slice(0, 9)}-1`, '0'.repeat(5000)]) {
        const { frame } = await firstFrame(bench, '', { 'Last-Event-ID': cursor });
        expect(frame, cursor.slice(0, 40)).toMatchObject({ state: 'reset', reason: 'malformed', from: head });
      }
    },
  },
  {
    name: '"from" takes now, a position, an ISO time and an age',
    needs: ['first-frame', 'query'],
    async run(bench) {
      const position = await positionBehind(bench, 0);
      const time = new Date().toISOString();
      const { last: head } = await publish(bench.url, [{ ...log('marked'), time }]);
      expect((await firstFrame(bench, '?from=now')).frame).toMatchObject({ state: 'live', from: head });
      expect((await firstFrame(bench, `?from=${position}`)).frame).toMatchObject({ state: 'replay', from: position });
      const byTime = await firstFrame(bench, `?from=${encodeURIComponent(time)}`);
      await byTime.client.first('live');
      expect(byTime.client.named('log').some(({ position: at }) => at === head)).toBe(true);
      const byAge = await firstFrame(bench, '?from=-10m&service=first-frame');
      expect(byAge.frame.state).toBe('replay');
      await byAge.client.first('live');
      expect(byAge.client.named('log').at(-1)).toMatchObject({ position: head });
    },
  },
  {
    name: 'Last-Event-ID wins over the query, and lastEventId in the query is taken where there is no header',
    needs: ['first-frame', 'query', 'cursor-header'],
    async run(bench) {
      const [old, recent] = [await positionBehind(bench, 2), await positionBehind(bench, 1)];
      const both = await firstFrame(bench, `?from=${old}&lastEventId=${old}`, { 'Last-Event-ID': recent });
      expect(both.frame.from).toBe(recent);
      expect((await firstFrame(bench, `?from=now&lastEventId=${old}`)).frame.from).toBe(old);
    },
  },
  {
    name: 'the retry line comes first and differs from one connection to the next',
    needs: ['event-stream'],
    async run(bench) {
      const clients = await Promise.all(Array.from({ length: 8 }, () => bench.openLive()));
      for (const client of clients) expect(client.text).toMatch(/^retry: \d+\n\n/);
      const delays = clients.map((client) => client.retryMs ?? 0);
      expect(new Set(delays).size).toBeGreaterThan(1);
      expect(Math.min(...delays)).toBeGreaterThanOrEqual(1000);
      expect(Math.max(...delays)).toBeLessThanOrEqual(3000);
    },
  },
];
