import { ACCESS_LIMITS } from '@/lib/access/access-book.ts';
import { hashPassword } from '@/lib/access/password.ts';
import { digestOf, hintOf, makeToken } from '@/lib/access/secret.ts';
import type { AccountRecord, AuditRecord, TokenRecord } from '@/lib/core/access-record.ts';
import { AppError } from '@/lib/core/errors.ts';
import { randomId } from '@/lib/core/position.ts';
import type { Principal } from '@/lib/core/principal.ts';
import {
  type AccessPage,
  type AccountRow,
  type AuditPage,
  accountChangeSchema,
  accountRequestSchema,
  type TokenMade,
  type TokenRow,
  tokenRequestSchema,
} from '@/lib/wire/access-pages.ts';
import type { Runtime } from '../create-runtime.ts';
import { jsonBody } from './json-body.ts';
import { parseWith } from './parse-with.ts';
import { askedOf } from './respond.ts';

const DAY_MS = 24 * 3_600_000;
const NO_STORE = { 'Cache-Control': 'no-store' };
const AUDIT_LIMIT = { default: 100, max: 1000 };

/** `GET /api/access`: tokens, accounts and logins; no secret is in it. */
export function getAccess({ access }: Runtime, _request: Request, principal: Principal): Response {
  const { tokens, accounts, sessions } = access.book;
  const nowMs = Date.now();
  const page: AccessPage = {
    tokens: [...tokens.values()].map(tokenRow).sort((a, b) => b.createdMs - a.createdMs),
    accounts: [...accounts.values()].map(accountRow).sort((a, b) => (a.username < b.username ? -1 : 1)),
    sessions: [...sessions.values()]
      .filter((session) => access.book.principalOfSession(session, nowMs))
      .map(({ digest: _, subject, ...row }) => {
        return { ...row, by: subject.split(':', 1)[0] ?? '', isOwn: principal.id === `session:${row.id}` };
      })
      .sort((a, b) => b.usedMs - a.usedMs),
  };
  return Response.json(page, { headers: NO_STORE });
}

/** `POST /api/access/tokens`: the only answer that ever shows the token. */
export async function postToken(app: Runtime, request: Request, principal: Principal): Promise<Response> {
  const { name, role, services, level, days } = parseWith(tokenRequestSchema, await jsonBody(request));
  const { tokens } = app.access.book;
  const nowMs = Date.now();
  const others = [...tokens.values()];
  const isGood = ({ revokedMs, expiresMs }: TokenRecord) => revokedMs === null && (expiresMs ?? nowMs + 1) > nowMs;
  if (others.some((token) => token.name === name && isGood(token))) {
    throw new AppError('bad-request', `name: there is a token "${name}" already; revoke it, or choose another name`);
  }
  // Those that have ended make room, the oldest first; one that is good never does.
  const [ended] = others.filter((token) => !isGood(token)).sort((a, b) => a.createdMs - b.createdMs);
  if (tokens.size >= ACCESS_LIMITS.tokensMax && !ended) {
    throw new AppError('bad-request', `there are as many tokens as there may be: ${tokens.size}; revoke some`);
  }
  const token = makeToken();
  const record: TokenRecord = {
    ...{ id: randomId(), name, digest: digestOf(token), hint: hintOf(token), role },
    services: services ? [...new Set(services)].sort() : null,
    level: level ?? null,
    createdBy: principal.name,
    createdMs: nowMs,
    expiresMs: days === undefined ? null : Math.round(nowMs + days * DAY_MS),
    revokedMs: null,
    usedMs: null,
  };
  const tokensRemoved = tokens.size >= ACCESS_LIMITS.tokensMax && ended ? [ended.id] : [];
  const audit = [entryOf(app, request, principal, 'token made', `"${name}", ${role}`)];
  await app.access.keeper.decide({ tokens: [record], tokensRemoved, audit });
  return Response.json({ token, row: tokenRow(record) } satisfies TokenMade, { status: 201, headers: NO_STORE });
}

/** `DELETE /api/access/tokens/:id`: revokes it, and ends what goes on with it. */
export async function deleteToken(app: Runtime, request: Request, principal: Principal, id: string): Promise<Response> {
  const token = app.access.book.tokens.get(id);
  if (!token) throw new AppError('not-found', 'there is no such token');
  if (token.revokedMs === null) {
    const audit = [entryOf(app, request, principal, 'token revoked', `"${token.name}", ${token.role}`)];
    const sessionsRemoved = app.access.book.sessionsOf(`token:${id}`).map((session) => session.id);
    await app.access.keeper.decide({ tokens: [{ ...token, revokedMs: Date.now() }], sessionsRemoved, audit });
    app.accessWatch.sweep();
  }
  return new Response(null, { status: 204 });
}

