import { AccessBook } from '@/lib/access/access-book.ts';
import { AccessKeeper, type AccessStore } from '@/lib/access/access-keeper.ts';
import { JwtVerifier } from '@/lib/access/jwt-verifier.ts';
import { OneTimeLogin } from '@/lib/access/one-time-login.ts';
import type { Config } from '@/lib/config/config.ts';
import { systemClock } from '@/lib/core/clock.ts';
import type { ResourceLedger } from '@/lib/core/ledger.ts';
import type { StreamHub } from '@/lib/stream/stream-hub.ts';
import type { Logger } from '../logger.ts';
import type { WatchHub } from '../monitor/watch-hub.ts';
import { isOwnServer } from '../own-server.ts';
import { Access } from './access.ts';
import { AccessWatch } from './access-watch.ts';
import { Logins } from './logins.ts';
import { OidcLogin } from './oidc-login.ts';

export type AccessContext = {
  readonly config: Config;
  readonly store: AccessStore;
  readonly hub: StreamHub;
  readonly watchers: WatchHub;
  readonly ledger: ResourceLedger;
  /** One whose lines do not go into the journal. */
  readonly log: Logger;
  /** Another process decides, and this one reads what it has decided. */
  readonly isFollower: boolean;
};

export type AccessParts = {
  readonly access: Access;
  readonly logins: Logins;
  /** undefined: there is no identity provider. */
  readonly oidc: OidcLogin | undefined;
  readonly accessWatch: AccessWatch;
  /** The secret of a one-time login, to be printed; undefined: nobody needs one. */
  readonly onceSecret: string | undefined;
};

/** Reads who may come in, and begins to watch over it. Rejects while the store is away. */
export async function openAccess(context: AccessContext): Promise<AccessParts> {
  const { config, store, hub, watchers, ledger, log, isFollower } = context;
  const { now } = systemClock;
  const book = new AccessBook(config.admin.token);
  const keeper = new AccessKeeper(store, book, { isReader: isFollower });
  await keeper.refresh();
  const { jwt: jwtRules, roles, session, oidc: provider } = config.access;
  const jwt = jwtRules && new JwtVerifier(jwtRules, roles, now);
  const access = new Access({ config, book, keeper, jwt, now });
  // Where nothing tells who asks it is asked of everybody, whatever the address.
  const isAsked = access.isDemanded || (config.access.mode === 'auto' && !isOwnServer());
  if (book.isSettingShort && isAsked) {
    const says =
      'TAILRACE_ADMIN_TOKEN is short enough to be guessed by many; 32 characters of chance are not: openssl rand -hex 16';
    log.warn({ journal: false }, says);
  }
  const needsOnce = isAsked && !isFollower && !book.hasAdmin(now());
  const once = needsOnce ? new OneTimeLogin(now()) : undefined;
  const logins = new Logins({ book, keeper, session, once, now });
  const oidc = provider && new OidcLogin({ provider, roles, logins, now });
  const owner = ledger.owner('access');
  const { idleMs } = session;
  const accessWatch = new AccessWatch({ access, hub, watchers, isFollower, idleMs, owner, log, now });
  return { access, logins, oidc, accessWatch, onceSecret: once?.secret };
}
