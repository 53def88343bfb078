import type {
  AccessChanges,
  AccessSnapshot,
  AuditQuery,
  AuditRecord,
  AuditRow,
  SessionRecord,
  TokenRecord,
} from '@/lib/core/access-record.ts';
import { ACCESS_LIMITS, type AccessBook } from './access-book.ts';

/** Where it is kept. All methods reject while that is away. */
export type AccessStore = {
  accessSnapshot(known?: number): Promise<AccessSnapshot | undefined>;
  saveAccess(changes: AccessChanges): Promise<void>;
  audit(query: AuditQuery): Promise<AuditRow[]>;
};

export type Changes = Omit<AccessChanges, 'auditKeptMax'>;

/** When a use is noted anew: each would be a commit. */
const USE_MS = 60_000;
const AUDIT_PENDING_MAX = 1000;

/**
 * Keeps the book and the store alike. What an administrator decides is stored before it counts; logins, last uses and the
 * audit log count at once, and are stored when the store is there.
 */
export class AccessKeeper {
  readonly #store: AccessStore;
  readonly #book: AccessBook;
  /** Another process stores, and here nothing may wait for that. */
  readonly #isReader: boolean;
  readonly #sessions = new Map<string, SessionRecord>();
  readonly #sessionsRemoved = new Set<string>();
  readonly #tokens = new Map<string, TokenRecord>();
  #audit: AuditRecord[] = [];
  #usesDueMs = 0;
  #version: number | undefined;
  #turns: Promise<unknown> = Promise.resolve();
  /** Entries of the audit log that were given up, as the store was away for too long. */
  auditLost = 0;

  constructor(store: AccessStore, book: AccessBook, { isReader = false } = {}) {
    this.#store = store;
    this.#book = book;
    this.#isReader = isReader;
  }

  /** Reads all of it, or what another process has changed. Returns whether anything has. */
  async refresh(): Promise<boolean> {
    const snapshot = await this.#store.accessSnapshot(this.#version);
    if (!snapshot) return false;
    this.#version = snapshot.version;
    this.#book.load(snapshot);
    return true;
  }

  /**
   * Stored, then true here. Rejects while the store is away; nothing has changed then.
   * @param decision asked when it is its turn: what it finds in the book is what it changes. What it throws is passed on
   */
  decide(decision: Changes | (() => Changes)): Promise<void> {
    return this.#inTurn(async () => {
      const changes = typeof decision === 'function' ? decision() : decision;
      await this.#store.saveAccess({ ...changes, auditKeptMax: ACCESS_LIMITS.auditKeptMax });
      this.#apply(changes);
    });
  }

  /** One after the other: a last use that is stored after a revocation would undo it. */
  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const turn = this.#turns.then(work);
    this.#turns = turn.catch(() => undefined);
    return turn;
  }

  #apply({ tokens = [], accounts = [], sessions = [], ...removed }: Changes): void {
    for (const id of removed.tokensRemoved ?? []) {
      this.#book.removeToken(id);
      // A last use that waits to be stored would bring it back there.
      this.#tokens.delete(id);
    }
    for (const id of removed.accountsRemoved ?? []) this.#book.removeAccount(id);
    for (const id of removed.sessionsRemoved ?? []) {
      this.#book.removeSession(id);
      this.#sessions.delete(id);
    }
    for (const token of tokens) {
      this.#book.putToken(token);
      this.#tokens.delete(token.id);
    }
    for (const account of accounts) this.#book.putAccount(account);
    for (const session of sessions) this.#book.putSession(session);
  }

  /**
   * A browser has logged in. The one that has not been used for the longest makes room: of the same somebody first, so
   * that nobody pushes out the others by logging in without an end.
   */
  beginSession(session: SessionRecord): void {
    this.#putSession(session);
    const own = this.#book.sessionsOf(session.subject);
    if (own.length > ACCESS_LIMITS.ofSubjectMax) this.#endOldest(own);
    if (this.#book.sessions.size > ACCESS_LIMITS.sessionsMax) this.#endOldest([...this.#book.sessions.values()]);
  }

  #putSession(session: SessionRecord): void {
    this.#book.putSession(session);
    if (this.#isReader) return;
    this.#sessions.set(session.id, session);
    this.#sessionsRemoved.delete(session.id);
  }

  #endOldest(sessions: readonly SessionRecord[]): void {
    const oldest = sessions.reduce((a, b) => (b.usedMs < a.usedMs ? b : a));
    this.endSession(oldest.id);
  }

  endSession(id: string): void {
    this.#book.removeSession(id);
    this.#sessions.delete(id);
    this.#sessionsRemoved.add(id);
  }

  touchSession(session: SessionRecord, nowMs: number, idleMs: number): void {
    if (nowMs - session.usedMs < Math.min(USE_MS, idleMs / 4)) return;
    this.#putSession({ ...session, usedMs: nowMs, expiresMs: Math.min(nowMs + idleMs, session.endsMs) });
  }

  touchToken(token: TokenRecord, nowMs: number): void {
    if (nowMs - (token.usedMs ?? 0) < USE_MS) return;
    const used = { ...token, usedMs: nowMs };
    this.#book.putToken(used);
    if (!this.#isReader) this.#tokens.set(token.id, used);
  }

  note(entry: AuditRecord): void {
    if (this.#isReader) return;
    if (this.#audit.length < AUDIT_PENDING_MAX) this.#audit.push(entry);
    else this.auditLost += 1;
  }

  /** Newest first, with what is not stored yet. */
  async auditPage(query: AuditQuery): Promise<AuditRow[]> {
    await this.flush(0);
    return this.#store.audit(query);
  }

  /** Stores what waits; last uses only now and then, since nobody waits for them. Rejects while the store is away. */
  flush(nowMs: number): Promise<void> {
    return this.#inTurn(() => this.#flush(nowMs));
  }

  async #flush(nowMs: number): Promise<void> {
    const hasUses = this.#tokens.size > 0 && nowMs >= this.#usesDueMs;
    const isWaiting = this.#sessions.size + this.#sessionsRemoved.size + this.#audit.length > 0;
    if (!isWaiting && !hasUses) return;
    this.#usesDueMs = nowMs + USE_MS;
    const sessions = [...this.#sessions.values()];
    const sessionsRemoved = [...this.#sessionsRemoved];
    const tokens = [...this.#tokens.values()];
    const audit = this.#audit;
    this.#audit = [];
    try {
      const { auditKeptMax } = ACCESS_LIMITS;
      await this.#store.saveAccess({ sessions, sessionsRemoved, tokens, audit, auditKeptMax });
    } catch (error) {
      this.#audit = [...audit, ...this.#audit].slice(0, AUDIT_PENDING_MAX);
      throw error;
    }
    // What has changed meanwhile is a record of its own, and waits for the next time.
    for (const session of sessions) if (this.#sessions.get(session.id) === session) this.#sessions.delete(session.id);
    for (const id of sessionsRemoved) this.#sessionsRemoved.delete(id);
    for (const token of tokens) if (this.#tokens.get(token.id) === token) this.#tokens.delete(token.id);
  }
}
