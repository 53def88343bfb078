import { describe, expect, test } from 'vitest';
import type { ProtocolTotals, SenderRow } from '@/lib/wire/source-pages.ts';
import { beginHearing, hear, heardOf, isBusy } from './hearing.ts';

const STARTED_MS = 1000;
const totals = (protocol: string, given: Partial<ProtocolTotals> = {}): ProtocolTotals => ({
  ...{ protocol, requests: 0, accepted: 0, rejected: 0, late: 0, truncated: 0, limited: 0, failed: 0, bytes: 0 },
  ...{ senders: 1, lastMs: 0, lastAddress: '127.0.0.1' },
  ...given,
});
const frame = (nowMs: number, protocols: readonly ProtocolTotals[], startedMs = STARTED_MS) => {
  const rows: readonly SenderRow[] = [];
  return { nowMs, startedMs, protocols, rows };
};
/** Long ago: who was heard then is not sending now. */
const LONG_AGO_MS = -100_000;
/** Who has sent since `firstMs`, and what it has named. */
const sender = (protocol: string, address: string, firstMs: number, services: readonly string[]): SenderRow => ({
  ...{ protocol, address, credential: null, services, requests: 1, accepted: 1, rejected: 0, late: 0, truncated: 0 },
  ...{ limited: 0, failed: 0, bytes: 1, bytesPerSecond: 0, eventsPerSecond: 0, skewMs: null, firstMs, lastMs: firstMs },
});

test('what was there before is not heard, what is new is, with how much of it was taken', () => {
  const before = frame(5000, [
    totals('events', { requests: 7, accepted: 70, rejected: 2, bytes: 900, lastMs: LONG_AGO_MS }),
  ]);
  let hearing = beginHearing(before);
  expect(heardOf(hearing, before, ['events'])).toBeUndefined();
  hearing = hear(hearing, before);
  expect(heardOf(hearing, before, ['events'])).toBeUndefined();
  const after = frame(6000, [totals('events', { requests: 8, accepted: 73, rejected: 3, bytes: 990, lastMs: 5600 })]);
  hearing = hear(hearing, after);
  expect(heardOf(hearing, after, ['events'])).toEqual({
    firstMs: 5600,
    address: '127.0.0.1',
    accepted: 3,
    rejected: 1,
    isShared: false,
    services: [],
    error: undefined,
  });
  expect(heardOf(hearing, after, ['loki'])).toBeUndefined();
});

test('the first byte counts before the request is over, and its time stays when more comes', () => {
  const nothing = frame(5000, []);
  const begun = frame(6000, [totals('loki', { requests: 1, bytes: 0, lastMs: 5900 })]);
  const later = frame(9000, [totals('loki', { requests: 4, accepted: 40, bytes: 400, lastMs: 8900 })]);
  const hearing = hear(hear(beginHearing(nothing), begun), later);
  expect(heardOf(hearing, later, ['loki', 'otlp'])).toMatchObject({ firstMs: 5900, accepted: 40 });
});

test('a refusal is told only if it came after the beginning', () => {
  const old = { atMs: 4000, says: 'old', status: 400, count: 1 };
  const fresh = { atMs: 5500, says: 'fresh', status: 413, count: 1 };
  const before = frame(5000, [totals('otlp', { requests: 1, lastMs: LONG_AGO_MS, lastError: old })]);
  const hearing = beginHearing(before);
  const good = frame(6000, [totals('otlp', { requests: 2, lastMs: 5500, lastError: old })]);
  expect(heardOf(hear(hearing, good), good, ['otlp'])?.error).toBeUndefined();
  const bad = frame(6000, [totals('otlp', { requests: 2, lastMs: 5500, lastError: fresh })]);
  expect(heardOf(hear(hearing, bad), bad, ['otlp'])?.error).toEqual(fresh);
});

test('a server that was started again counts from nothing', () => {
  const before = frame(5000, [totals('syslog', { requests: 100, accepted: 100, lastMs: LONG_AGO_MS })]);
  const fresh = frame(9000, [totals('syslog', { requests: 1, accepted: 1, lastMs: 8900 })], 8000);
  const hearing = hear(beginHearing(before), fresh);
  expect(heardOf(hearing, fresh, ['syslog'])).toMatchObject({ accepted: 1, firstMs: 8900 });
});

test('two protocols that a snippet may come by are counted together', () => {
  const both = frame(6000, [
    totals('otlp', { requests: 1, accepted: 1, lastMs: 5500 }),
    totals('otlp-grpc', { requests: 1, accepted: 2, lastMs: 5700, lastAddress: '10.0.0.2' }),
  ]);
  const hearing = hear(beginHearing(frame(5000, [])), both);
  expect(heardOf(hearing, both, ['otlp', 'otlp-grpc'])).toMatchObject({
    firstMs: 5500,
    address: '10.0.0.2',
    accepted: 3,
  });
});

describe('while others send by the same protocol', () => {
  const old = sender('otlp', '10.0.0.1', 100, ['shop']);
  const at = (nowMs: number, requests: number, rows: readonly SenderRow[], startedMs = STARTED_MS) => {
    const counted = totals('otlp', { requests, accepted: requests, senders: rows.length, lastMs: nowMs - 100 });
    return { ...frame(nowMs, [counted], startedMs), rows };
  };
  const begun = beginHearing(at(5000, 10, [old]));

  test('more of the same is no news', () => {
    expect(isBusy(begun, ['otlp', 'otlp-grpc'])).toBe(true);
    expect(isBusy(begun, ['loki'])).toBe(false);
    const after = at(6000, 20, [old]);
    expect(heardOf(hear(begun, after), after, ['otlp'])).toBeUndefined();
  });

  test('a new sender is, and the numbers are said to be shared', () => {
    const after = at(6000, 20, [old, sender('otlp', '10.0.0.2', 5900, ['shop'])]);
    expect(heardOf(hear(begun, after), after, ['otlp'])).toMatchObject({ isShared: true, services: [], accepted: 10 });
  });

  test('so is a service that nobody had named', () => {
    const after = at(6000, 20, [{ ...old, services: ['shop', 'api'] }]);
    expect(heardOf(hear(begun, after), after, ['otlp'])).toMatchObject({ services: ['api'], firstMs: 5900 });
  });

  test('a row that comes into sight by another filter, or a server that was started again, is not', () => {
    const hidden = beginHearing({ ...at(5000, 10, [old]), rows: [] });
    const seen = at(6000, 20, [old]);
    expect(heardOf(hear(hidden, seen), seen, ['otlp'])).toBeUndefined();
    const again = at(9000, 2, [old], 8000);
    expect(heardOf(hear(begun, again), again, ['otlp'])).toBeUndefined();
  });
});
