import fc from 'fast-check';
import { expect, test } from 'vitest';
import { formatPosition, parsePosition, randomId, seqOf } from './position.ts';

const epoch = fc.uint8Array({ minLength: 8, maxLength: 8 }).map((bytes) => randomId(bytes));
const seq = fc.integer({ min: 0, max: Number.MAX_SAFE_INTEGER });

test('what is formatted is parsed back, is short, and holds no character that triggers a CORS preflight', () => {
  fc.assert(
    fc.property(epoch, seq, (e, s) => {
      const text = formatPosition(e, s);
      expect(parsePosition(text)).toEqual({ epoch: e, seq: s });
      expect(seqOf(text)).toBe(s);
      expect(text.length).toBeLessThanOrEqual(40);
      expect(text).toMatch(/^[A-Za-z0-9]{8}\.[0-9]+$/);
    }),
    { seed: 1 },
  );
});

test('no other text is a position', () => {
  fc.assert(
    fc.property(fc.oneof(fc.string(), fc.string({ unit: 'binary' })), (text) => {
      const parsed = parsePosition(text);
      if (parsed) expect(formatPosition(parsed.epoch, parsed.seq)).toBe(text);
    }),
    { seed: 1 },
  );
});

test.each([
  '',
  '42',
  'abcdefgh',
  'abcdefgh.',
  'abcdefgh.01',
  'abcdefgh.-1',
  'abcdefgh.1.0',
  'abcdefg.1',
  'abcdefghi.1',
  'abcdefgh.1\n',
  ' abcdefgh.1',
  'abcdef-h.1',
  'abcdefgh.9007199254740993',
  'abcdefgh.99999999999999999999',
  'abcdefgh.1e3',
])('%j is refused', (text) => {
  expect(parsePosition(text)).toBeUndefined();
  expect(() => seqOf(text)).toThrow(/expected a position/);
});

test('epochs are 8 characters and differ', () => {
  const epochs = new Set(Array.from({ length: 1000 }, () => randomId()));
  expect(epochs.size).toBe(1000);
  for (const each of epochs) expect(each).toMatch(/^[A-Za-z0-9]{8}$/);
});
