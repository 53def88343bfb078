import { parser as makeParser, type Packet } from 'mqtt-packet';

/** What a client sends is no MQTT, or more than it may send. */
export class PacketError extends Error {
  readonly isTooLarge: boolean;
  constructor(message: string, isTooLarge = false) {
    super(message);
    this.isTooLarge = isTooLarge;
  }
}

const NOTHING = Buffer.alloc(0);

/**
 * Cuts a stream of bytes into whole packets and has them parsed one by one: left to itself the parser would gather
 * whatever length a header names, and read on in the next packet where one is too short for what it says.
 */
export class PacketReader {
  readonly #bytesMax: number;
  readonly #parser = makeParser();
  #rest: Buffer = NOTHING;
  #pieces: Buffer[] = [];
  #gathered = 0;
  /** Of the packet that has begun; undefined until its header has come whole. */
  #wanted: number | undefined;
  #parsed: Packet | undefined;
  #error: Error | undefined;

  constructor(bytesMax: number) {
    this.#bytesMax = bytesMax;
    this.#parser.on('packet', (packet) => {
      this.#parsed = packet;
    });
    this.#parser.on('error', (error: Error) => {
      this.#error = error;
    });
  }

  /** The packets that have become whole. Throws PacketError; nothing may be fed after that. */
  *feed(bytes: Buffer): Generator<Packet> {
    this.#rest = this.#rest.length === 0 ? bytes : Buffer.concat([this.#rest, bytes]);
    while (this.#rest.length > 0) {
      this.#wanted ??= this.#readLength();
      if (this.#wanted === undefined) return;
      const piece = this.#rest.subarray(0, this.#wanted - this.#gathered);
      this.#rest = this.#rest.subarray(piece.length);
      this.#pieces.push(piece);
      this.#gathered += piece.length;
      if (this.#gathered < this.#wanted) return;
      yield this.#parse(this.#takeWhole());
    }
  }

  #takeWhole(): Buffer {
    const [only] = this.#pieces;
    const whole = this.#pieces.length === 1 && only ? only : Buffer.concat(this.#pieces);
    this.#pieces = [];
    this.#gathered = 0;
    this.#wanted = undefined;
    return whole;
  }

  /** Header and all; undefined while the header is not complete (MQTT 5 §2.1.4). */
  #readLength(): number | undefined {
    let length = 0;
    for (let index = 1; index <= 4; index += 1) {
      const byte = this.#rest[index];
      if (byte === undefined) return undefined;
      length += (byte & 0x7f) * 128 ** (index - 1);
      if (byte < 0x80) {
        const whole = 1 + index + length;
        if (whole <= this.#bytesMax) return whole;
        throw new PacketError(`expected a packet of at most ${this.#bytesMax} bytes, got ${whole}`, true);
      }
    }
    throw new PacketError('a length of more than four bytes');
  }

  #parse(whole: Buffer): Packet {
    let left = 0;
    try {
      left = this.#parser.parse(whole);
    } catch (error) {
      this.#error = error as Error;
    }
    const packet = this.#parsed;
    this.#parsed = undefined;
    if (this.#error) throw new PacketError(this.#error.message);
    if (!packet || left > 0) throw new PacketError('a packet that is longer or shorter than what is in it');
    return packet;
  }
}
