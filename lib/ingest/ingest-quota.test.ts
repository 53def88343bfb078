import { expect, test } from 'vitest';
import { logAt } from '@/lib/core/testing/arbitraries.ts';
import { IngestQuota } from './ingest-quota.ts';

const events = (count: number) => Array.from({ length: count }, () => logAt('m'));
const sink = { append: async () => ({ firstSeq: 1, lastSeq: 1 }) };

test('over five seconds an address gets its rate and one burst, and is told when to come back', async () => {
  let nowMs = 0;
  const quota = new IngestQuota(1000, () => nowMs);
  let stored = 0;
  let refusedS: number | undefined;
  let refused = 0;
  for (; nowMs < 5000; nowMs += 10) {
    try {
      await quota.admit('10.0.0.1', sink).append(events(100));
      stored += 100;
    } catch (error) {
      refused += 1;
      refusedS = (error as { retryAfterS?: number }).retryAfterS;
    }
  }
  expect(stored).toBeGreaterThanOrEqual(5900);
  expect(stored).toBeLessThanOrEqual(6100);
  expect(refusedS).toBe(1);
  expect(refused).toBeGreaterThan(100);
});

test('one address in debt does not keep another waiting', async () => {
  const quota = new IngestQuota(100, () => 0);
  await quota.admit('10.0.0.1', sink).append(events(500));
  expect(() => quota.admit('10.0.0.1', sink)).toThrow(/send again in 4 s/);
  await quota.admit('10.0.0.2', sink).append(events(5));
});

test('a body that is still coming in waits until its debt is paid, and nothing of it is lost', async () => {
  let nowMs = 0;
  const quota = new IngestQuota(1_000_000, () => {
    nowMs += 1;
    return nowMs;
  });
  let appended = 0;
  const counting = {
    append: async (some: readonly unknown[]) => {
      appended += some.length;
      return { firstSeq: 1, lastSeq: some.length };
    },
  };
  const stream = quota.admit('10.0.0.1', counting);
  for (let chunk = 0; chunk < 30; chunk += 1) await stream.append(events(1000));
  expect(appended).toBe(30_000);
});

test('what waits to be paid for is not overtaken by what comes when the debt is paid, and keeps its chain', async () => {
  let nowMs = 0;
  const quota = new IngestQuota(100, () => nowMs);
  const appended: [number, unknown][] = [];
  const chain = {};
  const stream = quota.admit('10.0.0.1', {
    append: async (some, _name, given) => {
      appended.push([some.length, given]);
      return { firstSeq: 1, lastSeq: some.length };
    },
  });
  await stream.append(events(110), undefined, chain);
  const waiting = stream.append(events(1), undefined, chain);
  await new Promise((resolve) => setImmediate(resolve));
  nowMs = 1000;
  await Promise.all([waiting, stream.append(events(2), undefined, chain)]);
  expect(appended).toEqual([110, 1, 2].map((size) => [size, chain]));
});
