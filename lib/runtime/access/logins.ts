import type { AccessBook } from '@/lib/access/access-book.ts';
import type { AccessKeeper } from '@/lib/access/access-keeper.ts';
import { familiarName, markOf } from '@/lib/access/familiar-browser.ts';
import type { OneTimeLogin } from '@/lib/access/one-time-login.ts';
import { hashPassword, isOutdated, isPassword } from '@/lib/access/password.ts';
import { digestOf, isToken, makeSessionSecret } from '@/lib/access/secret.ts';
import type { AccountRecord, AuditRecord } from '@/lib/core/access-record.ts';
import { AppError } from '@/lib/core/errors.ts';
import { randomId } from '@/lib/core/position.ts';
import type { Principal, Role } from '@/lib/core/principal.ts';
import { changeAccount } from './change-account.ts';
import { LoginLimits } from './login-limits.ts';

const USER_AGENT_CHARS_MAX = 200;
/** Whoever made the one-time login makes an account with it; it need not last for a week. */
const ONCE_MS_MAX = 12 * 3_600_000;

export type LoginFrom = {
  readonly address: string;
  readonly userAgent: string;
  /** What the browser's cookie held before: it must hold nothing of that afterwards. */
  readonly before: string | undefined;
  /** See `familiar-browser.ts`. */
  readonly mark: string | undefined;
};

