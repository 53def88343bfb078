import { digestOf, isSameDigest, makeToken } from './secret.ts';

export const ONE_TIME_MS = 3_600_000;

/** The way in of whoever has started the server, while nobody else has one: a secret that opens once. */
export class OneTimeLogin {
  readonly #expiresMs: number;
  #digest: string | undefined;
  /** To be printed, and kept nowhere. */
  readonly secret: string;

  constructor(nowMs: number) {
    this.secret = makeToken();
    this.#digest = digestOf(this.secret);
    this.#expiresMs = nowMs + ONE_TIME_MS;
  }

  /** True the first time, in time. */
  take(secret: string, nowMs: number): boolean {
    if (this.#digest === undefined || nowMs >= this.#expiresMs) return false;
    if (!isSameDigest(digestOf(secret), this.#digest)) return false;
    this.#digest = undefined;
    return true;
  }
}
