import fc from 'fast-check';
import { expect, test } from 'vitest';
import { MESSAGE_BYTES_MAX } from '@/lib/core/event.ts';
import { prepareEvent } from '@/lib/core/prepared-event.ts';
import { LineJoiner } from './line-joiner.ts';
import { logFromLine } from './log-from-line.ts';
import { lineWithNeedles, TIMES } from './testing/arbitrary-lines.ts';
import { type UnderstoodLine, understandLine } from './understand-line.ts';

const NOW = Date.UTC(2026, 0, 31, 12);
const OPTIONS = { nowMs: NOW, zoneMinutes: 0 };

/** All that is left of a line. */
function written(line: UnderstoodLine): string {
  const { message, service, attributes, traceId, spanId } = line;
  return [message, service, JSON.stringify(attributes ?? {}), traceId, spanId].join('\n');
}

test('nothing that a line says besides its time and level is lost', () => {
  fc.assert(
    fc.property(lineWithNeedles, ({ text, needles }) => {
      const left = written(understandLine(text, OPTIONS));
      for (const needle of needles) expect(left).toContain(needle);
    }),
    { seed: 1, numRuns: 4000 },
  );
});

test('every value of an object is found again', () => {
  const fields = fc.dictionary(
    fc.constantFrom('msg', 'level', 'time', 'service', 'log', 'a', '__proto__', 'error'),
    fc.jsonValue(),
  );
  fc.assert(
    fc.property(fields, (object) => {
      const line = understandLine(JSON.stringify(object), OPTIONS);
      const left = written(line);
      for (const [key, value] of Object.entries(object)) {
        const isRead = (key === 'level' && line.level !== undefined) || (key === 'time' && line.timeMs !== undefined);
        // What a program wrote as text may be a line of its own, see the rule above.
        const isText = typeof value === 'string' && (key === 'msg' || key === 'log');
        if (isRead || isText) continue;
        const shown = typeof value === 'string' ? value : JSON.stringify(value);
        if (typeof value !== 'string' || value.trim() !== '')
          expect(left.includes(shown) || left.includes(JSON.stringify(value))).toBe(true);
      }
    }),
    { seed: 1, numRuns: 800 },
  );
});

test('any text is understood as something, and makes a valid event', () => {
  const anything = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 80 }),
    lineWithNeedles.map(({ text }) => text),
    fc.json(),
    fc.json().map((json) => `{"log":${JSON.stringify(json)},"stream":"stdout","time":"2026-01-31T10:20:30Z"}`),
  );
  fc.assert(
    fc.property(anything, (text) => {
      const line = understandLine(text, OPTIONS);
      if (line.format === 'text') expect(line.message).toBe(text);
      if (line.timeMs !== undefined) expect(Number.isSafeInteger(line.timeMs)).toBe(true);
      expect(prepareEvent(logFromLine(text, OPTIONS), NOW)).toMatchObject({ ok: true });
    }),
    { seed: 1, numRuns: 2000 },
  );
});

test('an object that holds more than an event may stays a text, and makes a valid event', () => {
  const wide = Object.fromEntries(Array.from({ length: 200 }, (_, index) => [`key${index}`, index]));
  const deep = JSON.parse(`${'{"a":'.repeat(100)}1${'}'.repeat(100)}`);
  const long = { blob: 'x'.repeat(20_000), level: 'warn' };
  const controls = { blob: '\u0001'.repeat(6000) };
  for (const object of [wide, deep, long, controls, { [`k${'x'.repeat(300)}`]: 1 }]) {
    const text = JSON.stringify(object);
    expect(understandLine(text, OPTIONS).message).toBe(text);
    expect(prepareEvent(logFromLine(text, OPTIONS), NOW)).toMatchObject({ ok: true });
  }
  expect(understandLine(JSON.stringify(long), OPTIONS).level).toBe('warn');
});

/** A busy machine takes ten times as long as an idle one, and what is not linear a thousand times. */
const PASS_MS_MAX = 30_000;

/** Repeated to a length at which anything that is not linear would take minutes, not the seconds a test is given. */
const PIECES = [
  ...[
    '[',
    '(',
    '{',
    '"',
    '<',
    '0',
    '1',
    'a',
    '=',
    ' ',
    '\t',
    '\n ',
    '\\',
    '- ',
    '| ',
    ': ',
    'a=b ',
    'a="',
    '"GET ',
    'INFO ',
  ],
  ...[
    '[INFO]',
    '[a b] ',
    '2026-01-31 ',
    '10:20:30 ',
    'Jan ',
    '1/',
    '200 ',
    'a.b ',
    'x[1]: ',
    '{"a":',
    '[x y="z"]',
    '<1>',
  ],
  ...['\u001b[', '\u001b]', '\u001b[31m', '\u009b', '\u001bP', '    at a(b)\n', '{"log":"', '\ud800'],
];
const BEGINNINGS = [
  '',
  '2026-01-31T10:20:30Z ',
  '<34>1 2026-01-31T10:20:30Z h a p m ',
  '{"msg":"',
  'level=info msg="',
  'Jan 31 10:20:30 h a[1]: ',
];

test.each(BEGINNINGS)(
  'hostile texts of 256 KiB that begin with "%s" are passed in linear time',
  (beginning) => {
    for (const piece of PIECES) {
      const text = (beginning + piece.repeat(MESSAGE_BYTES_MAX / piece.length)).slice(0, MESSAGE_BYTES_MAX);
      const joiner = new LineJoiner();
      const texts = [...joiner.feed(text, 0), ...joiner.feed(text, 0), ...joiner.flush()];
      expect(texts.join('').length).toBeGreaterThanOrEqual(text.trim().length);
      understandLine(text, OPTIONS);
    }
  },
  PASS_MS_MAX,
);

test.each(TIMES)('"%s" is the same moment, as far as it says', (time) => {
  const { timeMs } = understandLine(`${time} INFO something happened`, OPTIONS);
  const hours = time.endsWith('+0100') ? 9 : 10;
  const expectedMs = Date.UTC(2026, 0, 31, hours, 20, 30, time.includes('123') ? 123 : 0);
  expect(new Date(timeMs ?? Number.NaN).toISOString()).toBe(new Date(expectedMs).toISOString());
});
