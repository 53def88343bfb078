import type { AccessSnapshot, AccountRecord, SessionRecord, TokenRecord } from '@/lib/core/access-record.ts';
import type { Principal } from '@/lib/core/principal.ts';
import { digestOf, isSameDigest } from './secret.ts';

export const ACCESS_LIMITS = {
  tokensMax: 1000,
  accountsMax: 1000,
  sessionsMax: 5000,
  ofSubjectMax: 50,
  auditKeptMax: 10_000,
} as const;
const UNGUESSED_CHARS = 32;
const SHORT_DIGEST_CHARS = 16;

/** Everything needed to decide who may come in, in memory: an outage of the store locks nobody out. */
export class AccessBook {
  readonly tokens = new Map<string, TokenRecord>();
  readonly accounts = new Map<string, AccountRecord>();
  readonly sessions = new Map<string, SessionRecord>();
  readonly #tokenIds = new Map<string, string>();
  readonly #accountIds = new Map<string, string>();
  readonly #sessionIds = new Map<string, string>();
  /** The token of the settings; undefined: none. */
  readonly #settingDigest: string | undefined;
  /** Somebody has thought it up: it may be guessed, as none of ours is. */
  readonly isSettingShort: boolean;

  constructor(settingToken: string | undefined) {
    this.#settingDigest = settingToken === undefined ? undefined : digestOf(settingToken);
    this.isSettingShort = settingToken !== undefined && settingToken.length < UNGUESSED_CHARS;
  }

  load({ tokens, accounts, sessions }: AccessSnapshot): void {
    for (const map of [this.tokens, this.accounts, this.sessions]) map.clear();
    for (const map of [this.#tokenIds, this.#accountIds, this.#sessionIds]) map.clear();
    for (const token of tokens) this.putToken(token);
    for (const account of accounts) this.putAccount(account);
    for (const session of sessions) this.putSession(session);
  }

  putToken(token: TokenRecord): void {
    this.tokens.set(token.id, token);
    this.#tokenIds.set(token.digest, token.id);
  }
  putAccount(account: AccountRecord): void {
    this.accounts.set(account.id, account);
    this.#accountIds.set(account.username, account.id);
  }
  putSession(session: SessionRecord): void {
    this.sessions.set(session.id, session);
    this.#sessionIds.set(session.digest, session.id);
  }

  removeToken(id: string): void {
    this.#tokenIds.delete(this.tokens.get(id)?.digest ?? '');
    this.tokens.delete(id);
  }
  removeAccount(id: string): void {
    this.#accountIds.delete(this.accounts.get(id)?.username ?? '');
    this.accounts.delete(id);
  }
  removeSession(id: string): void {
    this.#sessionIds.delete(this.sessions.get(id)?.digest ?? '');
    this.sessions.delete(id);
  }

  tokenBySecret(secret: string): TokenRecord | undefined {
    return this.tokens.get(this.#tokenIds.get(digestOf(secret)) ?? '');
  }
  sessionBySecret(secret: string): SessionRecord | undefined {
    return this.sessions.get(this.#sessionIds.get(digestOf(secret)) ?? '');
  }
  accountByName(username: string): AccountRecord | undefined {
    return this.accounts.get(this.#accountIds.get(username) ?? '');
  }
  sessionsOf(subject: string): SessionRecord[] {
    return [...this.sessions.values()].filter((session) => session.subject === subject);
  }

  isSettingToken(secret: string): boolean {
    return this.#settingDigest !== undefined && isSameDigest(digestOf(secret), this.#settingDigest);
  }
  /** Changes with the token, so that a login by an earlier one has ended. */
  get settingSubject(): string {
    return `setting:${this.#settingDigest?.slice(0, SHORT_DIGEST_CHARS) ?? ''}`;
  }

  /**
   * Somebody can come in and let others in.
   * @param without an account that does not count
   */
  hasAdmin(nowMs: number, without?: string): boolean {
    if (this.#settingDigest !== undefined) return true;
    if ([...this.accounts.values()].some(({ id, role }) => role === 'admin' && id !== without)) return true;
    return [...this.tokens.values()].some((token) => token.role === 'admin' && isGood(token, nowMs));
  }

  /** undefined: it has expired, or was revoked. */
  principalOfToken(token: TokenRecord, nowMs: number): Principal | undefined {
    if (!isGood(token, nowMs)) return undefined;
    const { id, name, role, services, level, expiresMs } = token;
    const isSender = role === 'ingest';
    const sees = role === 'viewer' && (services !== null || level !== null);
    return {
      ...{ id: `token:${id}`, name, kind: 'token', role },
      ...(isSender && services !== null && { services }),
      ...(sees && { sees: { ...(services !== null && { services }), ...(level !== null && { level }) } }),
      ...(expiresMs !== null && { expiresMs }),
    };
  }

  principalOfAccount(account: AccountRecord): Principal {
    const { id, username, role } = account;
    return { id: `account:${id}`, name: username, kind: 'account', role, account: id, stamp: stampOf(account) };
  }

  /** undefined: it has ended, or whose it was may not come in any more. */
  principalOfSession(session: SessionRecord, nowMs: number): Principal | undefined {
    const { id, subject, name, role, expiresMs, endsMs } = session;
    const untilMs = Math.min(expiresMs, endsMs);
    if (untilMs <= nowMs) return undefined;
    const base = { id: `session:${id}`, name, kind: 'session', expiresMs: untilMs } as const;
    const [kind, key = ''] = subject.split(':', 2);
    if (kind === 'account') {
      const account = this.accounts.get(key);
      return account && { ...base, name: account.username, role: account.role, account: key };
    }
    if (kind === 'token') {
      const token = this.tokens.get(key);
      const whose = token && this.principalOfToken(token, nowMs);
      return whose && { ...whose, ...base, expiresMs: Math.min(untilMs, whose.expiresMs ?? untilMs) };
    }
    if (kind === 'setting' && subject !== this.settingSubject) return undefined;
    return { ...base, role };
  }

  /** Whoever was let in may still be here. */
  isStanding({ kind, id, expiresMs, stamp }: Principal, nowMs: number): boolean {
    const key = id.slice(id.indexOf(':') + 1);
    if (kind === 'token') {
      const token = this.tokens.get(key);
      return token !== undefined && isGood(token, nowMs);
    }
    if (kind === 'session') {
      const session = this.sessions.get(key);
      return session !== undefined && this.principalOfSession(session, nowMs) !== undefined;
    }
    if (kind === 'account') {
      const account = this.accounts.get(key);
      return account !== undefined && stampOf(account) === stamp;
    }
    return expiresMs === undefined || expiresMs > nowMs;
  }
}

function stampOf({ password, role }: AccountRecord): string {
  return digestOf(`${role} ${password}`).slice(0, SHORT_DIGEST_CHARS);
}

function isGood({ revokedMs, expiresMs }: TokenRecord, nowMs: number): boolean {
  return revokedMs === null && (expiresMs === null || expiresMs > nowMs);
}
