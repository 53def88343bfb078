import { plain } from '@/components/ui/plain-text.ts';

const WORDS: Readonly<Record<string, string>> = {
  account: 'password',
  token: 'token',
  setting: 'TAILRACE_ADMIN_TOKEN',
  once: 'one-time link',
  oidc: 'identity provider',
};

/** By what somebody has logged in, in words; what is not known here as it is. */
export function wayIn(by: string): string {
  return plain(Object.hasOwn(WORDS, by) ? (WORDS[by] ?? by) : by);
}
