import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { formatClock, formatDay, formatIso, zoneName } from './log-time.ts';

const TIME_MS = Date.UTC(2026, 10, 23, 4, 2, 1, 42);

describe('log time', () => {
  test('UTC is the same on every machine', () => {
    expect(formatClock(TIME_MS, 'utc')).toBe('04:02:01.042');
    expect(formatDay(TIME_MS, 'utc')).toBe('Mon 23 Nov 2026');
    expect(formatIso(TIME_MS, 'utc')).toBe('2026-11-23T04:02:01.042Z');
    expect(zoneName(TIME_MS, 'utc')).toBe('UTC');
  });

  test('the day changes at midnight and not a millisecond earlier', () => {
    const midnightMs = Date.UTC(2026, 11, 31, 24);
    expect(formatDay(midnightMs - 1, 'utc')).toBe('Thu 31 Dec 2026');
    expect(formatDay(midnightMs, 'utc')).toBe('Fri 1 Jan 2027');
  });

  test('the local form, read back, is the same moment, wherever the test runs', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 4_000_000_000_000 }), (timeMs) => {
        // Offsets before 1972 had seconds, which ISO 8601 cannot write.
        fc.pre(timeMs > Date.UTC(1973));
        return Date.parse(formatIso(timeMs, 'local')) === timeMs;
      }),
      { seed: 1 },
    );
  });
});
