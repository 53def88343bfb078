import { AccessBook } from '@/lib/access/access-book.ts';
import { AccessKeeper } from '@/lib/access/access-keeper.ts';
import { parseConfig } from '@/lib/config/config.ts';
import { Access } from '../access/access.ts';

const store = { accessSnapshot: async () => undefined, saveAccess: async () => undefined, audit: async () => [] };

/** The place that every door asks, over a store that keeps nothing; without settings it lets this machine in. */
export function makeAccess(environment: Readonly<Record<string, string>> = {}, now: () => number = Date.now): Access {
  const config = parseConfig(environment, '/');
  const book = new AccessBook(config.admin.token);
  return new Access({ config, book, keeper: new AccessKeeper(store, book), jwt: undefined, now });
}
