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

const MEMORY_BYTES_MIN = 256;

/**
 * Cuts a stream of bytes into whole packets and has them parsed one by one: left to itself the parser would gather
 * whatever length a header names, and read on in the next packet where one is too short for what it says. What has come of a
 * packet is in memory that doubles as it fills: byte by byte it costs no more than otherwise.
 */
export class PacketReader {
  readonly #bytesMax: number;
  readonly #parser = makeParser();
  #firstBytesMax: number | undefined;
  #memory: Buffer = NOTHING;
  /** Of the packet that has begun. */
  #kept = 0;
  #parsed: Packet | undefined;
  #error: Error | undefined;

  /** @param firstBytesMax of the packet by which a client says who it is; absent: as of any other */
  constructor(bytesMax: number, firstBytesMax = bytesMax) {
    this.#bytesMax = bytesMax;
    this.#firstBytesMax = firstBytesMax;
    this.#parser.on('packet', (packet) => {
      this.#parsed = packet;
    });
    this.#parser.on('error', (error: Error) => {
      this.#error = error;
    });
  }

  /** A packet has begun and is not complete. */
  get isMidway(): boolean {
    return this.#kept > 0;
  }
  get heldBytes(): number {
    return this.#memory.length;
  }

  /** The packets that have become whole. Throws PacketError; nothing may be fed after that. */
  *feed(bytes: Buffer): Generator<Packet> {
    for (let rest = bytes; rest.length > 0; ) {
      const begun = this.#memory.subarray(0, this.#kept);
      // The header may be cut too: of it one byte after the other is looked at.
      const known = this.#kept === 0 ? rest : begun;
      const wanted = this.#lengthIn(known);
      const missing = wanted === undefined ? (this.#kept === 0 ? rest.length : 1) : wanted - this.#kept;
      const piece = rest.subarray(0, missing);
      rest = rest.subarray(piece.length);
      if (this.#kept === 0 && piece.length === wanted) yield this.#parse(piece);
      else {
        this.#keep(piece);
        if (this.#lengthIn(this.#memory.subarray(0, this.#kept)) === this.#kept) yield this.#parse(this.#takeWhole());
      }
    }
  }

  #keep(piece: Buffer): void {
    const bytes = this.#kept + piece.length;
    if (bytes > this.#memory.length) {
      const larger = Buffer.allocUnsafe(Math.max(bytes, 2 * this.#memory.length, MEMORY_BYTES_MIN));
      this.#memory.copy(larger, 0, 0, this.#kept);
      this.#memory = larger;
    }
    piece.copy(this.#memory, this.#kept);
    this.#kept = bytes;
  }

  #takeWhole(): Buffer {
    const whole = this.#memory.subarray(0, this.#kept);
    this.#memory = NOTHING;
    this.#kept = 0;
    return whole;
  }

  /** Of the packet that begins here, header and all; undefined while its header is not complete (MQTT 5 §2.1.4). */
  #lengthIn(bytes: Buffer): number | undefined {
    const bytesMax = this.#firstBytesMax ?? this.#bytesMax;
    let length = 0;
    for (let index = 1; index <= 4; index += 1) {
      const byte = bytes[index];
      if (byte === undefined) return undefined;
      length += (byte & 0x7f) * 128 ** (index - 1);
      if (byte < 0x80) {
        const whole = 1 + index + length;
        if (whole <= bytesMax) return whole;
        throw new PacketError(`expected a packet of at most ${bytesMax} bytes, got ${whole}`, true);
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
    this.#firstBytesMax = undefined;
    if (this.#error) throw new PacketError(this.#error.message);
    if (!packet || left > 0) throw new PacketError('a packet that is longer or shorter than what is in it');
    return packet;
  }
}
