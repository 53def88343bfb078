import protobuf from 'protobufjs/minimal.js';
import { AppError } from '@/lib/core/errors.ts';

export const VARINT = 0;
export const FIXED64 = 1;
export const DELIMITED = 2;
const GROUP_START = 3;
const GROUP_END = 4;
export const FIXED32 = 5;

/** A field as it stands in a message: its number and how it is written. One of another wire type is an unknown field. */
export function field(number: number, wire: number): number {
  return number * 8 + wire;
}

/** A number of 64 bits takes ten bytes of seven bits each; so many of them are exact as a number. */
const VARINT_BYTES_MAX = 10;
const EXACT_BYTES = 7;
const CUT = 'it ends in the middle of a number';
const KEY_BYTES_MAX = 40;
/** A power of two: a key's place is some bits of its hash. */
const KEYS_KEPT = 1024;

/** Names of attributes come again with every record: kept, they need not be made, hashed and looked up again. */
const keys: string[] = new Array(KEYS_KEPT).fill('');

/**
 * Reads protobuf field by field, straight into what its caller makes of it: the message is known there, and objects of all
 * records at once would take as long again. The bytes are taken apart by protobufjs, which looks at the end of the body;
 * here each length is checked against the end of the message around it, so that nothing is read twice or from elsewhere.
 */
export class ProtoReader {
  readonly #bytes: Buffer;
  readonly #reader: protobuf.Reader;
  readonly #name: string;

  /** @param name of the message, for the sentence that says that the body is none */
  constructor(bytes: Buffer, name: string) {
    this.#bytes = bytes;
    this.#reader = protobuf.Reader.create(bytes);
    this.#name = name;
  }

  /** Where it reads next; to be set to read a message a second time, or to leave one. */
  get at(): number {
    return this.#reader.pos;
  }
  set at(at: number) {
    this.#reader.pos = at;
  }

