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
const KEY_BYTES_MAX = 40;
/** A power of two: a key's place is some bits of its hash. */
const KEYS_KEPT = 1024;

/** Names of attributes come again with every record: kept, they need not be made, hashed and looked up again. */
const keys: string[] = new Array(KEYS_KEPT).fill('');

/**
 * Reads protobuf field by field, straight into what its caller makes of it: the message is known there. The code that
 * protobufjs generates takes as long (2 µs a log record) for its own objects, of all records at once, as this takes for the
 * events. Every length is checked against the end of the message around it, so that nothing is read twice or from elsewhere.
 */
export class ProtoReader {
  readonly #bytes: Buffer;
  /** Where it reads next; to be set to read a message a second time, or to leave one. */
  at = 0;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  /** The next field of a message that ends there; 0: there is none. */
  field(end: number): number {
    if (this.at === end) return 0;
    this.expectEnd(end);
    const tag = this.uint32();
    if (tag >>> 3 === 0) throw this.#malformed('a field has the number 0');
    return tag;
  }

  /** Throws when what was read last went on beyond it. */
  expectEnd(end: number): void {
    if (this.at > end) throw this.#malformed('a field reaches beyond the end of its message');
  }

  /** The end of the message, the text or the bytes that begin here, once their length has been read. */
  end(within: number): number {
    const length = this.uint32();
    const end = this.at + length;
    if (end > within) throw this.#malformed(`a field of ${length} bytes reaches beyond its message`);
    return end;
  }

  skip(tag: number, within: number): void {
    const wire = tag & 7;
    if (wire === VARINT) this.int64();
    else if (wire === DELIMITED) this.at = this.end(within);
    else if (wire === FIXED64) this.#forward(8);
    else if (wire === FIXED32) this.#forward(4);
    // Of a time before there were messages within messages: nobody sends them, and they nest without a length.
    else if (wire === GROUP_START || wire === GROUP_END) throw this.#malformed('groups are not supported');
    else throw this.#malformed(`there is no wire type ${wire}`);
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
    const byte = this.#bytes[this.at];
    if (byte === undefined || byte >= 0x80) return Number(BigInt.asUintN(32, BigInt(this.int64())));
    this.at += 1;
    return byte;
  }

  int32(): number {
    return this.uint32() | 0;
  }

  /** Zigzag: the sign is the last bit. */
  sint32(): number {
    const value = this.uint32();
    return (value >>> 1) ^ -(value & 1);
  }

  /** A bigint only where a number would not be exact. */
  int64(): number | bigint {
    let small = 0;
    let large = 0n;
    for (let count = 0; count < VARINT_BYTES_MAX; count += 1) {
      const byte = this.#bytes[this.at];
      if (byte === undefined) throw this.#malformed('it ends in the middle of a number');
      this.at += 1;
      if (count < EXACT_BYTES) small += (byte & 0x7f) * 2 ** (7 * count);
      else large |= BigInt(byte & 0x7f) << BigInt(7 * count);
      if (byte < 0x80) return count < EXACT_BYTES ? small : exact(BigInt.asIntN(64, large + BigInt(small)));
    }
    throw this.#malformed(`a number has more than ${VARINT_BYTES_MAX} bytes`);
  }

  double(): number {
    return this.#bytes.readDoubleLE(this.#forward(8));
  }

  /** As exact as a number can be: of a time in ns since 1970 to a quarter of a µs. */
  fixed64(): number {
    const at = this.#forward(8);
    return this.#bytes.readUInt32LE(at) + this.#bytes.readUInt32LE(at + 4) * 2 ** 32;
  }

  sfixed64(): number {
    const at = this.#forward(8);
    return this.#bytes.readUInt32LE(at) + this.#bytes.readInt32LE(at + 4) * 2 ** 32;
  }

  fixed32(): number {
    return this.#bytes.readUInt32LE(this.#forward(4));
  }

  /** Where so many bytes begin, when they are there. */
  #forward(length: number): number {
    const { at } = this;
    if (at + length > this.#bytes.length) throw this.#malformed('it ends in the middle of a number');
    this.at = at + length;
    return at;
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

  #malformed(says: string): AppError {
    return new AppError('bad-request', `the body is not valid protobuf: ${says} (byte ${this.at})`);
  }
}

function exact(value: bigint): number | bigint {
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : value;
}
