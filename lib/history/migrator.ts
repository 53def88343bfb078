import { createHash, randomUUID } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { PrismaClient } from '@/prisma/generated/client.ts';

const LEDGER = `CREATE TABLE IF NOT EXISTS "_prisma_migrations" (
    "id"                    TEXT PRIMARY KEY NOT NULL,
    "checksum"              TEXT NOT NULL,
    "finished_at"           DATETIME,
    "migration_name"        TEXT NOT NULL,
    "logs"                  TEXT,
    "rolled_back_at"        DATETIME,
    "started_at"            DATETIME NOT NULL DEFAULT current_timestamp,
    "applied_steps_count"   INTEGER UNSIGNED NOT NULL DEFAULT 0
)`;

type Applied = { migration_name: string; checksum: string };

/**
 * Applies `prisma/migrations/*` in order, each in one transaction, and records them as `prisma migrate deploy` would, so
 * that either can take over from the other. Boot must not need Prisma's schema engine, which is a separate download.
 */
export async function migrate(prisma: PrismaClient, directory: string): Promise<string[]> {
  await prisma.$executeRawUnsafe(LEDGER);
  const applied = await prisma.$queryRawUnsafe<Applied[]>(
    'SELECT migration_name, checksum FROM "_prisma_migrations" WHERE finished_at IS NOT NULL AND rolled_back_at IS NULL',
  );
  const checksums = new Map(applied.map((row) => [row.migration_name, row.checksum]));
  const fresh: string[] = [];
  for (const name of await migrationNames(directory)) {
    const sql = await readFile(join(directory, name, 'migration.sql'), 'utf8');
    const checksum = createHash('sha256').update(sql).digest('hex');
    const known = checksums.get(name);
    if (known === undefined) {
      await apply(prisma, name, sql, checksum);
      fresh.push(name);
    } else if (known !== checksum) {
      throw new Error(
        `migration ${name} was changed after it had been applied; restore the file, or add a new migration`,
      );
    }
  }
  return fresh;
}

async function migrationNames(directory: string): Promise<string[]> {
  const entries = await readdir(directory, { withFileTypes: true });
  return entries
    .filter((entry) => entry.isDirectory())
    .map((entry) => entry.name)
    .sort();
}

async function apply(prisma: PrismaClient, name: string, sql: string, checksum: string): Promise<void> {
  // Plain BEGIN on the one connection: the adapter's own transactions would go on with another one, without our pragmas.
  await prisma.$executeRawUnsafe('BEGIN IMMEDIATE');
  try {
    for (const statement of splitStatements(sql)) await prisma.$executeRawUnsafe(statement);
    await prisma.$executeRawUnsafe(
      `INSERT INTO "_prisma_migrations" (id, checksum, finished_at, migration_name, started_at, applied_steps_count)
       VALUES (?1, ?2, ?3, ?4, ?3, 1)`,
      randomUUID(),
      checksum,
      new Date().toISOString(),
      name,
    );
    await prisma.$executeRawUnsafe('COMMIT');
  } catch (error) {
    await prisma.$executeRawUnsafe('ROLLBACK').catch(() => undefined);
    throw new Error(`migration ${name} failed and was rolled back`, { cause: error });
  }
}

/** Our own migrations hold no semicolon inside a string or a trigger, so splitting at line ends is exact. */
function splitStatements(sql: string): string[] {
  return sql
    .replace(/^--.*$/gm, '')
    .split(/;\s*$/m)
    .map((statement) => statement.trim())
    .filter((statement) => statement !== '');
}
