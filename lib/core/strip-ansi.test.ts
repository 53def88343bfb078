import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { stripAnsi } from './strip-ansi.ts';

describe('stripAnsi', () => {
  test.each([
    ['colours', '\u001b[31;1mfailed\u001b[0m to start', 'failed to start'],
    ['256 and true colours with colons', '\u001b[38:2:255:0:0mred\u001b[39m', 'red'],
    ['cursor and erase', '\u001b[2K\u001b[1Gdone', 'done'],
    ['a hyperlink', '\u001b]8;;https://example.org\u001b\\text\u001b]8;;\u001b\\', 'text'],
    ['a title that ends with BEL', '\u001b]0;title\u0007text', 'text'],
    ['a title that ends with the picture of BEL', '\u001b]0;title\u2407text', 'text'],
    ['a character set', '\u001b(Btext', 'text'],
    ['an OSC that never ends', '\u001b]0;title', '0;title'],
    ['a CSI cut at the end', 'text\u001b[', 'text'],
  ])('removes %s', (_name, input, output) => {
    expect(stripAnsi(input)).toBe(output);
  });

  test('leaves text without escape sequences alone, whatever it is', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (text) => {
        const plain = text.replaceAll('\u001b', '').replaceAll('\u009b', '');
        return stripAnsi(plain) === plain;
      }),
      { seed: 1, numRuns: 200 },
    );
  });
});
