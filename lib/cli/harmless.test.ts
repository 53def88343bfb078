import fc from 'fast-check';
import { expect, test } from 'vitest';
import { harmless, harmlessJson } from './harmless.ts';
import { actsOnTerminal } from './testing/acts-on-terminal.ts';

test('tabs, emoji and scripts that need joiners stay as they are', () => {
  const text = 'a\tb 👩‍🚀 नमस्ते می‌خواهم Überlauf 支払い';
  expect(harmless(text)).toBe(text);
});

test('JSON for a terminal has no character that acts there, and is the same value', () => {
  fc.assert(
    fc.property(
      fc.string({ unit: 'binary' }),
      fc.constantFrom('\u009b', '\u007f', '\u202e', '\u{e0041}', ''),
      (text, extra) => {
        const value = { [text]: [text + extra, 1, null] };
        const json = harmlessJson(value);
        expect(actsOnTerminal(json)).toEqual([]);
        expect(JSON.parse(json)).toEqual(value);
      },
    ),
    { numRuns: 300, seed: 12 },
  );
});