/** A browser that is in: what its cookie is to hold, and until when. */
export type LoggedIn = {
  readonly secret: string;
  readonly name: string;
  readonly role: Role;
  readonly endsMs: number;
  /** For a cookie of its own: that a password was right in this browser. */
  readonly mark?: string;
};

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
  readonly #limits = new LoginLimits();

  constructor(options: LoginsOptions) {
    this.#options = options;
  }

  /** Throws unauthorized, and rate-limited after too many tries from there or for that account. */
  async byPassword(username: string, password: string, from: LoginFrom): Promise<LoggedIn> {
    const account = await this.#verify(username, password, from);
    if (!account) this.#fail(this.#nameOf(username), from.address, 'the name or the password is wrong');
    const { id, username: name, role } = account;
    return { ...this.#begin({ subject: `account:${id}`, name, role }, from), mark: markOf(account) };
  }

  /** For protocols whose clients send their password each time: nothing is begun. Throws as `byPassword`. */
  async principal(username: string, password: string, address: string): Promise<Principal> {
    const account = await this.#verify(username, password, { address, mark: undefined });
    if (!account) this.#fail(this.#nameOf(username), address, 'the name or the password is wrong');
    return this.#options.book.principalOfAccount(account);
  }

  /**
   * Another password, by whoever knows the present one; all other logins of the account end. Counts as a try to log in.
   * @param own the principal that asks, whose login stays
   * @returns the mark of the browser, as the one before is void
   * Throws forbidden, rate-limited, and what the store throws.
   */
  async changePassword(own: Principal, given: { current: string; password: string }, from: LoginFrom): Promise<string> {
    const { book, keeper, now } = this.#options;
    const account = book.accounts.get(own.account ?? '');
    if (!account) throw new AppError('forbidden', `"${own.name}" has no password here: only an account has one`);
    const { username } = account;
    const known = await this.#verify(username, given.current, from);
    if (!known) {
      this.#note(username, from.address, 'login refused', 'another password was asked for with a wrong one');
      throw new AppError('forbidden', 'the present password is wrong');
    }
    if (given.current === given.password) {
      throw new AppError('bad-request', 'password: expected another one than the present');
    }
    const password = await hashPassword(given.password);
    const entry = { atMs: now(), who: username, address: from.address };
    const audit: AuditRecord = { ...entry, act: 'account changed', target: `"${username}": own password` };
    const isSame = (present: AccountRecord) => present.password === known.password;
    const changed = await changeAccount({ book, keeper }, account.id, own, (present) => {
      if (!isSame(present)) throw new AppError('forbidden', 'the password has been changed meanwhile; log in again');
      return { account: { ...present, password }, audit };
    });
    return markOf(changed);
  }

  /** A browser that comes with a token goes on with a cookie. Throws unauthorized and rate-limited. */
  byToken(secret: string, from: LoginFrom): LoggedIn {
    const { book, now } = this.#options;
    const { address } = from;
    const token = book.tokenBySecret(secret);
    const principal = token && book.principalOfToken(token, now());
    if (principal?.role === 'ingest') this.#fail(principal.name, address, 'an ingest key may send, and nothing else');
    // Nobody guesses one of ours, and so who has one need not wait for those who try.
    if (principal) return this.#begin({ subject: principal.id, name: principal.name, role: principal.role }, from);
    const giveBack = this.#limits.take({ address }, now());
    if (!book.isSettingToken(secret)) {
      this.#fail('a token', address, 'the token is wrong, has expired or was revoked');
    }
    giveBack();
    return this.#begin({ subject: book.settingSubject, name: 'TAILRACE_ADMIN_TOKEN', role: 'admin' }, from);
  }

  /** Throws unauthorized and rate-limited. */
  byOnce(secret: string, from: LoginFrom): LoggedIn {
    const { once, now } = this.#options;
    if (!(isToken(secret) && once?.take(secret, now()))) {
      this.#limits.take({ address: from.address }, now());
      const says = 'this link has been used or has expired; start the server anew for another one';
      this.#fail('the one-time link', from.address, says);
    }
    return this.#begin({ subject: `once:${randomId()}`, name: 'first login', role: 'admin', msMax: ONCE_MS_MAX }, from);
  }

  /** Somebody whom an identity provider has vouched for. */
  byProvider(sub: string, name: string, role: Role, from: LoginFrom): LoggedIn {
    // Whoever may choose a name there must not pass for an account of that name here.
    const isTaken = this.#options.book.accountByName(name.toLowerCase()) !== undefined;
    return this.#begin({ subject: `oidc:${sub}`, name: isTaken ? `${name} (identity provider)` : name, role }, from);
  }

  /** Somebody whom the provider knows, and who is nobody here. */
  noteStranger(name: string, address: string): void {
    this.#note(name, address, 'login refused', 'known to the identity provider, without a role here');
  }

  /** @param secret of the cookie */
  end(secret: string, address: string): void {
    const { book, keeper } = this.#options;
    const session = book.sessionBySecret(secret);
    if (!session) return;
    keeper.endSession(session.id);
    this.#note(session.name, address, 'logged out', '');
  }

  /** undefined: the name or the password is wrong. Throws rate-limited. */
  async #verify(
    username: string,
    password: string,
    { address, mark }: Pick<LoginFrom, 'address' | 'mark'>,
  ): Promise<AccountRecord | undefined> {
    const { book, keeper, now } = this.#options;
    const name = username.trim().toLowerCase();
    const account = book.accountByName(name);
    const familiar = account && familiarName(mark, account);
    // What is refused like this is not noted: a flood must not push out what the log is for.
    const giveBack = this.#limits.take({ address, account: name, familiar }, now());
    const isRight = await isPassword(password, account?.password, familiar !== undefined);
    if (!account || !isRight) return undefined;
    giveBack();
    // Removed, or given another password, while this one was looked at.
    if (book.accounts.get(account.id)?.password !== account.password) return undefined;
    if (!isOutdated(account.password)) return account;
    const renewed = await hashPassword(password);
    await keeper
      .decide(() => {
        const present = book.accounts.get(account.id);
        return present?.password === account.password ? { accounts: [{ ...present, password: renewed }] } : {};
      })
      .catch(() => undefined);
    return book.accounts.get(account.id);
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
    keeper.beginSession({
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

  /** What was typed for a name may be a password: only a name that is one is noted. */
  #nameOf(typed: string): string {
    return this.#options.book.accountByName(typed.trim().toLowerCase())?.username ?? 'an unknown account';
  }

  #fail(who: string, address: string, says: string): never {
    this.#note(who, address, 'login refused', says);
    throw new AppError('unauthorized', says);
  }

  #note(who: string, address: string, act: string, target: string): void {
    this.#options.keeper.note({ atMs: this.#options.now(), who, address, act, target });
  }
}
