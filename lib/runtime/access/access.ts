import type { AccessBook } from '@/lib/access/access-book.ts';
import type { AccessKeeper } from '@/lib/access/access-keeper.ts';
import { type Credential, credentialOf } from '@/lib/access/credential.ts';
import type { JwtVerifier } from '@/lib/access/jwt-verifier.ts';
import type { Config } from '@/lib/config/config.ts';
import { AppError } from '@/lib/core/errors.ts';
import { KeyedBuckets } from '@/lib/core/keyed-buckets.ts';
import { isAllowed, type Need, type Principal, rolesFor } from '@/lib/core/principal.ts';
import {
  ADDRESS_UNKNOWN,
  clientAddress,
  networkOf,
  type TrustedProxies,
  trustProxies,
} from '../http/client-address.ts';
import { isBoundToLoopback, type MachineAsked, strangerReason } from './own-machine.ts';

/** A request, a call, a connection: whatever wants to come in, as far as that is asked. */
export type AccessAsked = MachineAsked;

export type AccessOptions = {
  readonly config: Pick<Config, 'host' | 'trustedProxies' | 'access' | 'admin'>;
  readonly book: AccessBook;
  readonly keeper: AccessKeeper;
  /** undefined: none are accepted. */
  readonly jwt: JwtVerifier | undefined;
  readonly now: () => number;
};

/** Wrong tokens of one network, where one could be found by trying. */
const GUESSES = { perSecond: 1, burst: 100, keysMax: 10_000 };

const HOW =
  'log in at /login, or send "Authorization: Bearer <token>" with a token from the Access page or TAILRACE_ADMIN_TOKEN';

/** Who may come in: the one place that every door asks. */
export class Access {
  readonly book: AccessBook;
  readonly keeper: AccessKeeper;
  readonly #options: AccessOptions;
  readonly #trusted: TrustedProxies;
  readonly #listenFrom: TrustedProxies;
  readonly #isForThisMachine: boolean;
  readonly #guesses = new KeyedBuckets(GUESSES.perSecond, GUESSES.burst, GUESSES.keysMax);

  constructor(options: AccessOptions) {
    this.#options = options;
    this.book = options.book;
    this.keeper = options.keeper;
    const { host, trustedProxies, access } = options.config;
    this.#trusted = trustProxies(trustedProxies);
    this.#listenFrom = trustProxies(access.listenFrom);
    this.#isForThisMachine = access.mode === 'auto' && isBoundToLoopback(host);
  }

