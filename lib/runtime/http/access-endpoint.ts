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
  type TokenRequest,
  type TokenRow,
  tokenRequestSchema,
} from '@/lib/wire/access-pages.ts';
import { changeAccount } from '../access/change-account.ts';
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
  const wish = parseWith(tokenRequestSchema, await jsonBody(request));
  const token = makeToken();
  const record = recordOf(wish, token, principal);
  const audit = [entryOf(app, request, principal, 'token made', `"${record.name}", ${record.role}`)];
  await app.access.keeper.decide(() => ({ tokens: [record], tokensRemoved: roomFor(app, record), audit }));
  return Response.json({ token, row: tokenRow(record) } satisfies TokenMade, { status: 201, headers: NO_STORE });
}

function recordOf({ name, role, services, level, days }: TokenRequest, token: string, by: Principal): TokenRecord {
  const nowMs = Date.now();
  return {
    ...{ id: randomId(), name, digest: digestOf(token), hint: hintOf(token), role },
    services: services ? [...new Set(services)].sort() : null,
    level: level ?? null,
    createdBy: by.name,
    createdMs: nowMs,
    expiresMs: days === undefined ? null : Math.round(nowMs + days * DAY_MS),
    revokedMs: null,
    usedMs: null,
  };
}

/** Those that have to go for a new one: of those that have ended the oldest; one that is good never does. Throws bad-request. */
function roomFor({ access }: Runtime, { name, createdMs: nowMs }: TokenRecord): string[] {
  const others = [...access.book.tokens.values()];
  const isGood = ({ revokedMs, expiresMs }: TokenRecord) => revokedMs === null && (expiresMs ?? nowMs + 1) > nowMs;
  if (others.some((token) => token.name === name && isGood(token))) {
    throw new AppError('bad-request', `name: there is a token "${name}" already; revoke it, or choose another name`);
  }
  if (others.length < ACCESS_LIMITS.tokensMax) return [];
  const [ended] = others.filter((token) => !isGood(token)).sort((a, b) => a.createdMs - b.createdMs);
  if (ended) return [ended.id];
  throw new AppError('bad-request', `there are as many tokens as there may be: ${others.length}; revoke some`);
}

/** `DELETE /api/access/tokens/:id`: revokes it, and ends what goes on with it. */
export async function deleteToken(app: Runtime, request: Request, principal: Principal, id: string): Promise<Response> {
  const { book, keeper } = app.access;
  await keeper.decide(() => {
    const token = book.tokens.get(id);
    if (!token) throw new AppError('not-found', 'there is no such token');
    if (token.revokedMs !== null) return {};
    const audit = [entryOf(app, request, principal, 'token revoked', `"${token.name}", ${token.role}`)];
    const sessionsRemoved = book.sessionsOf(`token:${id}`).map((session) => session.id);
    return { tokens: [{ ...token, revokedMs: Date.now() }], sessionsRemoved, audit };
  });
  app.accessWatch.sweep();
  return new Response(null, { status: 204 });
}

/** `POST /api/access/accounts`. */
export async function postAccount(app: Runtime, request: Request, principal: Principal): Promise<Response> {
  const { username, password, role } = parseWith(accountRequestSchema, await jsonBody(request));
  const { book, keeper } = app.access;
  const refuse = (): void => {
    if (book.accounts.size >= ACCESS_LIMITS.accountsMax) {
      throw new AppError('bad-request', `there are as many accounts as there may be: ${ACCESS_LIMITS.accountsMax}`);
    }
    if (book.accountByName(username)) throw new AppError('bad-request', `username: "${username}" is taken`);
  };
  refuse();
  const account: AccountRecord = {
    ...{ id: randomId(), username, password: await hashPassword(password), role, createdBy: principal.name },
    createdMs: Date.now(),
  };
  const audit = [entryOf(app, request, principal, 'account made', `"${username}", ${role}`)];
  await keeper.decide(() => {
    // Again: another may have been made meanwhile.
    refuse();
    return { accounts: [account], audit };
  });
  return Response.json(accountRow(account), { status: 201, headers: NO_STORE });
}

/** `PUT /api/access/accounts/:id`: another password or role; its logins end, but for the one that asks. */
export async function putAccount(app: Runtime, request: Request, principal: Principal, id: string): Promise<Response> {
  const asked = parseWith(accountChangeSchema, await jsonBody(request));
  const password = asked.password === undefined ? undefined : await hashPassword(asked.password);
  const changed = await changeAccount(app.access, id, principal, (present) => {
    const role = asked.role ?? present.role;
    refuseLockout(app, present, role === 'admin');
    const what = [password === undefined ? [] : ['password'], role === present.role ? [] : [`role ${role}`]].flat();
    const target = `"${present.username}": ${what.join(', ') || 'nothing'}`;
    const audit = entryOf(app, request, principal, 'account changed', target);
    return { account: { ...present, role, ...(password !== undefined && { password }) }, audit };
  });
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
  await changeAccount(app.access, id, undefined, (present) => {
    refuseLockout(app, present, false);
    const audit = entryOf(app, request, principal, 'account removed', `"${present.username}", ${present.role}`);
    return { account: undefined, audit };
  });
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

/** `GET /api/audit?limit=100&before=<ms>&logins=0`, newest first; without logins where they are not wanted. */
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
  const entries = await app.access.keeper.auditPage({
    limit,
    ...(before !== null && { beforeMs }),
    withoutLogins: query.get('logins') === '0',
  });
  return Response.json({ entries } satisfies AuditPage, { headers: NO_STORE });
}

function tokenRow({ digest: _, ...row }: TokenRecord): TokenRow {
  return row;
}

function accountRow({ password: _, ...row }: AccountRecord): AccountRow {
  return row;
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
