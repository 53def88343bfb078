import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { PlacedEvent } from '@/lib/core/event.ts';
import { eventLine } from './event-line.ts';
import { COLOURED, PLAIN } from './palette.ts';
import { actsOnTerminal } from './testing/acts-on-terminal.ts';

const at = new Date(2026, 5, 1, 14, 3, 22, 45);
const nowMs = at.getTime() + 60_000;
const log = (message: string, more: Partial<Extract<PlacedEvent, { kind: 'log' }>> = {}): PlacedEvent => ({
  kind: 'log',
  time: at.toISOString(),
  service: 'api',
  level: 'warn',
  message,
  position: 'EpochAA1.1',
  ...more,
});
const metric = (more: Partial<Extract<PlacedEvent, { kind: 'metric' }>> = {}): PlacedEvent => ({
  kind: 'metric',
  time: at.toISOString(),
  service: 'api',
  name: 'http.duration',
  value: 12.5,
  type: 'gauge',
  position: 'EpochAA1.2',
  ...more,
});

test('a log is one line: time, level, service, message and its attributes', () => {
  const event = log('order placed', {
    attributes: { route: '/cart', who: 'a b', n: 3, deep: { x: [1] } },
    traceId: 'ab12',
  });
  expect(eventLine(event, PLAIN, nowMs)).toBe(
    '14:03:22.045 WARN   api        order placed  route=/cart who="a b" n=3 deep={"x":[1]} trace=ab12\n',
  );
});

test('a metric is one compact line with its unit', () => {
  expect(eventLine(metric({ unit: 'ms', attributes: { route: '/cart' } }), PLAIN, nowMs)).toBe(
    '14:03:22.045 METRIC api        http.duration = 12.5 ms  route=/cart\n',
  );
});

test('an event of another day has its date, and one that is not stored yet says so', () => {
  const line = eventLine(log('old', { durable: false }), PLAIN, nowMs + 86_400_000);
  expect(line).toBe('2026-06-01 14:03:22.045 WARN   api        old  (not stored yet)\n');
});

test('lines of a message after its first are indented, so that none passes for an event of its own', () => {
  const line = eventLine(log('boom\r\n14:00:00.000 INFO fine\n  at x.ts:1\n\n'), PLAIN, nowMs);
  expect(line.split('\n')).toEqual([
    '14:03:22.045 WARN   api        boom',
    '    14:00:00.000 INFO fine',
    '      at x.ts:1',
    '',
  ]);
});

test('colours are only those of the palette, each of them closed again', () => {
  const line = eventLine(log('red \u001b[31malert\u001b[0m', { level: 'error' }), COLOURED, nowMs);
  expect(line).toContain('\u001b[31mERROR ');
  expect(line).toContain('red alert');
  const codes = line.split('\u001b[').slice(1);
  expect(codes.filter((code) => code.startsWith('0m'))).toHaveLength(codes.length / 2);
});

test.each([
  ['an OSC title', 'a\u001b]0;owned\u0007b', 'a\u241b]0;owned\u2407b'],
  ['an OSC link closed by ST', 'a\u001b]8;;http://x\u001b\\b', 'a\u241b]8;;http://x\u241b\\b'],
  ['a CSI that clears the screen', 'a\u001b[2Jb', 'a\u241b[2Jb'],
  ['a CSI in C1', 'a\u009b2Jb', 'a<U+009B>2Jb'],
  ['an override of direction', 'a\u202egpj.exe', 'a<U+202E>gpj.exe'],
  ['an isolate of direction', 'a\u2066b\u2069', 'a<U+2066>b<U+2069>'],
  ['a return to the start of the line', 'secret\rfine', 'secret\u240dfine'],
  ['backspaces', 'ab\b\bcd', 'ab\u2408\u2408cd'],
  ['a colour within a colour', 'a\u001b[\u001b[31m2Jb', 'a\u241b[2Jb'],
  ['invisible letters', 'a\u{e0041}b', 'a<U+E0041>b'],
])('%s in a message is shown and does nothing', (_, message, shown) => {
  expect(eventLine(log(message), PLAIN, nowMs)).toContain(` ${shown}\n`);
});

const hostile = fc
  .array(
    fc.oneof(
      fc.constantFrom(
        '\u001b',
        '\u009b',
        '\u009d',
        '\u0090',
        '[',
        ']',
        '2J',
        '31m',
        ';',
        '\u0007',
        '\n',
        '\r',
        '\u202e',
        'm',
      ),
      fc.string({ unit: 'binary', maxLength: 4 }),
    ),
    { maxLength: 12 },
  )
  .map((parts) => parts.join(''));

test('whatever a sender writes, in whatever field, nothing of it acts on the terminal', () => {
  fc.assert(
    fc.property(hostile, hostile, hostile, hostile, (message, service, key, value) => {
      const attributes = { [key]: value, deep: { [value]: [key] } };
      const lines = [
        eventLine(log(message, { service, attributes, traceId: value }), PLAIN, nowMs),
        eventLine(metric({ name: message, unit: key, service, attributes, time: value }), PLAIN, nowMs),
      ];
      for (const line of lines) expect(actsOnTerminal(line)).toEqual([]);
      // Only a message has more than one line.
      expect(lines[1]?.indexOf('\n')).toBe((lines[1]?.length ?? 0) - 1);
    }),
    { numRuns: 500, seed: 11 },
  );
});