  /**
   * Who asks. Throws, or rejects with, `unauthorized` when that cannot be told. At once, but for a token of an identity
   * provider that has not been seen before.
   */
  identify(asked: AccessAsked): Principal | Promise<Principal> {
    const credential = credentialOf(asked.header);
    const ambient = this.#ambient(asked);
    if (credential?.kind === 'jwt' && this.#options.jwt) return this.#options.jwt.verify(credential.token);
    const shown = credential && this.#recognise(credential, asked);
    if (shown && 'role' in shown) return shown;
    // A token of ours that is no good is never taken for none: what was revoked must not be more than it was.
    const isOurs = credential?.kind === 'token' && credential.isOurs;
    if (typeof ambient === 'object' && !isOurs) return ambient;
    throw shown ?? refusal(typeof ambient === 'string' ? ambient : 'the token is wrong');
  }

  /** As `identify`, for protocols that cannot wait: a token of an identity provider must then have been seen before. */
  identifyAtOnce(asked: AccessAsked): Principal {
    const who = this.identify(asked);
    if (!(who instanceof Promise)) return who;
    who.catch(() => undefined);
    throw new AppError('unauthorized', `a token of an identity provider is not taken here; ${HOW}`);
  }

  /** Throws `forbidden`, saying which role may, or `unauthorized` where the principal has ended since. */
  permit(principal: Principal, need: Need): void {
    if (!this.isStanding(principal)) throw new AppError('unauthorized', `the login or token has ended; ${HOW}`);
    if (isAllowed(principal, need)) return;
    if (principal.kind === 'local' || principal.kind === 'open') {
      const says = 'this needs the operator\'s token: send "Authorization: Bearer <TAILRACE_ADMIN_TOKEN>", or log in';
      throw new AppError('forbidden', says);
    }
    if (need === 'inspect' && principal.sees) {
      throw new AppError('forbidden', `"${principal.name}" sees a part of the events only, and this tells of all`);
    }
    const roles = rolesFor(need).join(' or ');
    throw new AppError('forbidden', `this needs the role ${roles}; "${principal.name}" is ${principal.role}`);
  }

  /** False once it has expired or was revoked; asked of whoever stays. */
  isStanding(principal: Principal): boolean {
    return this.book.isStanding(principal, this.#options.now());
  }

  /** Whether an address may send to a listener that knows no credentials. */
  mayReach(address: string | undefined): boolean {
    // Bound to loopback nobody else gets here.
    if (!this.isDemanded) return true;
    const known = clientAddress(address, null, NOBODY);
    return known !== ADDRESS_UNKNOWN && this.#listenFrom.check(known, known.includes(':') ? 'ipv6' : 'ipv4');
  }

  /** Nobody comes in without a credential, this machine included. */
  get isDemanded(): boolean {
    return this.#options.config.access.mode !== 'open' && !this.#isForThisMachine;
  }

  /** Where the client is, through the proxies that are trusted. */
  addressOf({ peerAddress, header }: AccessAsked): string {
    return clientAddress(peerAddress, header('x-forwarded-for'), this.#trusted);
  }

  /** Who comes in without showing anything; or why nobody does. */
  #ambient(asked: AccessAsked): Principal | string {
    const { admin, access, host } = this.#options.config;
    const role = admin.token === undefined ? 'admin' : 'viewer';
    if (access.mode === 'open') return { id: 'open', name: 'anybody', kind: 'open', role };
    if (!this.#isForThisMachine) return 'this server asks everybody who they are';
    const reason = strangerReason(asked, host, this.#trusted);
    return reason ?? { id: 'local', name: 'this machine', kind: 'local', role };
  }

  /** An error says what is wrong with it; undefined: it is not for us to judge. */
  #recognise(credential: Credential, asked: AccessAsked): Principal | AppError | undefined {
    const nowMs = this.#options.now();
    if (credential.kind === 'cookie') {
      const session = this.book.sessionBySecret(credential.secret);
      const principal = session && this.book.principalOfSession(session, nowMs);
      if (!principal) return refusal('the login has ended');
      this.keeper.touchSession(session, nowMs, this.#options.config.access.session.idleMs);
      return principal;
    }
    if (credential.kind !== 'token') return undefined;
    const token = this.book.tokenBySecret(credential.secret);
    if (!token) return this.#ofSettings(credential, asked);
    const principal = this.book.principalOfToken(token, nowMs);
    if (principal) this.keeper.touchToken(token, nowMs);
    return principal ?? refusal(`the token ${token.revokedMs === null ? 'has expired' : 'was revoked'}`);
  }

  /** The token of the settings, which somebody may have made so short that it could be found by trying. */
  #ofSettings({ secret, isOurs }: Credential & { kind: 'token' }, asked: AccessAsked): Principal | AppError {
    const nowMs = this.#options.now();
    const address = this.addressOf(asked);
    const isLimited = this.book.isSettingShort && !isOurs && address !== ADDRESS_UNKNOWN;
    const guesses = isLimited ? this.#guesses.of(networkOf(address), nowMs) : undefined;
    const retryAfterS = Math.ceil((guesses?.waitMs(1, nowMs) ?? 0) / 1000);
    if (retryAfterS > 0) {
      const says = `too many wrong tokens came from there; try again in ${retryAfterS} s`;
      return new AppError('rate-limited', says, { retryAfterS });
    }
    if (this.book.isSettingToken(secret)) {
      return { id: 'setting', name: 'TAILRACE_ADMIN_TOKEN', kind: 'setting', role: 'admin' };
    }
    guesses?.spend(1, nowMs);
    return refusal('the token is wrong');
  }
}

function refusal(why: string): AppError {
  return new AppError('unauthorized', `${why}; ${HOW}`);
}

const NOBODY: TrustedProxies = { check: () => false };