/** `POST /api/access/accounts`. */
export async function postAccount(app: Runtime, request: Request, principal: Principal): Promise<Response> {
  const { username, password, role } = parseWith(accountRequestSchema, await jsonBody(request));
  const { book, keeper } = app.access;
  if (book.accounts.size >= ACCESS_LIMITS.accountsMax) {
    throw new AppError('bad-request', `there are as many accounts as there may be: ${ACCESS_LIMITS.accountsMax}`);
  }
  const hash = await hashPassword(password);
  if (book.accountByName(username)) throw new AppError('bad-request', `username: "${username}" is taken`);
  const account: AccountRecord = {
    ...{ id: randomId(), username, password: hash, role, createdBy: principal.name },
    createdMs: Date.now(),
  };
  const audit = [entryOf(app, request, principal, 'account made', `"${username}", ${role}`)];
  await keeper.decide({ accounts: [account], audit });
  return Response.json(accountRow(account), { status: 201, headers: NO_STORE });
}

/** `PUT /api/access/accounts/:id`: another password or role; its logins end, but for the one that asks. */
export async function putAccount(app: Runtime, request: Request, principal: Principal, id: string): Promise<Response> {
  const account = accountOf(app, id);
  const { password, role = account.role } = parseWith(accountChangeSchema, await jsonBody(request));
  refuseLockout(app, account, role === 'admin');
  const changed = { ...account, role, ...(password !== undefined && { password: await hashPassword(password) }) };
  const what = [password === undefined ? [] : ['password'], role === account.role ? [] : [`role ${role}`]].flat();
  const audit = [entryOf(app, request, principal, 'account changed', `"${account.username}": ${what.join(', ')}`)];
  await app.access.keeper.decide({ accounts: [changed], sessionsRemoved: loginsOf(app, id, principal), audit });
  app.accessWatch.sweep();
  return Response.json(accountRow(changed), { headers: NO_STORE });
}

/** `DELETE /api/access/accounts/:id`. */
export async function deleteAccount(
  app: Runtime,
  request: Request,
  principal: Principal,
  id: string,
): Promise<Response> {
  const account = accountOf(app, id);
  refuseLockout(app, account, false);
  const audit = [entryOf(app, request, principal, 'account removed', `"${account.username}", ${account.role}`)];
  await app.access.keeper.decide({ accountsRemoved: [id], sessionsRemoved: loginsOf(app, id, undefined), audit });
  app.accessWatch.sweep();
  return new Response(null, { status: 204 });
}

/** `DELETE /api/access/sessions/:id`: logs a browser out. */
export async function deleteSession(
  app: Runtime,
  request: Request,
  principal: Principal,
  id: string,
): Promise<Response> {
  const session = app.access.book.sessions.get(id);
  if (!session) throw new AppError('not-found', 'there is no such login; it has ended');
  const audit = [entryOf(app, request, principal, 'login ended', `of "${session.name}" at ${session.address}`)];
  await app.access.keeper.decide({ sessionsRemoved: [id], audit });
  app.accessWatch.sweep();
  return new Response(null, { status: 204 });
}

/** `GET /api/audit?limit=100&before=<ms>`, newest first. */
export async function getAudit(app: Runtime, request: Request): Promise<Response> {
  const query = new URL(request.url).searchParams;
  const limit = Number(query.get('limit') ?? AUDIT_LIMIT.default);
  if (!(Number.isInteger(limit) && limit >= 1 && limit <= AUDIT_LIMIT.max)) {
    throw new AppError('bad-request', `limit: expected a whole number from 1 to ${AUDIT_LIMIT.max}`);
  }
  const before = query.get('before');
  const beforeMs = Number(before);
  if (before !== null && !Number.isSafeInteger(beforeMs)) {
    throw new AppError('bad-request', 'before: expected a time in ms since 1970');
  }
  const entries = await app.access.keeper.auditPage({ limit, ...(before !== null && { beforeMs }) });
  return Response.json({ entries } satisfies AuditPage, { headers: NO_STORE });
}

function tokenRow({ digest: _, ...row }: TokenRecord): TokenRow {
  return row;
}

function accountRow({ password: _, ...row }: AccountRecord): AccountRow {
  return row;
}

function accountOf({ access }: Runtime, id: string): AccountRecord {
  const account = access.book.accounts.get(id);
  if (!account) throw new AppError('not-found', 'there is no such account');
  return account;
}

function loginsOf({ access }: Runtime, accountId: string, kept: Principal | undefined): string[] {
  const sessions = access.book.sessionsOf(`account:${accountId}`);
  return sessions.map(({ id }) => id).filter((id) => kept?.id !== `session:${id}`);
}

/** The last administrator cannot be lost by mistake where nobody comes in without one. */
function refuseLockout({ access }: Runtime, account: AccountRecord, staysAdmin: boolean): void {
  if (staysAdmin || account.role !== 'admin' || !access.isDemanded) return;
  if (access.book.hasAdmin(Date.now(), account.id)) return;
  throw new AppError('bad-request', 'this is the last administrator; make another one first');
}

function entryOf(app: Runtime, request: Request, { name }: Principal, act: string, target: string): AuditRecord {
  return { atMs: Date.now(), who: name, address: app.access.addressOf(askedOf(request)), act, target };
}
