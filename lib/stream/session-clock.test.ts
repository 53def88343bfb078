import { expect, test } from 'vitest';
import { SessionClock, type SessionRules } from './session-clock.ts';

const RULES: SessionRules = { heartbeatMs: 1000, missesMax: 3, slowMs: 5000, idleMs: 20_000, ageMs: 100_000 };
const ack = { position: 'AAAAAAAA.7' };

test('a client that acknowledges is gone after three missed intervals, one that does not is never missed', () => {
  const clock = new SessionClock({ ...RULES, idleMs: 0, ageMs: 0 }, 0, false);
  expect(clock.dueReason(1e9, 0)).toBeUndefined();
  clock.heard(ack, 7, 1e9);
  expect(clock.dueReason(1e9 + 3000, 0)).toBeUndefined();
  expect(clock.dueReason(1e9 + 3001, 0)).toBe('heartbeat-missed');
  const promised = new SessionClock(RULES, 0, true);
  expect(promised.dueReason(3001, 0)).toBe('heartbeat-missed');
  // What it has said may be waiting in a server that has no time to read it.
  expect(promised.dueReason(3001, 0, true)).toBeUndefined();
});

test('a client that was asked to speak less often is given the time for it, and until it has heard of another time', () => {
  const clock = new SessionClock({ ...RULES, idleMs: 0, ageMs: 0 }, 0, true);
  clock.beat(500, 4000);
  expect(clock.dueReason(12_000, 0)).toBeUndefined();
  expect(clock.dueReason(12_001, 0)).toBe('heartbeat-missed');
  clock.beat(1000, 1000);
  expect(clock.dueReason(12_000, 0)).toBeUndefined();
  clock.heard(ack, 7, 12_000);
  expect(clock.dueReason(15_001, 0)).toBe('heartbeat-missed');
});

test('a full sink is given up when it takes nothing for so long; one that drains, however slowly, is not', () => {
  const clock = new SessionClock(RULES, 0, false);
  clock.watchSink(false, 900, 0);
  clock.watchSink(false, 899, 4000);
  expect(clock.dueReason(8000, 1)).toBeUndefined();
  clock.watchSink(false, 899, 9000);
  expect(clock.dueReason(9001, 2)).toBe('slow');
  clock.watchSink(true, 0, 9002);
  expect(clock.dueReason(9003, 3)).toBeUndefined();
});

test('idle is: neither an event nor a word of the client', () => {
  const clock = new SessionClock(RULES, 0, false);
  expect(clock.dueReason(20_000, 0)).toBeUndefined();
  expect(clock.dueReason(20_001, 0)).toBe('idle');
  expect(clock.dueReason(20_001, 5)).toBeUndefined();
  expect(clock.dueReason(40_001, 5)).toBeUndefined();
  expect(clock.dueReason(40_002, 5)).toBe('idle');
});

test('streams that were opened together reach their greatest age apart, within a fifth of it', () => {
  const ages = Array.from({ length: 200 }, () => {
    const clock = new SessionClock({ ...RULES, idleMs: 0 }, 0, false);
    let nowMs = 79_000;
    while (clock.dueReason(nowMs, 0) === undefined) nowMs += 500;
    return nowMs;
  });
  expect(Math.min(...ages)).toBeGreaterThanOrEqual(80_000);
  expect(Math.max(...ages)).toBeLessThanOrEqual(121_000);
  expect(new Set(ages).size).toBeGreaterThan(30);
});

test('with 0 a stream may be idle and old for ever', () => {
  const clock = new SessionClock({ ...RULES, idleMs: 0, ageMs: 0 }, 0, false);
  expect(clock.dueReason(1e12, 0)).toBeUndefined();
});

test('the round trip is what lies between heartbeat and answer, less what the client held it', () => {
  const clock = new SessionClock(RULES, 0, false);
  const sentMs = Date.parse('2026-01-01T00:00:00.000Z');
  clock.heard({ ...ack, heartbeat: { time: new Date(sentMs).toISOString(), heldMs: 400 } }, 7, sentMs + 425);
  expect(clock).toMatchObject({ roundTripMs: 25, ackedSeq: 7, ackedMs: sentMs + 425 });
  clock.heard({ ...ack, heartbeat: { time: 'nonsense', heldMs: 0 } }, 3, sentMs + 500);
  clock.heard({ ...ack, heartbeat: { time: new Date(sentMs + 9e9).toISOString(), heldMs: 0 } }, 3, sentMs + 600);
  expect(clock).toMatchObject({ roundTripMs: 25, ackedSeq: 7, ackedMs: sentMs + 600 });
});
