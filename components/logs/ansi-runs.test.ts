import fc from 'fast-check';
import { expect, test } from 'vitest';
import { stripAnsi } from '@/lib/core/strip-ansi.ts';
import { ansiRuns } from './ansi-runs.ts';

const look = (codes: string) => ansiRuns(`\u001b[${codes}mx`)[0]?.className;

test.each([
  ['31', 'text-bad'],
  ['92', 'text-good'],
  ['1;33', 'text-warn font-semibold'],
  ['90', 'text-ink-faint'],
  ['2', 'text-ink-soft'],
  ['3;4', 'italic underline'],
  ['38;5;1', 'text-bad'],
  ['38;5;10', 'text-good'],
  ['38;5;208', 'text-warn'],
  ['38;5;240', 'text-ink-faint'],
  ['38;2;255;0;0', 'text-bad'],
  ['38;2;30;60;255;1', 'text-(--level-info) font-semibold'],
  ['48;5;1', ''],
  ['41', ''],
  ['31;39', ''],
  ['31;0', ''],
  ['', ''],
])('ESC[%sm is shown as "%s"', (codes, className) => {
  expect(look(codes)).toBe(className);
});

test('a look lasts until it is changed; what moves a cursor or names a link changes nothing', () => {
  const text = 'a\u001b[31mb\u001b[2Jc\u001b]8;;javascript:x\u0007d\u001b[1me\u001b[0mf';
  expect(ansiRuns(text)).toEqual([
    { text: 'a', className: '' },
    { text: 'bcd', className: 'text-bad' },
    { text: 'e', className: 'text-bad font-semibold' },
    { text: 'f', className: '' },
  ]);
});

test('what is shown is the text without its escapes, in a bounded number of pieces', () => {
  const piece = fc.oneof(
    fc.string({ maxLength: 5 }),
    fc.array(fc.nat(255), { maxLength: 5 }).map((codes) => `\u001b[${codes.join(';')}m`),
    fc.constantFrom('\u001b', '\u001b[', '\u009b', '\u001b]0;t\u0007', '\u001b[38;5m', '\u001b[38m'),
  );
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 2000 }), (pieces) => {
      const text = pieces.join('');
      const runs = ansiRuns(text);
      expect(runs.map((run) => run.text).join('')).toBe(stripAnsi(text));
      expect(runs.length).toBeLessThanOrEqual(501);
    }),
    { seed: 1, numRuns: 200 },
  );
});
