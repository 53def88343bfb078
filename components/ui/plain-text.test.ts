import fc from 'fast-check';
import { expect, test } from 'vitest';
import { plain } from './plain-text.ts';

test('what turns a line round is shown as what it is', () => {
  expect(plain('\u202Egpj.exe\u202C')).toBe('‹U+202E›gpj.exe‹U+202C›');
  expect(plain('\u2066a\u2069')).toBe('‹U+2066›a‹U+2069›');
});

test('text in any script stays as it is', () => {
  for (const text of ['', 'plain', 'שלום עולם', 'مرحبا\u200f!', '👩‍👩‍👧‍👦', '<b>']) expect(plain(text)).toBe(text);
});

test('nothing that comes out changes a direction', () => {
  const unit = fc.constantFrom('a', '\u202a', '\u202d', '\u202e', '\u202c', '\u2067', '\u2069', 'ש');
  fc.assert(
    fc.property(fc.string({ unit }), (text) => {
      expect(plain(text)).not.toMatch(/[\u202a-\u202e\u2066-\u2069]/);
    }),
    { seed: 6 },
  );
});
