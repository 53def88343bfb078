import { expect } from 'vitest';
import { busyFrameSchema, byeFrameSchema } from '@/lib/wire/frames.ts';
import { until } from '../support/wait.ts';
import type { ConformanceCase } from './conformance-case.ts';

const FULL = { TAILRACE_CONNECTIONS_MAX: '2' };

export const overloadCases: readonly ConformanceCase[] = [
  {
    name: 'a full server answers a native EventSource with 200, retry, busy and a clean end',
    settings: FULL,
    async run(bench) {
      await Promise.all([bench.openLive(), bench.openLive()]);
      const third = bench.open();
      await third.end();
      expect(third.head?.status).toBe(200);
      expect(third.head?.headers.get('content-type')).toContain('text/event-stream');
      const busy = busyFrameSchema.parse(await third.first('busy'));
      expect(third.retryMs).toBe(busy.retryMs);
      expect(third.frames).toHaveLength(1);
      await until('a clean end', () => third.endedCleanly === 1);
    },
  },
  {
    name: 'a full server answers a fetch client with 503 and Retry-After',
    settings: FULL,
    async run(bench) {
      await Promise.all([bench.openLive(), bench.openLive()]);
      for (const headers of [{ 'X-Tailrace-Client': 'test' }, { Accept: 'text/event-stream, application/json' }]) {
        const response = await fetch(`${bench.url}/api/stream`, { headers });
        expect(response.status).toBe(503);
        expect(Number(response.headers.get('retry-after'))).toBeGreaterThanOrEqual(1);
        expect(((await response.json()) as { code: string }).code).toBe('too-many-connections');
      }
    },
  },
  {
    name: 'a place is free again as soon as its client is gone',
    settings: FULL,
    async run(bench) {
      const [one] = await Promise.all([bench.openLive(), bench.openLive()]);
      one?.cut();
      await until('a place', async () => {
        const client = bench.open();
        await until('an answer', () => client.frames.length > 0);
        return client.frames[0]?.event === 'stream';
      });
    },
  },
  {
    name: 'a server that shuts down says bye, ends the response cleanly and lets the client come back',
    settings: { TAILRACE_DRAIN_MS: '0' },
    async run(bench) {
      const clients = await Promise.all([bench.openLive(), bench.openLive({ query: '?kind=metric' })]);
      await bench.runtime.hub.drain(0);
      for (const client of clients) {
        await client.end();
        const bye = byeFrameSchema.parse(await client.first('bye'));
        expect(bye).toMatchObject({ code: 2000, reason: 'draining', reconnect: true });
        expect(bye.retryMs).toBeGreaterThan(0);
        await until('a clean end', () => client.endedCleanly === 1);
      }
      const late = await fetch(`${bench.url}/api/stream`, { headers: { 'X-Tailrace-Client': 'test' } });
      expect(late.status).toBe(503);
      expect(((await late.json()) as { code: string }).code).toBe('shutting-down');
    },
  },
];