  /** The next field of a message that ends there; 0: there is none. */
  field(end: number): number {
    if (this.#reader.pos === end) return 0;
    this.expectEnd(end);
    const tag = this.uint32();
    if (tag >>> 3 === 0) throw this.malformed('a field has the number 0');
    return tag;
  }

  /** Throws when what was read last went on beyond it. */
  expectEnd(end: number): void {
    if (this.#reader.pos > end) throw this.malformed('a field reaches beyond the end of its message');
  }

  /** The end of the message, the text or the bytes that begin here, once their length has been read. */
  end(within: number): number {
    const length = this.uint32();
    const end = this.#reader.pos + length;
    if (end > within) throw this.malformed(`a field of ${length} bytes reaches beyond its message`);
    return end;
  }

  skip(tag: number, within: number): void {
    const wire = tag & 7;
    if (wire === VARINT) this.int64();
    else if (wire === DELIMITED) this.at = this.end(within);
    else if (wire === FIXED64) this.#expect(8).skip(8);
    else if (wire === FIXED32) this.#expect(4).skip(4);
    // Of a time before there were messages within messages: nobody sends them, and they nest without a length.
    else if (wire === GROUP_START || wire === GROUP_END) throw this.malformed('groups are not supported');
    else throw this.malformed(`there is no wire type ${wire}`);
  }

  text(within: number): string {
    const end = this.end(within);
    const start = this.at;
    this.at = end;
    return this.#bytes.toString('utf8', start, end);
  }

  /** A text that is likely to come again. */
  key(within: number): string {
    const end = this.end(within);
    const start = this.at;
    this.at = end;
    if (end - start > KEY_BYTES_MAX) return this.#bytes.toString('utf8', start, end);
    let hash = end - start;
    for (let at = start; at < end; at += 1) hash = (Math.imul(hash, 31) + (this.#bytes[at] ?? 0)) | 0;
    const place = hash & (KEYS_KEPT - 1);
    const kept = keys[place] ?? '';
    if (this.#is(kept, start, end)) return kept;
    const key = this.#bytes.toString('utf8', start, end);
    keys[place] = key;
    return key;
  }

  /** A view, not a copy. */
  bytes(within: number): Buffer {
    const end = this.end(within);
    const start = this.at;
    this.at = end;
    return this.#bytes.subarray(start, end);
  }

  /** Of a larger number its lower 32 bits. */
  uint32(): number {
    try {
      return this.#reader.uint32();
    } catch {
      throw this.malformed(CUT);
    }
  }

  int32(): number {
    return this.uint32() | 0;
  }

  /** Zigzag: the sign is the last bit. */
  sint32(): number {
    const value = this.uint32();
    return (value >>> 1) ^ -(value & 1);
  }

  /** A bigint only where a number would not be exact, which those of protobufjs do not tell. */
  int64(): number | bigint {
    let small = 0;
    let large = 0n;
    for (let count = 0, weight = 1; count < VARINT_BYTES_MAX; count += 1, weight *= 0x80) {
      const byte = this.#bytes[this.#reader.pos];
      if (byte === undefined) throw this.malformed(CUT);
      this.#reader.pos += 1;
      if (count < EXACT_BYTES) small += (byte & 0x7f) * weight;
      else large |= BigInt(byte & 0x7f) << BigInt(7 * count);
      if (byte < 0x80) return count < EXACT_BYTES ? small : exact(BigInt.asIntN(64, large + BigInt(small)));
    }
    throw this.malformed(`a number has more than ${VARINT_BYTES_MAX} bytes`);
  }

  /** As exact as a number can be. */
  uint64(): number {
    const value = this.int64();
    return value < 0 ? Number(BigInt.asUintN(64, BigInt(value))) : Number(value);
  }

  /** Zigzag, and as exact as a number can be. */
  sint64(): number {
    const value = this.int64();
    if (typeof value === 'number' && value >= 0) return value % 2 === 0 ? value / 2 : -(value + 1) / 2;
    const bits = BigInt.asUintN(64, BigInt(value));
    return Number((bits >> 1n) ^ -(bits & 1n));
  }

  double(): number {
    return this.#expect(8).double();
  }

  /** As exact as a number can be: of a time in ns since 1970 to a quarter of a µs. */
  fixed64(): number {
    const reader = this.#expect(8);
    return reader.fixed32() + reader.fixed32() * 2 ** 32;
  }

  sfixed64(): number {
    const reader = this.#expect(8);
    return reader.fixed32() + reader.sfixed32() * 2 ** 32;
  }

  fixed32(): number {
    return this.#expect(4).fixed32();
  }

  /** For whoever finds that a message is not what it should be. */
  malformed(says: string): AppError {
    return new AppError('bad-request', `the body is not a ${this.#name} as protobuf: ${says} (byte ${this.at})`);
  }

  /** Where so many bytes are still there. */
  #expect(length: number): protobuf.Reader {
    const reader = this.#reader;
    if (reader.pos + length > reader.len) throw this.malformed(CUT);
    return reader;
  }

  /** Whether these bytes are a text: of ASCII alone, since other characters take more bytes than they have units. */
  #is(text: string, start: number, end: number): boolean {
    if (text.length !== end - start) return false;
    for (let at = start; at < end; at += 1) {
      const byte = this.#bytes[at];
      if (byte === undefined || byte >= 0x80 || byte !== text.charCodeAt(at - start)) return false;
    }
    return true;
  }
}

/** The end of each field of that kind, with the reader at its beginning; whatever becomes of it there. */
export function* fieldsOf(reader: ProtoReader, wanted: number, end: number): Generator<number> {
  for (let tag = reader.field(end); tag !== 0; tag = reader.field(end)) {
    if (tag !== wanted) {
      reader.skip(tag, end);
      continue;
    }
    const fieldEnd = reader.end(end);
    yield fieldEnd;
    reader.at = fieldEnd;
  }
}

function exact(value: bigint): number | bigint {
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : value;
}
