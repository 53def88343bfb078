import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import { encode } from '@msgpack/msgpack';
import { bytesOf, textOf } from './msgpack-values.ts';

const NONCE_BYTES = 16;

export type Answered = { readonly isRight: boolean; readonly pong: Uint8Array };

/**
 * The handshake of a server with a shared key: HELO with a nonce, PING with a digest that proves the key without telling
 * it, PONG with a digest that proves it in turn. Fluent forward v1.5, "Authentication". No names and passwords beside it:
 * their digests can only be checked by whoever has the passwords themselves, and of ours only digests are kept.
 */
export class ForwardHandshake {
  readonly #nonce = randomBytes(NONCE_BYTES);
  readonly #sharedKey: string;
  readonly #serverName: string;

  constructor(sharedKey: string, serverName: string) {
    this.#sharedKey = sharedKey;
    this.#serverName = serverName;
  }

  get helo(): Uint8Array {
    return encode(['HELO', { nonce: this.#nonce, auth: '', keepalive: true }]);
  }

  /** @param ping what `decodeValue` made of the first message */
  answer(ping: unknown): Answered {
    const [kind, host, salt, digest]: unknown[] = Array.isArray(ping) ? ping : [];
    const [hostName, saltBytes, given] = [textOf(host), bytesOf(salt), textOf(digest)];
    if (textOf(kind) !== 'PING' || hostName === undefined || !saltBytes || given === undefined) {
      return this.#wrong('expected PING with a digest of the shared key');
    }
    if (!isSame(given, this.#digest(saltBytes, hostName))) return this.#wrong('shared_key mismatch');
    const pong = encode(['PONG', true, '', this.#serverName, this.#digest(saltBytes, this.#serverName)]);
    return { isRight: true, pong };
  }

  #wrong(says: string): Answered {
    return { isRight: false, pong: encode(['PONG', false, says, '', '']) };
  }

  #digest(salt: Buffer, hostName: string): string {
    const hash = createHash('sha512').update(salt).update(hostName).update(this.#nonce).update(this.#sharedKey);
    return hash.digest('hex');
  }
}

function isSame(given: string, expected: string): boolean {
  const [a, b] = [Buffer.from(given), Buffer.from(expected)];
  return a.length === b.length && timingSafeEqual(a, b);
}
