import type { AccessBook } from '@/lib/access/access-book.ts';
import type { AccessKeeper } from '@/lib/access/access-keeper.ts';
import type { OneTimeLogin } from '@/lib/access/one-time-login.ts';
import { hashPassword, isOutdated, isPassword } from '@/lib/access/password.ts';
import { digestOf, makeSessionSecret } from '@/lib/access/secret.ts';
import type { AccountRecord } from '@/lib/core/access-record.ts';
import { AppError } from '@/lib/core/errors.ts';
import { KeyedBuckets } from '@/lib/core/keyed-buckets.ts';
import { randomId } from '@/lib/core/position.ts';
import type { Principal, Role } from '@/lib/core/principal.ts';

/** Tries in a burst, and how many come back a second. A good one costs nothing. */
const PER_ADDRESS = { perSecond: 0.2, burst: 20 };
const PER_ACCOUNT = { perSecond: 0.05, burst: 10 };
const KEYS_MAX = 10_000;
const USER_AGENT_CHARS_MAX = 200;
/** Whoever made the one-time login makes an account with it; it need not last for a week. */
const ONCE_MS_MAX = 12 * 3_600_000;

export type LoginFrom = {
  readonly address: string;
  readonly userAgent: string;
  /** What the browser's cookie held before: it must hold nothing of that afterwards. */
  readonly before: string | undefined;
};

/** A browser that is in: what its cookie is to hold, and until when. */
export type LoggedIn = { readonly secret: string; readonly name: string; readonly role: Role; readonly endsMs: number };

export type LoginsOptions = {
  readonly book: AccessBook;
  readonly keeper: AccessKeeper;
  readonly session: { readonly idleMs: number; readonly maxMs: number };
  /** undefined: there is another way in. */
  readonly once: OneTimeLogin | undefined;
  readonly now: () => number;
};

/** Who logs in: with a password, a token, the one-time link, or by an identity provider. */
export class Logins {
  readonly #options: LoginsOptions;
  readonly #byAddress = new KeyedBuckets(PER_ADDRESS.perSecond, PER_ADDRESS.burst, KEYS_MAX);
  readonly #byAccount = new KeyedBuckets(PER_ACCOUNT.perSecond, PER_ACCOUNT.burst, KEYS_MAX);

  constructor(options: LoginsOptions) {
    this.#options = options;
  }

  /** Throws unauthorized, and rate-limited after too many tries from there or for that account. */
  async byPassword(username: string, password: string, from: LoginFrom): Promise<LoggedIn> {
    const account = await this.#verify(username, password, from.address);
    return this.#begin({ subject: `account:${account.id}`, name: account.username, role: account.role }, from);
  }

  /** For protocols whose clients send their password each time: nothing is begun. Throws as `byPassword`. */
  async principal(username: string, password: string, address: string): Promise<Principal> {
    return this.#options.book.principalOfAccount(await this.#verify(username, password, address));
  }

  /** A browser that comes with a token goes on with a cookie. Throws unauthorized and rate-limited. */
  byToken(secret: string, from: LoginFrom): LoggedIn {
    const { book, now } = this.#options;
    this.#take(from.address, undefined);
    if (book.isSettingToken(secret)) {
      this.#giveBack(from.address, undefined);
      return this.#begin({ subject: book.settingSubject, name: 'TAILRACE_ADMIN_TOKEN', role: 'admin' }, from);
    }
    const token = book.tokenBySecret(secret);
    const principal = token && book.principalOfToken(token, now());
    if (!principal) this.#fail('a token', from.address, 'the token is wrong, has expired or was revoked');
    if (principal.role === 'ingest')
      this.#fail(principal.name, from.address, 'an ingest key may send, and nothing else');
    this.#giveBack(from.address, undefined);
    return this.#begin({ subject: principal.id, name: principal.name, role: principal.role }, from);
  }

