import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseAgeMs, parseTimeMs } from './event-time.ts';

const NOON = Date.UTC(2026, 1, 3, 12, 0, 0);

describe('ISO 8601', () => {
  test.each([
    ['2026-02-03T12:00:00Z', NOON],
    ['2026-02-03t12:00:00z', NOON],
    ['2026-02-03 12:00:00', NOON],
    ['2026-02-03T12:00', NOON],
    ['2026-02-03T12:00:00.1Z', NOON + 100],
    ['2026-02-03T12:00:00,123456789Z', NOON + 123],
    ['2026-02-03T12:00:00.999999999Z', NOON + 999],
    ['2026-02-03T14:00:00+02:00', NOON],
    ['2026-02-03T14:00:00+0200', NOON],
    ['2026-02-03T14:00:00+02', NOON],
    ['2026-02-03T06:30:00 -05:30', NOON],
    ['  2026-02-03T12:00:00Z ', NOON],
    ['2026-02-03', Date.UTC(2026, 1, 3)],
    ['2024-02-29T00:00:00Z', Date.UTC(2024, 1, 29)],
    ['0000-01-01T00:00:00Z', Date.parse('0000-01-01T00:00:00Z')],
    ['9999-12-31T23:59:59.999Z', Date.UTC(9999, 11, 31, 23, 59, 59, 999)],
  ])('%s is read', (text, timeMs) => {
    expect(parseTimeMs(text)).toBe(timeMs);
  });

  test.each([
    '',
    'now',
    '2026-13-01',
    '2026-02-30',
    '2025-02-29T00:00:00Z',
    '2026-04-31T00:00:00Z',
    '2026-00-10',
    '2026-02-03T25:00:00Z',
    '2026-02-03T12:60:00Z',
    '2026-02-03T12:00:00+25:00',
    '2026-02-03T12',
    '26-02-03',
    '10000-01-01T00:00:00Z',
    '9999-12-31T23:59:59-01:00',
    '0000-01-01T00:00:00+01:00',
    'NaN',
    'Infinity',
    '1e999',
    '--5',
    '0x10',
  ])('%j is refused', (text) => {
    expect(parseTimeMs(text)).toBeUndefined();
  });

  test('every instant of the years 0 to 9999 survives toISOString and back', () => {
    const [min, max] = [Date.parse('0000-01-01T00:00:00Z'), Date.UTC(9999, 11, 31, 23, 59, 59, 999)];
    fc.assert(
      fc.property(fc.integer({ min, max }), (timeMs) => parseTimeMs(new Date(timeMs).toISOString()) === timeMs),
      { seed: 2 },
    );
  });
});

describe('numbers', () => {
  test.each([
    ['s', NOON / 1000],
    ['ms', NOON],
    ['µs', NOON * 1000],
    ['ns', NOON * 1e6],
  ])('of %s are told apart by size, as a number and as text', (_unit, value) => {
    expect(parseTimeMs(value)).toBe(NOON);
    expect(parseTimeMs(String(value))).toBe(NOON);
  });

  test.each([
    [1.5, 1500],
    [0, 0],
    [-1, -1000],
    [-1.7e12, -1.7e12],
    [99_999_999_999, 99_999_999_999_000],
    [100_000_000_000, 100_000_000_000],
  ])('%d is read', (value, timeMs) => {
    expect(parseTimeMs(value)).toBe(timeMs);
  });

  test('what no year up to 9999 holds is refused, never rounded into range', () => {
    for (const value of [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 1e30, -1e30]) {
      expect(parseTimeMs(value)).toBeUndefined();
    }
    expect(parseTimeMs(-9e10)).toBeUndefined();
  });

  test('any number gives a time that toISOString takes, or nothing', () => {
    fc.assert(
      fc.property(fc.double(), (value) => {
        const timeMs = parseTimeMs(value);
        if (timeMs !== undefined) expect(new Date(timeMs).toISOString()).toMatch(/^\d{4}-/);
      }),
      { seed: 3 },
    );
  });
});

test.each([
  ['-15m', 900_000],
  ['-1.5h', 5_400_000],
  ['-250ms', 250],
  ['-30s', 30_000],
  ['-7d', 604_800_000],
  ['-0s', 0],
])('the age %s is read', (text, ms) => {
  expect(parseAgeMs(text)).toBe(ms);
});

test.each(['15m', '-m', '-15', '-15w', '-15M', '- 15m', '--15m', '-1e3s', ''])('%j is no age', (text) => {
  expect(parseAgeMs(text)).toBeUndefined();
});
