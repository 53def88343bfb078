import {
  type AccessChanges,
  type AccessSnapshot,
  type AccountRecord,
  type AuditQuery,
  type AuditRow,
  LOGIN_ACTS,
  type SessionRecord,
  type TokenRecord,
} from '@/lib/core/access-record.ts';
import type { PrismaClient } from '@/prisma/generated/client.ts';

const SAVE_TOKENS = upsert('AccessToken', [
  ...['id', 'name', 'digest', 'hint', 'role', 'services', 'level', 'createdBy'],
  ...['createdMs', 'expiresMs', 'revokedMs', 'usedMs'],
]);
const SAVE_ACCOUNTS = upsert('Account', ['id', 'username', 'password', 'role', 'createdBy', 'createdMs']);
const SAVE_SESSIONS = upsert('LoginSession', [
  ...['id', 'digest', 'subject', 'name', 'role', 'address', 'userAgent'],
  ...['createdMs', 'usedMs', 'expiresMs', 'endsMs'],
]);
const ADD_AUDIT = `INSERT INTO "AuditEntry" (atMs, who, address, act, target) SELECT ${picked('atMs')}, ${picked('who')},
  ${picked('address')}, ${picked('act')}, ${picked('target')} FROM json_each(?1) ORDER BY key`;
const LOGINS = LOGIN_ACTS.map((act) => `'${act}'`).join(', ');
const CUT_AUDIT = ['IN', 'NOT IN'].map((which) => {
  const these = `act ${which} (${LOGINS})`;
  const newest = `SELECT id FROM "AuditEntry" WHERE ${these} ORDER BY id DESC LIMIT 1 OFFSET ?1`;
  return `DELETE FROM "AuditEntry" WHERE ${these} AND id <= (${newest})`;
});
const NEXT_VERSION = `INSERT INTO "AccessVersion" (id, version) VALUES (1, 1)
  ON CONFLICT (id) DO UPDATE SET version = version + 1`;

function picked(column: string): string {
  return `value->>'${column}'`;
}

/** Rows come as one JSON array: one statement, however many there are. */
function upsert(table: string, columns: readonly string[]): string {
  const updates = columns.filter((column) => column !== 'id').map((column) => `${column} = excluded.${column}`);
  return `INSERT INTO "${table}" (${columns.join(', ')}) SELECT ${columns.map(picked).join(', ')}
    FROM json_each(?1) WHERE true ON CONFLICT (id) DO UPDATE SET ${updates.join(', ')}`;
}

/** All of it in one transaction. */
export async function saveAccess(prisma: PrismaClient, changes: AccessChanges): Promise<void> {
  const { tokens = [], accounts = [], sessions = [], audit = [], auditKeptMax } = changes;
  const save = async (sql: string, rows: readonly unknown[]): Promise<void> => {
    if (rows.length > 0) await prisma.$executeRawUnsafe(sql, JSON.stringify(rows));
  };
  const remove = (table: string, ids: readonly string[] = []): Promise<void> =>
    save(`DELETE FROM "${table}" WHERE id IN (SELECT value FROM json_each(?1))`, ids);
  await prisma.$executeRawUnsafe('BEGIN IMMEDIATE');
  try {
    await remove('AccessToken', changes.tokensRemoved);
    await remove('Account', changes.accountsRemoved);
    await remove('LoginSession', changes.sessionsRemoved);
    await save(
      SAVE_TOKENS,
      tokens.map((token) => ({ ...token, services: token.services && JSON.stringify(token.services) })),
    );
    await save(SAVE_ACCOUNTS, accounts);
    await save(SAVE_SESSIONS, sessions);
    await save(ADD_AUDIT, audit);
    if (audit.length > 0) for (const cut of CUT_AUDIT) await prisma.$executeRawUnsafe(cut, auditKeptMax);
    await prisma.$executeRawUnsafe(NEXT_VERSION);
    await prisma.$executeRawUnsafe('COMMIT');
  } catch (error) {
    await prisma.$executeRawUnsafe('ROLLBACK').catch(() => undefined);
    throw error;
  }
}

/** @param known the version that the caller has; while it is the present one there is nothing to tell */
export async function readAccess(prisma: PrismaClient, known: number | undefined): Promise<AccessSnapshot | undefined> {
  // First: what is written while the rest is read makes the next question find another version.
  const version = Number((await prisma.accessVersion.findUnique({ where: { id: 1 } }))?.version ?? 0);
  if (version === known) return undefined;
  const tokens = await prisma.accessToken.findMany();
  const accounts = await prisma.account.findMany();
  const sessions = await prisma.loginSession.findMany();
  return {
    version,
    tokens: tokens.map(({ services, ...row }) => {
      return plain({ ...row, services: services === null ? null : JSON.parse(services) }) as TokenRecord;
    }),
    accounts: accounts.map((row) => plain(row) as AccountRecord),
    sessions: sessions.map((row) => plain(row) as SessionRecord),
  };
}

export async function readAudit(
  prisma: PrismaClient,
  { limit, beforeMs, withoutLogins }: AuditQuery,
): Promise<AuditRow[]> {
  const rows = await prisma.auditEntry.findMany({
    where: {
      ...(beforeMs !== undefined && { atMs: { lt: BigInt(beforeMs) } }),
      ...(withoutLogins && { act: { notIn: [...LOGIN_ACTS] } }),
    },
    orderBy: { id: 'desc' },
    take: limit,
  });
  return rows.map((row) => plain(row) as AuditRow);
}

/** Times are stored as BigInt, and are numbers everywhere else. */
function plain(row: object): unknown {
  return Object.fromEntries(
    Object.entries(row).map(([name, value]) => [name, typeof value === 'bigint' ? Number(value) : value]),
  );
}
