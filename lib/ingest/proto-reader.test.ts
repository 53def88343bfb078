import fc from 'fast-check';
import protobuf from 'protobufjs/minimal.js';
import { expect, test } from 'vitest';
import { DELIMITED, FIXED32, FIXED64, field, ProtoReader, VARINT } from './proto-reader.ts';

function readerOf(write: (writer: protobuf.Writer) => void): { reader: ProtoReader; end: number } {
  const writer = protobuf.Writer.create();
  write(writer);
  const bytes = Buffer.from(writer.finish());
  return { reader: new ProtoReader(bytes, 'message'), end: bytes.length };
}

test('reads every number that another library writes', () => {
  fc.assert(
    fc.property(fc.nat({ max: 2 ** 32 - 1 }), fc.integer(), fc.double(), (whole, signed, real) => {
      const { reader, end } = readerOf((writer) =>
        writer.uint32(whole).int32(signed).sint32(signed).double(real).fixed32(whole).fixed64(whole).sfixed64(signed),
      );
      expect([reader.uint32(), reader.int32(), reader.sint32()]).toEqual([whole, signed, signed]);
      expect([reader.double(), reader.fixed32(), reader.fixed64(), reader.sfixed64()]).toEqual([
        real,
        whole,
        whole,
        signed,
      ]);
      expect(reader.at).toBe(end);
    }),
    { seed: 1 },
  );
});

test('an integer of 64 bits is a bigint only where a number would not be exact', () => {
  fc.assert(
    fc.property(fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }), (value) => {
      const bytes: number[] = [];
      for (let rest = BigInt.asUintN(64, value); ; rest >>= 7n) {
        bytes.push(Number(rest & 0x7fn) | (rest > 0x7fn ? 0x80 : 0));
        if (rest <= 0x7fn) break;
      }
      const read = new ProtoReader(Buffer.from(bytes), 'message').int64();
      expect(BigInt(read)).toBe(value);
      expect(typeof read).toBe(Number.isSafeInteger(Number(value)) ? 'number' : 'bigint');
    }),
    { seed: 1, numRuns: 1000 },
  );
});

test('a number of 64 bits without a sign, or with its sign at the end, is as exact as a number can be', () => {
  fc.assert(
    fc.property(fc.maxSafeInteger(), fc.nat({ max: Number.MAX_SAFE_INTEGER }), (signed, whole) => {
      const { reader } = readerOf((writer) => writer.sint64(signed).uint64(whole));
      expect([reader.sint64(), reader.uint64()]).toEqual([signed, whole]);
    }),
    { seed: 10, numRuns: 500 },
  );
  const all = Buffer.alloc(10, 0xff);
  all[9] = 1;
  expect(new ProtoReader(all, 'message').uint64()).toBe(2 ** 64);
  expect(new ProtoReader(all, 'message').sint64()).toBe(-(2 ** 63));
});

test('a key is what it says, also when another one stood in its place before', () => {
  const text = fc.oneof(fc.string({ unit: 'grapheme', maxLength: 50 }), fc.stringMatching(/^[a-c]{0,3}$/));
  fc.assert(
    fc.property(fc.array(text, { maxLength: 50 }), (keys) => {
      const { reader, end } = readerOf((writer) => {
        for (const key of keys) writer.string(key);
      });
      expect(keys.map(() => reader.key(end))).toEqual(keys);
    }),
    { seed: 1, numRuns: 500 },
  );
});

test('skips what it does not know', () => {
  const { reader, end } = readerOf((writer) =>
    writer
      .uint32(field(1, VARINT))
      .int64(-1)
      .uint32(field(2, FIXED64))
      .fixed64(1)
      .uint32(field(3, DELIMITED))
      .string('text')
      .uint32(field(4, FIXED32))
      .fixed32(1),
  );
  for (let tag = reader.field(end); tag !== 0; tag = reader.field(end)) reader.skip(tag, end);
  expect(reader.at).toBe(end);
});

test.each([
  ['a length beyond its message', [0x0a, 5, 1], 'a field of 5 bytes reaches beyond its message'],
  ['a number that does not end', [0x08, 0x80], 'it ends in the middle of a number'],
  [
    'a number without an end in sight',
    [0x08, ...Array.from({ length: 12 }, () => 0xff)],
    'a number has more than 10 bytes',
  ],
  ['half a double', [0x09, 1, 2], 'it ends in the middle of a number'],
  ['the field 0', [0x02, 0], 'a field has the number 0'],
  ['a wire type that does not exist', [0x0f], 'there is no wire type 7'],
  ['a group', [0x0b], 'groups are not supported'],
])('%s is told with its place', (_name, bytes, says) => {
  const reader = new ProtoReader(Buffer.from(bytes), 'message');
  const skipAll = () => {
    for (let tag = reader.field(bytes.length); tag !== 0; tag = reader.field(bytes.length))
      reader.skip(tag, bytes.length);
  };
  expect(skipAll).toThrow(says);
});

test('a number that goes on beyond its message is noticed', () => {
  const reader = new ProtoReader(Buffer.from([0x08, 0x80, 0x01]), 'message');
  reader.field(2);
  reader.uint32();
  expect(() => reader.field(2)).toThrow('reaches beyond the end of its message');
});
