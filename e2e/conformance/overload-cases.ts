import { expect } from 'vitest';
import { busyFrameSchema, byeFrameSchema } from '@/lib/wire/frames.ts';
import { until } from '../support/wait.ts';
import type { Bench, ConformanceCase } from './conformance-case.ts';
import type { Refusal } from './stream-client.ts';

/** Without a heartbeat meanwhile: a poll keeps its place until it is answered. */
const FULL = { TAILRACE_CONNECTIONS_MAX: '2', TAILRACE_HEARTBEAT_MS: '15000' };
/** Says of an event stream's client that it can live with a status. */
const BY_STATUS = { headers: { 'X-Tailrace-Client': 'test' } };

async function refused(bench: Bench): Promise<Refusal> {
  const client = bench.open(BY_STATUS);
  await until('a refusal', () => client.refusal !== undefined);
  expect(client.ledger.events).toBe(0);
  return client.refusal ?? { says: '', retryMs: undefined };
}

export const overloadCases: readonly ConformanceCase[] = [
  {
    name: 'a full server answers a native EventSource with 200, retry, busy and a clean end',
    needs: ['event-stream'],
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
    name: 'a full server refuses in the terms of the protocol and names a delay',
    needs: ['refusal-delay'],
    settings: FULL,
    async run(bench) {
      await Promise.all([bench.openLive(), bench.openLive()]);
      const { says, retryMs } = await refused(bench);
      expect(says).toContain('as many streams as it takes');
      expect(retryMs).toBeGreaterThanOrEqual(1000);
      expect(bench.runtime.hub.admission.refused).toBe(1);
      expect(bench.runtime.hub.connections).toBe(2);
    },
  },
  {
    name: 'a place is free again as soon as its client is gone',
    settings: FULL,
    async run(bench) {
      const [one] = await Promise.all([bench.openLive(), bench.openLive()]);
      one?.cut();
      one?.close();
      await until('a place', async () => {
        const client = bench.open();
        const isRefused = (): boolean => client.refusal !== undefined || client.named('busy').length > 0;
        await until('an answer', () => isRefused() || client.named('live').length > 0);
        if (isRefused()) client.close();
        return !isRefused();
      });
    },
  },
  {
    name: 'a server that shuts down says bye, ends the line cleanly and lets the client come back',
    needs: ['bye'],
    settings: { TAILRACE_DRAIN_MS: '0', TAILRACE_HEARTBEAT_MS: '15000' },
    async run(bench) {
      const clients = await Promise.all([bench.openLive(), bench.openLive({ query: '?kind=metric' })]);
      await bench.runtime.hub.drain(0);
      for (const client of clients) {
        const bye = byeFrameSchema.parse(await client.first('bye'));
        expect(bye).toMatchObject({ code: 2000, reason: 'draining', reconnect: true });
        expect(bye.retryMs).toBeGreaterThan(0);
        if (!bench.transport.lacks['clean-end']) await until('a clean end', () => client.endedCleanly === 1);
      }
      const late = await refused(bench);
      if (!bench.transport.lacks['refusal-delay']) expect(late.says).toContain('shutting down');
    },
  },
  {
    name: 'who is closed for good is told not to come back',
    needs: ['bye'],
    settings: { TAILRACE_HEARTBEAT_MS: '15000' },
    async run(bench) {
      const [client, other] = [await bench.openLive(), await bench.openLive()];
      const [session] = bench.runtime.hub.sessions.values();
      session?.dismiss('kicked');
      const bye = byeFrameSchema.parse(await client.first('bye'));
      expect(bye).toMatchObject({ code: 3000, reason: 'kicked', reconnect: false });
      await until('the line to end', () => bench.runtime.hub.connections === 1);
      if (!bench.transport.lacks['clean-end']) await until('a clean end', () => client.endedCleanly === 1);
      expect(other.named('bye')).toEqual([]);
    },
  },
];
