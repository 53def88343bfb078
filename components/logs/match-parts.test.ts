import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { matchParts } from './match-parts.ts';

describe('matchParts', () => {
  test('finds every match whatever its case, and keeps the case of the text', () => {
    expect(matchParts('Error: error', 'ERROR')).toEqual([
      { text: 'Error', matches: true },
      { text: ': ', matches: false },
      { text: 'error', matches: true },
    ]);
  });

  test('a search is literal, not an expression', () => {
    expect(matchParts('a.b', '.').filter(({ matches }) => matches)).toEqual([{ text: '.', matches: true }]);
  });

  test('nothing is lost or added, whatever the texts', () => {
    const words = fc.string({ unit: fc.constantFrom('a', 'A', 'b', 'İ', 'ß', '.'), maxLength: 40 });
    fc.assert(
      fc.property(words, words, (text, search) => {
        const parts = matchParts(text, search);
        const joined = parts.map((part) => part.text).join('');
        const sameLength = parts.every((part) => !part.matches || part.text.length === search.length);
        return joined === text && sameLength;
      }),
      { seed: 1 },
    );
  });
});
