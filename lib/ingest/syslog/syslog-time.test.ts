import fc from 'fast-check';
import { afterEach, expect, test } from 'vitest';
import { readTime, zonedTimeMs } from './syslog-time.ts';

const zoneBefore = process.env['TZ'];
afterEach(() => {
  if (zoneBefore === undefined) delete process.env['TZ'];
  else process.env['TZ'] = zoneBefore;
});

const at = (text: string, now: string): string | undefined => {
  const read = readTime(text, 0, Date.parse(now));
  return read?.timeMs === undefined ? undefined : new Date(read.timeMs).toISOString();
};

test.each<[string, string, string, string | undefined]>([
  ['this year', 'Nov 28 10:00:00', '2026-11-29T00:00:00Z', '2026-11-28T10:00:00.000Z'],
  [
    'a time of last year that comes after new year',
    'Dec 31 23:59:59',
    '2027-01-01T00:00:05Z',
    '2026-12-31T23:59:59.000Z',
  ],
  ['a clock that is in the new year already', 'Jan  1 00:00:03', '2026-12-31T23:59:58Z', '2027-01-01T00:00:03.000Z'],
  ['a time zone ahead', 'Nov 29 23:00:00', '2026-11-29T12:00:00Z', '2026-11-29T23:00:00.000Z'],
  ['an old file: last month would lie ahead', 'Dec 10 06:55:46', '2026-11-29T00:00:00Z', '2025-12-10T06:55:46.000Z'],
  ['a leap day, years later', 'Feb 29 12:00:00', '2027-03-01T00:00:00Z', '2024-02-29T12:00:00.000Z'],
  ['a year that is given', 'Feb 28 2019 12:00:00', '2027-03-01T00:00:00Z', '2019-02-28T12:00:00.000Z'],
  ['a fraction', 'Nov 28 10:00:00.25', '2026-11-29T00:00:00Z', '2026-11-28T10:00:00.250Z'],
  ['a leap second', 'Nov 28 10:00:60', '2026-11-29T00:00:00Z', '2026-11-28T10:01:00.000Z'],
  ['a day that never is', 'Feb 30 12:00:00', '2026-11-29T00:00:00Z', undefined],
  ['an hour that never is', 'Nov 28 24:00:00', '2026-11-29T00:00:00Z', undefined],
])('%s', (_title, text, now, expected) => {
  process.env['TZ'] = 'UTC';
  expect(at(text, now)).toBe(expected);
});

test('without a zone the time is that of the server, summer and winter, and with UTC it is that', () => {
  process.env['TZ'] = 'Europe/Berlin';
  expect(at('Jul  3 10:30:00', '2031-11-29T00:00:00Z')).toBe('2031-07-03T08:30:00.000Z');
  expect(at('Nov  3 10:30:00', '2031-11-29T00:00:00Z')).toBe('2031-11-03T09:30:00.000Z');
  expect(at('Nov  3 11:30:00 UTC', '2031-11-29T00:00:00Z')).toBe('2031-11-03T11:30:00.000Z');
  expect(zonedTimeMs('2031-07-04T10:30:00')).toBe(Date.parse('2031-07-04T08:30:00Z'));
  expect(zonedTimeMs('2031-07-04T10:30:00-02:00')).toBe(Date.parse('2031-07-04T12:30:00Z'));
});

test('whenever it comes, a time of the last eleven months is read as the year it is of', () => {
  process.env['TZ'] = 'UTC';
  const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];
  const dayMs = 86_400_000;
  fc.assert(
    fc.property(
      fc.integer({ min: Date.UTC(2000, 0, 1) / 1000, max: Date.UTC(2090, 0, 1) / 1000 }),
      fc.integer({ min: -330 * 86_400, max: 86_000 }),
      (nowS, aheadS) => {
        const time = new Date((nowS + aheadS) * 1000);
        const day = String(time.getUTCDate()).padStart(2, ' ');
        const text = `${months[time.getUTCMonth()]} ${day} ${time.toISOString().slice(11, 19)}`;
        expect(readTime(text, 0, nowS * 1000)?.timeMs).toBe(time.getTime());
        expect(aheadS * 1000).toBeLessThan(dayMs);
      },
    ),
    { seed: 3, numRuns: 2000 },
  );
});
