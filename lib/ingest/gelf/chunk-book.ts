import { GELF_BYTES_MAX } from './inflate-gelf.ts';

const CHUNKS_MAX = 128;
const HEADER_BYTES = 12;
/** So long a message waits for its other chunks, as the format says. */
export const CHUNKS_MS_MAX = 5000;

export type ChunkLimits = {
  /** Unfinished messages at once, in all and of one sender. */
  readonly messagesMax: number;
  readonly ofSenderMax: number;
  /** Their bytes together. */
  readonly bytesMax: number;
};

const LIMITS: ChunkLimits = { messagesMax: 2000, ofSenderMax: 500, bytesMax: 32 * 1024 * 1024 };

type Unfinished = {
  readonly sender: string;
  readonly chunks: (Buffer | undefined)[];
  readonly firstMs: number;
  missing: number;
  bytes: number;
};

/** A message, `waiting` while it has chunks missing, or what is wrong with a chunk. */
export type Gathered = Buffer | 'waiting' | { readonly says: string };

export function isChunk(bytes: Buffer): boolean {
  return bytes[0] === 0x1e && bytes[1] === 0x0f;
}

/**
 * Puts the chunks of GELF messages together, in whatever order they come, within a bound of memory and time: what is given
 * up is told to `onGivenUp`, since its sender will not hear of it otherwise.
 */
export class ChunkBook {
  readonly #limits: ChunkLimits;
  readonly #onGivenUp: (sender: string, says: string) => void;
  /** In the order of their first chunk, so that the oldest come first. */
  readonly #unfinished = new Map<string, Unfinished>();
  readonly #ofSender = new Map<string, number>();
  #bytes = 0;

  constructor(onGivenUp: (sender: string, says: string) => void, limits: ChunkLimits = LIMITS) {
    this.#onGivenUp = onGivenUp;
    this.#limits = limits;
  }

  /** Messages that have begun. */
  get size(): number {
    return this.#unfinished.size;
  }
  get bytes(): number {
    return this.#bytes;
  }

  /** @param datagram copied where it has to wait */
  take(sender: string, datagram: Buffer, nowMs: number): Gathered {
    this.expire(nowMs);
    const [index = 0, count = 0] = datagram.subarray(HEADER_BYTES - 2, HEADER_BYTES);
    if (datagram.length < HEADER_BYTES || count === 0 || count > CHUNKS_MAX || index >= count) {
      return { says: `expected a GELF chunk of at most ${CHUNKS_MAX}, got number ${index} of ${count}` };
    }
    const id = `${sender} ${datagram.toString('latin1', 2, HEADER_BYTES - 2)}`;
    const message = this.#unfinished.get(id) ?? this.#begin(id, sender, count, nowMs);
    if (message.chunks.length !== count) return { says: 'the chunks of a GELF message differ in how many they are' };
    if (message.chunks[index]) return 'waiting';
    const chunk = Buffer.from(datagram.subarray(HEADER_BYTES));
    message.chunks[index] = chunk;
    message.missing -= 1;
    message.bytes += chunk.length;
    this.#bytes += chunk.length;
    if (message.bytes > GELF_BYTES_MAX) {
      this.#forget(id, message);
      return { says: `expected a GELF message of at most ${GELF_BYTES_MAX} bytes` };
    }
    if (message.missing === 0) {
      this.#forget(id, message);
      return Buffer.concat(message.chunks.filter((part) => part !== undefined));
    }
    this.#makeRoom();
    return 'waiting';
  }

  /** Gives up what has waited too long; to be called now and then. */
  expire(nowMs: number): void {
    for (const [id, message] of this.#unfinished) {
      // A clock that is set back must not keep them for ever.
      if (Math.abs(nowMs - message.firstMs) <= CHUNKS_MS_MAX) return;
      this.#giveUp(id, message, `did not come within ${CHUNKS_MS_MAX / 1000} s`);
    }
  }

  /** What is unfinished when the server goes is lost like the rest. */
  close(): void {
    for (const [id, message] of this.#unfinished) this.#giveUp(id, message, 'had not come when the server ended');
  }

  #begin(id: string, sender: string, count: number, nowMs: number): Unfinished {
    const held = this.#ofSender.get(sender) ?? 0;
    if (held >= this.#limits.ofSenderMax) this.#giveUpOldest((message) => message.sender === sender);
    else if (this.#unfinished.size >= this.#limits.messagesMax) this.#giveUpOldest(() => true);
    const message: Unfinished = {
      ...{ sender, firstMs: nowMs, missing: count, bytes: 0 },
      chunks: Array.from({ length: count }),
    };
    this.#unfinished.set(id, message);
    this.#ofSender.set(sender, (this.#ofSender.get(sender) ?? 0) + 1);
    return message;
  }

  #makeRoom(): void {
    while (this.#bytes > this.#limits.bytesMax) this.#giveUpOldest(() => true);
  }

  #giveUpOldest(fits: (message: Unfinished) => boolean): void {
    for (const [id, message] of this.#unfinished) {
      if (!fits(message)) continue;
      this.#giveUp(id, message, 'had to make room for others');
      return;
    }
  }

  #giveUp(id: string, message: Unfinished, why: string): void {
    this.#forget(id, message);
    const { sender, chunks, missing } = message;
    this.#onGivenUp(sender, `a GELF message was given up: ${missing} of its ${chunks.length} chunks ${why}`);
  }

  #forget(id: string, message: Unfinished): void {
    this.#unfinished.delete(id);
    this.#bytes -= message.bytes;
    const left = (this.#ofSender.get(message.sender) ?? 1) - 1;
    if (left === 0) this.#ofSender.delete(message.sender);
    else this.#ofSender.set(message.sender, left);
  }
}
