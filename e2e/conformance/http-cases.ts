import { expect } from 'vitest';
import { publish } from '../support/ingest-client.ts';
import { until } from '../support/wait.ts';
import type { ConformanceCase } from './conformance-case.ts';

const WRONG = ['from=yesterday', 'level=loud', 'speed=-1', 'kind=trace', `q=${'x'.repeat(513)}`];

export const httpCases: readonly ConformanceCase[] = [
  {
    name: 'the headers keep proxies from buffering, changing or caching the stream',
    needs: ['http-head'],
    async run(bench) {
      const client = await bench.openLive({ headers: { 'Accept-Encoding': 'gzip, br' } });
      expect(client.head?.status).toBe(200);
      const headers = client.head?.headers;
      expect(headers?.get('content-type')).toMatch(/^(text\/event-stream|application\/x-ndjson)(; charset=utf-8)?$/);
      expect(headers?.get('cache-control')).toContain('no-transform');
      expect(headers?.get('cache-control')).toMatch(/no-store|no-cache/);
      expect(headers?.get('x-accel-buffering')).toBe('no');
      expect(headers?.get('content-encoding')).toBeUndefined();
      expect(headers?.get('content-length')).toBeUndefined();
    },
  },
  {
    name: 'a wrong parameter is refused by its name, and disturbs nobody else',
    needs: ['query'],
    async run(bench) {
      const other = await bench.openLive({ query: '?service=undisturbed' });
      for (const query of WRONG) {
        const client = bench.open({ query: `?${query}` });
        await until(`a refusal of ${query.slice(0, 20)}`, () => client.refusal !== undefined);
        expect(client.refusal?.retryMs).toBeUndefined();
        if (client.head) expect(client.head.status).toBe(400);
        expect(client.ledger.events).toBe(0);
      }
      await publish(bench.url, [{ message: 'still there', service: 'undisturbed' }]);
      await other.events(1);
    },
  },
  {
    name: 'a refusal says which parameter is wrong',
    needs: ['query', 'refusal-delay'],
    async run(bench) {
      for (const query of WRONG) {
        const client = bench.open({ query: `?${query}` });
        await until(`a refusal of ${query.slice(0, 20)}`, () => client.refusal !== undefined);
        expect(client.refusal?.says).toContain(query.split('=')[0]);
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
    needs: ['heartbeats', 'one-stream'],
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
