import { z } from 'zod';
import type { AccountRecord, AuditRow, SessionRecord, TokenRecord } from '@/lib/core/access-record.ts';
import { NAME_CHARS_MAX } from '@/lib/core/event.ts';
import { FILTER_SERVICES_MAX } from '@/lib/core/filter.ts';
import { LEVELS } from '@/lib/core/level.ts';
import type { Need, Role } from '@/lib/core/principal.ts';

const DAYS_MAX = 3660;
export const PASSWORD_CHARS_MIN = 10;
export const PASSWORD_CHARS_MAX = 200;

const name = z
  .string()
  .trim()
  .regex(/^\P{Cc}{1,60}$/u, 'expected 1 to 60 characters');

/** `POST /api/login`: one of three ways. */
export const loginSchema = z.union(
  [
    z.strictObject({ username: z.string().max(100), password: z.string().max(1000) }),
    z.strictObject({ token: z.string().min(1).max(1000) }),
    z.strictObject({ once: z.string().min(1).max(1000) }),
  ],
  { error: 'expected {"username","password"}, {"token"} or {"once"}' },
);

/** `POST /api/access/tokens`. */
export const tokenRequestSchema = z
  .strictObject({
    name,
    role: z.enum(['ingest', 'viewer', 'operator', 'admin']),
    /** Of an ingest key: those it may send for; of a viewer: those it sees. Absent: all. */
    services: z.array(z.string().trim().min(1).max(NAME_CHARS_MAX)).min(1).max(FILTER_SERVICES_MAX).optional(),
    /** Of a viewer: the least level that it sees. */
    level: z.enum(LEVELS).optional(),
    /** Absent: it does not expire. */
    days: z.number().positive().max(DAYS_MAX).optional(),
  })
  .refine(({ role, services }) => services === undefined || role === 'ingest' || role === 'viewer', {
    path: ['services'],
    error: 'expected none: an operator and an admin see all of them',
  })
  .refine(({ role, level }) => level === undefined || role === 'viewer', {
    path: ['level'],
    error: 'expected none: only what a viewer sees can be limited to a level',
  });
export type TokenRequest = z.infer<typeof tokenRequestSchema>;

const password = z
  .string()
  .min(PASSWORD_CHARS_MIN, `expected at least ${PASSWORD_CHARS_MIN} characters`)
  .max(PASSWORD_CHARS_MAX, `expected at most ${PASSWORD_CHARS_MAX} characters`);
const accountRole = z.enum(['viewer', 'operator', 'admin']);

/** `POST /api/access/accounts`. */
export const accountRequestSchema = z.strictObject({
  username: z
    .string()
    .trim()
    .toLowerCase()
    .regex(/^[a-z0-9._@-]{1,60}$/, 'expected 1 to 60 of the characters a-z, 0-9, ".", "_", "@" and "-"'),
  password,
  role: accountRole,
});

/** `PUT /api/access/accounts/:id`: ends the logins of that account. */
export const accountChangeSchema = z
  .strictObject({ password: password.optional(), role: accountRole.optional() })
  .refine(({ password: given, role }) => given !== undefined || role !== undefined, 'expected "password" or "role"');

/** `PUT /api/access/password`: ends the other logins of whoever asks. */
export const passwordChangeSchema = z.strictObject({ current: z.string().min(1).max(1000), password });

export type TokenRow = Omit<TokenRecord, 'digest'>;
export type AccountRow = Omit<AccountRecord, 'password'>;
export type SessionRow = Omit<SessionRecord, 'digest' | 'subject'> & {
  /** How it has come in: `account`, `token`, `setting`, `once` or `oidc`. */
  readonly by: string;
  /** It is the one that asks. */
  readonly isOwn: boolean;
};

/** `GET /api/access`. */
export type AccessPage = {
  readonly tokens: readonly TokenRow[];
  readonly accounts: readonly AccountRow[];
  readonly sessions: readonly SessionRow[];
};

/** The answer to a new token: the only time that it is shown. */
export type TokenMade = { readonly token: string; readonly row: TokenRow };

/** `GET /api/audit`, newest first. */
export type AuditPage = { readonly entries: readonly AuditRow[] };

/** Who the page is shown to. */
export type Visitor = {
  readonly name: string;
  readonly role: Role;
  /** It has logged in, and can log out; otherwise it came in without. */
  readonly hasLoggedIn: boolean;
  /** It is an account, whose password it may change. */
  readonly hasPassword: boolean;
  readonly may: readonly Need[];
};
