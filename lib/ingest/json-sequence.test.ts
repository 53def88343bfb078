import fc from 'fast-check';
import { expect, test } from 'vitest';
import { jsonSequence } from './json-sequence.ts';

function parts(text: string): { text: string; isBroken: boolean }[] {
  const body = Buffer.from(text);
  return [...jsonSequence(body)].map(({ from, to, isBroken }) => ({ text: body.toString('utf8', from, to), isBroken }));
}

test('objects are found whatever stands between them', () => {
  expect(parts('{"a":1}{"b":2}\r\n {"c":3},[{"d":4}]').map(({ text }) => text)).toEqual([
    '{"a":1}',
    '{"b":2}',
    '{"c":3}',
    '[{"d":4}]',
  ]);
});

test('brackets and quotes within a text are text', () => {
  const texts = ['}{', '"', '\\', '\\"}', ']'].map((text) => JSON.stringify({ text }));
  expect(parts(texts.join('')).map(({ text }) => text)).toEqual(texts);
});

test.each([
  ['{"a":1} hello {"b":2}', 2],
  ['{"a":1}{"b":"', 2],
  ['"text"', 1],
  ['{"a":[}', 1],
])('in %s the part that is broken is the last one', (text, count) => {
  const found = parts(text);
  expect(found.map(({ isBroken }) => isBroken)).toEqual([...Array.from({ length: count - 1 }, () => false), true]);
});

test('every list of objects comes apart as it was put together', () => {
  const value = fc.dictionary(fc.string({ unit: 'binary' }), fc.jsonValue());
  const space = fc.constantFrom('', ' ', '\n', '\r\n', '\t');
  fc.assert(
    fc.property(fc.array(fc.tuple(value, space)), (values) => {
      const text = values.map(([object, between]) => JSON.stringify(object) + between).join('');
      expect(parts(text).map((part) => part.text)).toEqual(values.map(([object]) => JSON.stringify(object)));
    }),
    { seed: 1, numRuns: 500 },
  );
});

test('any bytes at all: parts follow each other and the search ends', () => {
  const byte = fc.oneof(fc.constantFrom(...Buffer.from('{}[]"\\, ')), fc.nat(255));
  fc.assert(
    fc.property(fc.array(byte, { maxLength: 200 }), (bytes) => {
      let at = 0;
      for (const { from, to } of jsonSequence(Buffer.from(bytes))) {
        expect(from).toBeGreaterThanOrEqual(at);
        expect(to).toBeGreaterThan(from);
        at = to;
      }
    }),
    { seed: 1, numRuns: 1000 },
  );
});
