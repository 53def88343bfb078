import fc from 'fast-check';
import { expect, test } from 'vitest';
import { nastyText } from './testing/arbitraries.ts';
import { cleanName, cleanText, cutBytes, exceedsBytes } from './text.ts';

test('control characters become visible pictures; tab, line ends and colours stay in free text', () => {
  expect(cleanText('a\0b\u0007\u007f\tc\r\n\u001b[31m')).toBe('a␀b␇␡\tc\r\n\u001b[31m');
  expect(cleanName('a\0b\tc\n\u001b')).toBe('a␀b␉c␊␛');
});

test('lone surrogates become U+FFFD, pairs stay', () => {
  expect(cleanText('\ud83d😀\ude00')).toBe('\ufffd😀\ufffd');
});

test('cleaning is idempotent, keeps the length and leaves nothing that acts', () => {
  fc.assert(
    fc.property(nastyText(), (text) => {
      for (const clean of [cleanText, cleanName]) {
        const once = clean(text);
        expect(clean(once)).toBe(once);
        expect(once.length).toBe(text.length);
        expect(once.isWellFormed()).toBe(true);
        expect(once).not.toContain('\0');
      }
      expect(['\r', '\n', '\t', '\u001b'].some((control) => cleanName(text).includes(control))).toBe(false);
    }),
    { seed: 1 },
  );
});

test('exceedsBytes agrees with the length in UTF-8', () => {
  fc.assert(
    fc.property(nastyText(), fc.integer({ min: 0, max: 80 }), (text, bytesMax) => {
      expect(exceedsBytes(text, bytesMax)).toBe(Buffer.byteLength(text) > bytesMax);
    }),
    { seed: 2, numRuns: 500 },
  );
});

test('a cut text is a beginning of it that fits, is whole where it fits, and one character more would not fit', () => {
  const text = fc.oneof(
    nastyText(),
    fc.string({ unit: 'binary', maxLength: 60 }),
    fc.string({ unit: 'grapheme', maxLength: 60 }),
  );
  fc.assert(
    fc.property(text, fc.nat(200), (whole, bytesMax) => {
      const cut = cutBytes(whole, bytesMax);
      expect(whole.startsWith(cut)).toBe(true);
      expect(Buffer.byteLength(cut)).toBeLessThanOrEqual(bytesMax);
      if (whole.isWellFormed()) expect(cut.isWellFormed()).toBe(true);
      const next = [...whole.slice(cut.length)][0];
      if (next === undefined) expect(cut).toBe(whole);
      else expect(Buffer.byteLength(cut + next)).toBeGreaterThan(bytesMax);
    }),
    { seed: 1, numRuns: 1000 },
  );
});
