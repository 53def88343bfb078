import fc from 'fast-check';
import { expect, test } from 'vitest';
import { LocalZone } from './calendar.ts';
import { scanTime } from './scan-time.ts';

const CONTEXT = { nowMs: Date.UTC(2026, 0, 31, 12), zone: new LocalZone(330) };

const twoDigits = fc.nat(99).map((value) => String(value).padStart(2, '0'));
const number = (max: number) => fc.oneof({ weight: 9, arbitrary: fc.nat(max).map(pad) }, twoDigits);
const stamp = fc.record({
  year: fc.oneof({ weight: 9, arbitrary: fc.integer({ min: 1970, max: 2099 }).map(String) }, fc.nat(9999).map(pad4)),
  month: number(12),
  day: number(31),
  joint: fc.constantFrom('T', ' '),
  clock: fc.tuple(number(23), number(59), number(60)).map((parts) => parts.join(':')),
  fraction: fc.oneof(fc.constant(''), fc.stringMatching(/^[.,:][0-9]{1,10}$/)),
  behind: fc.constantFrom(
    '',
    'Z',
    ' INFO',
    '+02:00',
    '-0330',
    ' +0100',
    ' UTC',
    ' PM',
    'am',
    ' EST 2001',
    ']',
    '-x',
    '7',
    'x',
  ),
});

function pad(value: number): string {
  return String(value).padStart(2, '0');
}

function pad4(value: number): string {
  return String(value).padStart(4, '0');
}

test('a stamp of ISO 8601 is the time that the same numbers with slashes are', () => {
  fc.assert(
    fc.property(stamp, ({ year, month, day, joint, clock, fraction, behind }) => {
      const rest = `${joint}${clock}${fraction}${behind}`;
      // Slashes are read in the general way.
      const general = scanTime(`${year}/${month}/${day}${rest}`, 0, CONTEXT);
      expect(scanTime(`${year}-${month}-${day}${rest}`, 0, CONTEXT)).toEqual(general);
    }),
    { seed: 1, numRuns: 20_000 },
  );
});

test('a day that is read after another is not that other one', () => {
  const times = ['2026-01-30T10:00:00Z', '2026-01-31T10:00:00Z', '2025-01-31T10:00:00Z', '2026-02-31T10:00:00Z'];
  expect(times.map((text) => scanTime(text, 0, CONTEXT)?.timeMs)).toEqual([
    Date.UTC(2026, 0, 30, 10),
    Date.UTC(2026, 0, 31, 10),
    Date.UTC(2025, 0, 31, 10),
    undefined,
  ]);
});
