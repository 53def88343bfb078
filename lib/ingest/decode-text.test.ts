import fc from 'fast-check';
import { expect, test } from 'vitest';
import { decodeText } from './decode-text.ts';

test.each<[string, Buffer, string, boolean]>([
  ['UTF-8', Buffer.from('Grüße 😀'), 'Grüße 😀', false],
  ['a byte order mark', Buffer.from('\ufeffhello'), 'hello', false],
  ['Latin-1', Buffer.from('Gr\xfc\xdfe aus K\xf6ln', 'latin1'), 'Grüße aus Köln', false],
  ['Windows-1252, with its quotes and its euro', Buffer.from([0x93, 0x35, 0x80, 0x94]), '“5€”', false],
  ['Latin-1 that ends with an accented letter', Buffer.from('caf\xe9', 'latin1'), 'café', false],
  ['UTF-8 that was cut in the middle of a character', Buffer.from('naïve 😀').subarray(0, -1), 'naïve ', true],
  ['UTF-8 of which only the cut character is not ASCII', Buffer.from('price: €').subarray(0, -1), 'price: ', true],
  ['nothing', Buffer.alloc(0), '', false],
])('%s', (_title, bytes, text, isCut) => {
  expect(decodeText(bytes)).toEqual({ text, isCut });
});

test('text in UTF-8 comes out as it went in, and any bytes give some text', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      const bytes = Buffer.from(text, 'utf8');
      expect(decodeText(bytes)).toEqual({ text: bytes.toString('utf8').replace(/^\ufeff/, ''), isCut: false });
    }),
    { seed: 1, numRuns: 1000 },
  );
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 4 }), (bytes) => {
      expect(decodeText(Buffer.from(bytes)).text.length).toBeGreaterThan(0);
    }),
    { seed: 2, numRuns: 1000 },
  );
});