  /** Throws unauthorized and rate-limited. */
  byOnce(secret: string, from: LoginFrom): LoggedIn {
    const { once, now } = this.#options;
    this.#take(from.address, undefined);
    if (!once?.take(secret, now())) {
      const says = 'this link has been used or has expired; start the server anew for another one';
      this.#fail('the one-time link', from.address, says);
    }
    this.#giveBack(from.address, undefined);
    return this.#begin({ subject: `once:${randomId()}`, name: 'first login', role: 'admin', msMax: ONCE_MS_MAX }, from);
  }

  /** Somebody whom an identity provider has vouched for. */
  byProvider(sub: string, name: string, role: Role, from: LoginFrom): LoggedIn {
    return this.#begin({ subject: `oidc:${sub}`, name, role }, from);
  }

  /** @param secret of the cookie */
  end(secret: string, address: string): void {
    const { book, keeper } = this.#options;
    const session = book.sessionBySecret(secret);
    if (!session) return;
    keeper.endSession(session.id);
    this.#note(session.name, address, 'logged out', '');
  }

  async #verify(username: string, password: string, address: string): Promise<AccountRecord> {
    const { book, keeper } = this.#options;
    const name = username.trim().toLowerCase();
    this.#take(address, name);
    const account = book.accountByName(name);
    const isRight = await isPassword(password, account?.password);
    // What was typed for a name may be a password: only a name that is one is noted.
    if (!account || !isRight) {
      this.#fail(account?.username ?? 'an unknown account', address, 'the name or the password is wrong');
    }
    this.#giveBack(address, name);
    if (isOutdated(account.password)) {
      const rehashed = { ...account, password: await hashPassword(password) };
      await keeper.decide({ accounts: [rehashed] }).catch(() => undefined);
    }
    return account;
  }

  #begin(whose: { subject: string; name: string; role: Role; msMax?: number }, from: LoginFrom): LoggedIn {
    const { keeper, book, session, now } = this.#options;
    const { subject, name, role, msMax = Number.POSITIVE_INFINITY } = whose;
    const { address, userAgent, before } = from;
    const nowMs = now();
    // Never the one that was there: somebody else may have put it there, to know it afterwards.
    const old = before === undefined ? undefined : book.sessionBySecret(before);
    if (old) keeper.endSession(old.id);
    const secret = makeSessionSecret();
    const endsMs = nowMs + Math.min(session.maxMs, msMax);
    keeper.putSession({
      ...{ id: randomId(), digest: digestOf(secret), subject, name, role, address },
      userAgent: userAgent.slice(0, USER_AGENT_CHARS_MAX),
      createdMs: nowMs,
      usedMs: nowMs,
      expiresMs: Math.min(nowMs + session.idleMs, endsMs),
      endsMs,
    });
    this.#note(name, address, 'logged in', subject.split(':', 1)[0] ?? '');
    return { secret, name, role, endsMs };
  }

  /** Throws rate-limited. What is refused like this is not noted: a flood must not push out what the log is for. */
  #take(address: string, account: string | undefined): void {
    const nowMs = this.#options.now();
    const buckets = this.#bucketsOf(address, account);
    const waitMs = Math.max(...buckets.map((bucket) => bucket.waitMs(1, nowMs)));
    if (waitMs > 0) {
      const retryAfterS = Math.ceil(waitMs / 1000);
      throw new AppError('rate-limited', `too many tries; try again in ${retryAfterS} s`, { retryAfterS });
    }
    for (const bucket of buckets) bucket.spend(1, nowMs);
  }

  #giveBack(address: string, account: string | undefined): void {
    const nowMs = this.#options.now();
    for (const bucket of this.#bucketsOf(address, account)) bucket.spend(-1, nowMs);
  }

  #bucketsOf(address: string, account: string | undefined) {
    const nowMs = this.#options.now();
    const byAddress = this.#byAddress.of(address, nowMs);
    return account === undefined ? [byAddress] : [byAddress, this.#byAccount.of(account, nowMs)];
  }

  #fail(who: string, address: string, says: string): never {
    this.#note(who, address, 'login refused', says);
    throw new AppError('unauthorized', says);
  }

  #note(who: string, address: string, act: string, target: string): void {
    this.#options.keeper.note({ atMs: this.#options.now(), who, address, act, target });
  }
}
