import { decode, encode } from '@msgpack/msgpack';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { MsgpackFramer } from './msgpack-framer.ts';

function frames(stream: Buffer, cuts: readonly number[], bytesMax = 1e6): Buffer[] {
  const framer = new MsgpackFramer(bytesMax);
  const places = [0, ...cuts.map((cut) => cut % (stream.length + 1)).sort((a, b) => a - b), stream.length];
  const found: Buffer[] = [];
  for (let index = 1; index < places.length; index += 1) {
    const piece = Buffer.from(stream.subarray(places[index - 1], places[index]));
    for (const { bytes } of framer.feed(piece)) found.push(Buffer.from(bytes));
    piece.fill(0xc1);
  }
  return found;
}

const value = fc.oneof(
  fc.jsonValue(),
  fc.uint8Array({ maxLength: 300 }),
  fc.maxSafeInteger(),
  fc.double(),
  fc.bigInt({ min: -(2n ** 63n), max: 2n ** 64n - 1n }),
  fc.date({ noInvalidDate: true, min: new Date(0), max: new Date(2 ** 33 * 1000) }),
  fc.string({ minLength: 200, maxLength: 300 }),
  fc.array(fc.integer(), { minLength: 16, maxLength: 40 }),
  fc.dictionary(fc.string(), fc.integer(), { minKeys: 16, maxKeys: 30 }),
);

test('values of every kind are cut where the library says that they end, wherever the stream is cut', () => {
  fc.assert(
    fc.property(fc.array(value, { maxLength: 6 }), fc.array(fc.nat(), { maxLength: 12 }), (values, cuts) => {
      const encoded = values.map((one) => Buffer.from(encode(one, { useBigInt64: true })));
      expect(frames(Buffer.concat(encoded), cuts)).toEqual(encoded);
    }),
    { seed: 13, numRuns: 500 },
  );
});

test.each<[string, number[]]>([
  ['str 16', [0xda, 0, 2, 0x61, 0x61]],
  ['str 32', [0xdb, 0, 0, 0, 1, 0x61]],
  ['bin 16', [0xc5, 0, 1, 0x61]],
  ['bin 32', [0xc6, 0, 0, 0, 1, 0x61]],
  ['array 16', [0xdc, 0, 1, 0xc0]],
  ['array 32', [0xdd, 0, 0, 0, 1, 0xc0]],
  ['map 16', [0xde, 0, 1, 0xa1, 0x61, 0xc0]],
  ['map 32', [0xdf, 0, 0, 0, 1, 0xa1, 0x61, 0xc0]],
  ['ext 8, as EventTime may come', [0xc7, 8, 0, 1, 2, 3, 4, 5, 6, 7, 8]],
  ['ext 16', [0xc8, 0, 1, 5, 1]],
  ['ext 32', [0xc9, 0, 0, 0, 1, 5, 1]],
  ['fixext 1', [0xd4, 5, 1]],
  ['fixext 8', [0xd7, 0, 1, 2, 3, 4, 5, 6, 7, 8]],
  ['fixext 16', [0xd8, 5, ...Array.from({ length: 16 }, () => 1)]],
  ['float 32', [0xca, 0, 0, 0, 0]],
  ['int 8 to 64', [0x94, 0xd0, 1, 0xd1, 0, 1, 0xd2, 0, 0, 0, 1, 0xd3, 0, 0, 0, 0, 0, 0, 0, 1]],
  ['an empty array', [0x90]],
])('%s', (_title, bytes) => {
  const stream = Buffer.from([...bytes, 0xc0, ...bytes]);
  expect(() => decode(Buffer.from(bytes))).not.toThrow();
  expect(frames(stream, [])).toEqual([Buffer.from(bytes), Buffer.from([0xc0]), Buffer.from(bytes)]);
  expect(
    frames(
      stream,
      Array.from({ length: stream.length }, (_, at) => at),
    ),
    'byte by byte',
  ).toHaveLength(3);
});

test('what is too large is known by its head, before it comes', () => {
  const isTooLarge = expect.objectContaining({ code: 'body-too-large' });
  expect(() => frames(Buffer.from([0xc6, 0x7f, 0xff, 0xff, 0xff]), [])).toThrow(isTooLarge);
  expect(() => frames(Buffer.from([0xdd, 0x7f, 0xff, 0xff, 0xff]), [])).toThrow(isTooLarge);
  expect(() => frames(Buffer.concat([Buffer.from([0xc5, 0, 101]), Buffer.alloc(101)]), [], 100)).toThrow(isTooLarge);
  expect(frames(Buffer.concat([Buffer.from([0xc4, 98]), Buffer.alloc(98)]), [], 100)).toHaveLength(1);
});

test('the one byte that MessagePack never uses is an error', () => {
  expect(() => frames(Buffer.from([0x91, 0xc1]), [])).toThrow('0xc1');
});
