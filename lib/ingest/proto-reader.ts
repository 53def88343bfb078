import protobuf from 'protobufjs/minimal.js';
import { AppError } from '@/lib/core/errors.ts';

export const VARINT = 0;
export const FIXED64 = 1;
export const DELIMITED = 2;
export const FIXED32 = 5;

/** A field as it stands in a message: its number and how it is written. One of another wire type is an unknown field. */
export function field(number: number, wire: number): number {
  return number * 8 + wire;
}

const GROUP_START = 3;
const GROUP_END = 4;
/** So many bytes of seven bits each are exact as a number. */
const EXACT_BYTES = 7;

/**
 * Reads protobuf field by field, without objects in between; the caller knows the message. A message's end is checked
 * against that of the one around it, so that nothing is read twice or from elsewhere.
 */
export class ProtoReader {
  readonly #bytes: Buffer;
  readonly #reader: protobuf.Reader;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
    this.#reader = protobuf.Reader.create(bytes);
  }

  get at(): number {
    return this.#reader.pos;
  }

  /** To go on elsewhere: to read a message a second time, or to leave one. */
  set at(at: number) {
    this.#reader.pos = at;
  }

  /** The next field of a message that ends there; 0: there is none. */
  field(end: number): number {
    const reader = this.#reader;
    if (reader.pos === end) return 0;
    this.expectEnd(end);
    const tag = this.uint32();
    if (tag >>> 3 === 0) throw malformed(reader.pos, 'a field has the number 0');
    return tag;
  }

  /** Throws when what was read last went on beyond it. */
  expectEnd(end: number): void {
    if (this.#reader.pos > end) throw malformed(end, 'a field reaches beyond the end of its message');
  }

  /** The end of the message, the text or the bytes that begin here, once their length has been read. */
  end(within: number): number {
    const length = this.uint32();
    const end = this.#reader.pos + length;
    if (end > within) throw malformed(this.#reader.pos, `a field of ${length} bytes reaches beyond its message`);
    return end;
  }

  skip(tag: number, within: number): void {
    const wire = tag & 7;
    // Of a time before there were messages within messages: nobody sends them, and they nest without a length.
    if (wire === GROUP_START || wire === GROUP_END) throw malformed(this.#reader.pos, 'groups are not supported');
    if (wire === DELIMITED) this.#reader.pos = this.end(within);
    else this.#try(() => this.#reader.skipType(wire));
  }

  text(within: number): string {
    const end = this.end(within);
    const start = this.#reader.pos;
    this.#reader.pos = end;
    return this.#bytes.toString('utf8', start, end);
  }

  /** A view, not a copy. */
  bytes(within: number): Buffer {
    const end = this.end(within);
    const start = this.#reader.pos;
    this.#reader.pos = end;
    return this.#bytes.subarray(start, end);
  }

  uint32(): number {
    const { pos } = this.#reader;
    const byte = this.#bytes[pos];
    if (byte !== undefined && byte < 0x80) {
      this.#reader.pos = pos + 1;
      return byte;
    }
    return this.#try(() => this.#reader.uint32());
  }

  int32(): number {
    return this.#try(() => this.#reader.int32());
  }

  /** A bigint only where a number would not be exact. */
  int64(): number | bigint {
    let small = 0;
    let large = 0n;
    for (let count = 0; count < 10; count += 1) {
      const byte = this.#byte();
      if (count < EXACT_BYTES) small += (byte & 0x7f) * 2 ** (7 * count);
      else large |= BigInt(byte & 0x7f) << BigInt(7 * count);
      if (byte < 0x80) return exact(count < EXACT_BYTES ? small : BigInt.asIntN(64, large + BigInt(small)));
    }
    throw malformed(this.#reader.pos, 'a number has more than ten bytes');
  }

  /** Signed. A zigzag number, as `sint32` writes it. */
  sint32(): number {
    return this.#try(() => this.#reader.sint32());
  }

  double(): number {
    return this.#try(() => this.#reader.double());
  }

  /** As exact as a number can be: of a time in ns since 1970 to a quarter of a µs. */
  fixed64(): number {
    return this.#try(() => {
      const low = this.#reader.fixed32();
      return low + this.#reader.fixed32() * 2 ** 32;
    });
  }

  sfixed64(): number {
    return this.#try(() => {
      const low = this.#reader.fixed32();
      return low + this.#reader.sfixed32() * 2 ** 32;
    });
  }

  fixed32(): number {
    return this.#try(() => this.#reader.fixed32());
  }

  #byte(): number {
    const byte = this.#bytes[this.#reader.pos];
    if (byte === undefined) throw malformed(this.#reader.pos, 'it ends in the middle of a number');
    this.#reader.pos += 1;
    return byte;
  }

  #try<T>(read: () => T): T {
    try {
      return read();
    } catch (error) {
      throw malformed(this.#reader.pos, (error as Error).message);
    }
  }
}

function exact(value: number | bigint): number | bigint {
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : value;
}

function malformed(at: number, says: string): AppError {
  return new AppError('bad-request', `the body is not valid protobuf: ${says} (byte ${at})`);
}
