import type { Level } from './level.ts';
import type { Role } from './principal.ts';

/** A bearer token as it is kept: its digest, never itself. It does not change after it was made, but for its end. */
export type TokenRecord = {
  readonly id: string;
  readonly name: string;
  /** SHA-256 of the token, in hex. */
  readonly digest: string;
  /** Its first characters, to be recognised by. */
  readonly hint: string;
  readonly role: Role;
  /** Of an ingest key: those it may send for. Of a viewer: those it sees. null: all. */
  readonly services: readonly string[] | null;
  /** Of a viewer: the least level that it sees. */
  readonly level: Level | null;
  readonly createdBy: string;
  /** Times in ms since 1970. */
  readonly createdMs: number;
  readonly expiresMs: number | null;
  readonly revokedMs: number | null;
  readonly usedMs: number | null;
};

export type AccountRecord = {
  readonly id: string;
  readonly username: string;
  /** Self-describing hash, see `lib/access/password.ts`. */
  readonly password: string;
  readonly role: Role;
  readonly createdBy: string;
  readonly createdMs: number;
};

/** A browser that has logged in. */
export type SessionRecord = {
  readonly id: string;
  /** SHA-256 of what its cookie holds, in hex. */
  readonly digest: string;
  /** Whose it is: `account:…`, `token:…`, `setting:…`, `once:…` or `oidc:…`. */
  readonly subject: string;
  readonly name: string;
  /** Of its own, where the subject is not kept here. */
  readonly role: Role;
  readonly address: string;
  readonly userAgent: string;
  readonly createdMs: number;
  readonly usedMs: number;
  /** It ends then unless it is used before. */
  readonly expiresMs: number;
  /** It ends then in any case. */
  readonly endsMs: number;
};

/** An administrative act, or the try. */
export type AuditRecord = {
  readonly atMs: number;
  readonly who: string;
  readonly address: string;
  /** Such as `token made`. */
  readonly act: string;
  /** What it was done to, in a few words; never a secret. */
  readonly target: string;
};

/**
 * What anybody can have noted, as often as they like. It is kept apart from what was done by those who may, which it must
 * not push out.
 */
export const LOGIN_ACTS = ['logged in', 'logged out', 'login refused'] as const;

/** As it is kept; `id` grows. */
export type AuditRow = AuditRecord & { readonly id: number };

export type AccessSnapshot = {
  /** Grows with every change. */
  readonly version: number;
  readonly tokens: readonly TokenRecord[];
  readonly accounts: readonly AccountRecord[];
  readonly sessions: readonly SessionRecord[];
};

/** All of it is stored, or none. */
export type AccessChanges = {
  readonly tokens?: readonly TokenRecord[];
  readonly accounts?: readonly AccountRecord[];
  /** By id. */
  readonly accountsRemoved?: readonly string[];
  readonly tokensRemoved?: readonly string[];
  readonly sessions?: readonly SessionRecord[];
  readonly sessionsRemoved?: readonly string[];
  readonly audit?: readonly AuditRecord[];
  /** The newest so many stay: of logins and tries, and of everything else. */
  readonly auditKeptMax: number;
};

/** Newest first. */
export type AuditQuery = {
  readonly limit: number;
  readonly beforeMs?: number;
  /** Only what was done by those who may, see `LOGIN_ACTS`. */
  readonly withoutLogins?: boolean;
};
