import fc from 'fast-check';
import protobuf from 'protobufjs/minimal.js';
import { describe, expect, test } from 'vitest';
import { checkShape, readInt64, readMany, readSint64, readUint64, type Shape } from './protobuf-shape.ts';

const SHAPE: Shape = {
  1: 'bytes',
  2: { 1: 'varint', 2: { 1: 'bytes' } },
  3: 'many-varints',
  4: 'many-fixed64',
  5: 'fixed64',
};
const check = (bytes: Uint8Array | number[]) => checkShape(Buffer.from(bytes), SHAPE, 'test.Message');

describe('The shape of a message', () => {
  test('is met by what it names, and by fields that it does not know', () => {
    const writer = protobuf.Writer.create();
    writer.uint32(10).string('text');
    writer.uint32(18).fork().uint32(8).int64(-1).uint32(18).fork().uint32(10).string('deep').ldelim().ldelim();
    writer.uint32(24).uint32(300).uint32(26).fork().uint32(1).uint32(300).ldelim();
    writer.uint32(33).double(1).uint32(34).fork().double(1).double(2).ldelim();
    writer.uint32(41).double(3);
    writer.uint32(802).string('unknown').uint32(808).uint32(1).uint32(813).fixed32(1);
    expect(() => check(writer.finish())).not.toThrow();
    expect(() => check([])).not.toThrow();
  });

  test.each([
    ['a number where a text should be', [8, 1], 'expected bytes'],
    ['a text where a message should be', [16, 1], 'expected a message'],
    ['a message that is longer than the body', [18, 100, 8, 1], 'beyond the end of the body'],
    ['a field that is longer than its message', [18, 2, 18, 5, 80, 1, 80, 0x80, 1], 'reaches beyond'],
    ['packed numbers that are cut', [26, 2, 1, 0x80], 'packed numbers are cut off'],
    ['packed doubles that are cut', [34, 7, 0, 0, 0, 0, 0, 0, 0], 'packed numbers are cut off'],
    ['numbers of the wrong size', [29, 0, 0, 0, 0], 'expected numbers'],
    ['a wire type that there is not', [87], 'invalid wire type'],
    ['groups without an end', Array.from({ length: 5000 }, () => 99), 'nesting depth'],
  ])('is not met by %s', (_title, bytes, says) => {
    expect(() => check(bytes)).toThrow('the body is not a test.Message as protobuf');
    expect(() => check(bytes)).toThrow(says);
  });

  test('any bytes meet it, or are a bad request', () => {
    const property = fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
      try {
        check(bytes);
      } catch (error) {
        expect(error).toMatchObject({ name: 'AppError', code: 'bad-request' });
      }
    });
    fc.assert(property, { seed: 9, numRuns: 2000 });
  });
});

test('numbers are read as they were written, exactly up to 2^53', () => {
  const safe = fc.maxSafeInteger();
  const property = fc.property(
    safe,
    fc.maxSafeInteger(),
    fc.nat(Number.MAX_SAFE_INTEGER),
    fc.array(fc.nat()),
    (int, sint, uint, many) => {
      const writer = protobuf.Writer.create().int64(int).sint64(sint).uint64(uint).fork();
      for (const one of many) writer.uint32(one);
      const reader = protobuf.Reader.create(writer.ldelim().finish());
      expect([readInt64(reader), readSint64(reader), readUint64(reader)]).toEqual([int, sint, uint]);
      const read: number[] = [];
      readMany(reader, 26, read, () => reader.uint32());
      expect(read).toEqual(many);
    },
  );
  fc.assert(property, { seed: 10 });
});
