import fc from 'fast-check';
import protobuf from 'protobufjs/minimal.js';
import { describe, expect, test } from 'vitest';
import { ProtoReader } from './proto-reader.ts';
import { readerOf, readMany, type Shape } from './protobuf-shape.ts';

const SHAPE: Shape = {
  1: 'bytes',
  2: { 1: 'varint', 2: { 1: 'bytes' } },
  3: 'many-varints',
  4: 'many-fixed64',
  5: 'fixed64',
};
const check = (bytes: Uint8Array | number[]) => readerOf(Buffer.from(bytes), SHAPE, 'test.Message');

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
    ['a message that is longer than the body', [18, 100, 8, 1], 'reaches beyond its message'],
    ['a field that is longer than its message', [18, 2, 18, 5, 80, 1, 80, 0x80, 1], 'reaches beyond its message'],
    ['packed numbers that are cut', [26, 2, 1, 0x80], 'packed numbers are cut off'],
    ['packed doubles that are cut', [34, 7, 0, 0, 0, 0, 0, 0, 0], 'packed numbers are cut off'],
    ['numbers of the wrong size', [29, 0, 0, 0, 0], 'expected numbers'],
    ['a wire type that there is not', [87], 'there is no wire type 7'],
    ['groups without an end', Array.from({ length: 5000 }, () => 99), 'groups are not supported'],
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

test('repeated numbers are read packed or one by one', () => {
  const property = fc.property(fc.array(fc.nat()), fc.array(fc.nat()), (packed, single) => {
    const writer = protobuf.Writer.create().uint32(26).fork();
    for (const one of packed) writer.uint32(one);
    writer.ldelim();
    for (const one of single) writer.uint32(24).uint32(one);
    const body = Buffer.from(writer.finish());
    const reader = new ProtoReader(body, 'test.Message');
    const read: number[] = [];
    for (let tag = reader.field(body.length); tag !== 0; tag = reader.field(body.length)) {
      readMany(reader, tag, body.length, read, () => reader.uint32());
    }
    expect(read).toEqual([...packed, ...single]);
  });
  fc.assert(property, { seed: 10 });
});
