import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';

/** Recognisable, so that scanners of repositories and logs find a token that has got out. */
export const TOKEN_PREFIX = 'trl_';
const SESSION_PREFIX = 'trs_';
/** 256 bits: nobody guesses one, so a plain digest of it is enough to keep. */
const RANDOM_BYTES = 32;
const HINT_CHARS = 9;

export function makeToken(): string {
  return `${TOKEN_PREFIX}${randomBytes(RANDOM_BYTES).toString('base64url')}`;
}

/** What the cookie of a browser that has logged in holds. */
export function makeSessionSecret(): string {
  return `${SESSION_PREFIX}${randomBytes(RANDOM_BYTES).toString('base64url')}`;
}

export function isToken(text: string): boolean {
  return /^trl_[A-Za-z0-9_-]{43}$/.test(text);
}

/** Its beginning, to be recognised by in a list. */
export function hintOf(token: string): string {
  return `${token.slice(0, HINT_CHARS)}…`;
}

export function digestOf(secret: string): string {
  return createHash('sha256').update(secret).digest('hex');
}

/** In a time that does not tell how far they agree. */
export function isSameDigest(a: string, b: string): boolean {
  const [one, other] = [Buffer.from(a), Buffer.from(b)];
  return one.length === other.length && timingSafeEqual(one, other);
}
