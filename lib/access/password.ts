import { randomBytes, type ScryptOptions, scrypt, timingSafeEqual } from 'node:crypto';
import { AppError } from '@/lib/core/errors.ts';
import { PASSWORD_CHARS_MAX } from '@/lib/wire/access-pages.ts';

/**
 * OWASP's scrypt with 32 MiB a try: of the combinations it calls equal the one that needs least memory at once, since a
 * log server has better use for it.
 */
const COST = { ln: 15, r: 8, p: 3 } as const;
const SALT_BYTES = 16;
const KEY_BYTES = 32;
/** Each takes a thread of the pool for a quarter of a second, and the history's files need some too. */
const AT_ONCE_MAX = 2;
const WAITING_MAX = 32;
const RETRY_AFTER_S = 2;

type Parsed = {
  readonly ln: number;
  readonly r: number;
  readonly p: number;
  readonly salt: Buffer;
  readonly key: Buffer;
};

/** `$scrypt$ln=15,r=8,p=3$<salt>$<key>`: all that is needed to check it, also when the parameters have changed. */
export async function hashPassword(password: string): Promise<string> {
  const salt = randomBytes(SALT_BYTES);
  const key = await derive(password, { ...COST, salt, key: Buffer.alloc(KEY_BYTES) });
  return `$scrypt$ln=${COST.ln},r=${COST.r},p=${COST.p}$${base64(salt)}$${base64(key)}`;
}

/**
 * Rejects with rate-limited when too many wait.
 * @param hash undefined: there is no such account, which must take as long to find out as a wrong password
 * @param isFirst it waits for nobody but those who are at it: a crowd of strangers keeps no familiar browser out
 */
export async function isPassword(password: string, hash: string | undefined, isFirst = false): Promise<boolean> {
  const parsed = hash === undefined ? undefined : parse(hash);
  const tried = parsed ?? { ...COST, salt: Buffer.alloc(SALT_BYTES), key: Buffer.alloc(KEY_BYTES) };
  const key = await derive(password.slice(0, PASSWORD_CHARS_MAX), tried, isFirst);
  // A longer one is none of ours, however it begins.
  return timingSafeEqual(key, tried.key) && parsed !== undefined && password.length <= PASSWORD_CHARS_MAX;
}

/** It was made with other parameters than those of today. */
export function isOutdated(hash: string): boolean {
  const parsed = parse(hash);
  return parsed?.ln !== COST.ln || parsed.r !== COST.r || parsed.p !== COST.p;
}

function parse(hash: string): Parsed | undefined {
  const [, ln, r, p, salt, key] = /^\$scrypt\$ln=(\d+),r=(\d+),p=(\d+)\$([\w+/]+)\$([\w+/]+)$/.exec(hash) ?? [];
  if (salt === undefined || key === undefined) return undefined;
  const parts = { salt: Buffer.from(salt, 'base64'), key: Buffer.from(key, 'base64') };
  return { ln: Number(ln), r: Number(r), p: Number(p), ...parts };
}

function base64(bytes: Buffer): string {
  return bytes.toString('base64').replace(/=+$/, '');
}

let running = 0;
const waiting: (() => void)[] = [];

/** Throws rate-limited when too many wait. */
async function derive(password: string, { ln, r, p, salt, key }: Parsed, isFirst = false): Promise<Buffer> {
  if (running >= AT_ONCE_MAX) {
    if (!isFirst && waiting.length >= WAITING_MAX) {
      throw new AppError('rate-limited', 'too many are logging in at once; try again in a moment', {
        retryAfterS: RETRY_AFTER_S,
      });
    }
    // Whoever is done hands on its place, so that none that comes in between takes it.
    await new Promise<void>((resolve) => (isFirst ? waiting.unshift(resolve) : waiting.push(resolve)));
  } else running += 1;
  try {
    const N = 2 ** ln;
    return await scryptAsync(password.normalize('NFKC'), salt, key.length, { N, r, p, maxmem: 256 * N * r });
  } finally {
    const next = waiting.shift();
    if (next) next();
    else running -= 1;
  }
}

function scryptAsync(password: string, salt: Buffer, bytes: number, options: ScryptOptions): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    scrypt(password, salt, bytes, options, (error, key) => (error ? reject(error) : resolve(key)));
  });
}
