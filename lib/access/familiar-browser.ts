import { createHmac, randomBytes } from 'node:crypto';
import type { AccountRecord } from '@/lib/core/access-record.ts';
import { isSameDigest } from './secret.ts';

/**
 * The mark of a browser in which an account's password has been right before: its tries are counted by themselves, so that
 * nobody locks its owner out by trying from elsewhere (OWASP, "Slow Down Online Guessing Attacks with Device Cookies"). It
 * opens nothing. The key is the hash of the password, which nobody outside has: no secret to keep, and another password
 * makes the mark void.
 */
export function markOf({ password }: Pick<AccountRecord, 'password'>): string {
  const name = randomBytes(12).toString('base64url');
  return `${name}.${proofOf(name, password)}`;
}

/** The browser's name, under which its tries are counted; undefined: it is a stranger to this account. */
export function familiarName(mark: string | undefined, account: Pick<AccountRecord, 'password'>): string | undefined {
  const [, name = '', proof = ''] = /^([\w-]{16})\.([\w-]{43})$/.exec(mark ?? '') ?? [];
  return isSameDigest(proof, proofOf(name, account.password)) ? name : undefined;
}

function proofOf(name: string, key: string): string {
  return createHmac('sha256', key).update(`familiar browser ${name}`).digest('base64url');
}
