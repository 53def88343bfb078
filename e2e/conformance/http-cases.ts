import { expect } from 'vitest';
import { publish } from '../support/ingest-client.ts';
import { until } from '../support/wait.ts';
import type { ConformanceCase } from './conformance-case.ts';

const WRONG = ['from=yesterday', 'level=loud', 'speed=-1', 'speed=fast', 'kind=trace', `q=${'x'.repeat(513)}`];

export const httpCases: readonly ConformanceCase[] = [
  {
    name: 'the headers keep proxies from buffering, changing or caching the stream',
    async run(bench) {
      const client = await bench.openLive({ headers: { 'Accept-Encoding': 'gzip, br' } });
      expect(client.head?.status).toBe(200);
      const headers = client.head?.headers;
      expect(headers?.get('content-type')).toMatch(/^text\/event-stream(; charset=utf-8)?$/);
      expect(headers?.get('cache-control')).toContain('no-transform');
      expect(headers?.get('cache-control')).toMatch(/no-store|no-cache/);
      expect(headers?.get('x-accel-buffering')).toBe('no');
      expect(headers?.get('content-encoding')).toBeUndefined();
      expect(headers?.get('content-length')).toBeUndefined();
    },
  },
  {
    name: 'a wrong parameter is answered with 400 and a problem that names it',
    async run(bench) {
      for (const query of WRONG) {
        const response = await fetch(`${bench.url}/api/stream?${query}`);
        expect(response.status, query).toBe(400);
        expect(response.headers.get('content-type')).toContain('application/problem+json');
        const problem = (await response.json()) as { code: string; detail: string };
        expect(problem.code).toBe('bad-request');
        expect(problem.detail).toContain(query.split('=')[0]);
      }
    },
  },
  {
    name: 'an event is on its way without waiting for another',
    async run(bench) {
      const client = await bench.openLive({ query: '?service=prompt' });
      const { first } = await publish(bench.url, [{ message: 'alone', service: 'prompt' }]);
      await client.events(1);
      expect(client.named('log')[0]).toMatchObject({ position: first, message: 'alone', service: 'prompt' });
    },
  },
  {
    name: 'no silence is longer than the heartbeat that was announced',
    async run(bench) {
      const client = await bench.openLive({ query: '?service=silent' });
      await until('three heartbeats', () => client.named('heartbeat').length >= 3);
      const times = client.named('heartbeat').map(({ time }) => Date.parse(String(time)));
      const silences = times.slice(1).map((time, index) => time - (times[index] ?? 0));
      // The server's own clock, so that a busy test machine does not count; a turn of the loop may be late.
      expect(Math.min(...silences)).toBeLessThanOrEqual(400);
    },
  },
];
