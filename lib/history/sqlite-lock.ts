import { existsSync } from 'node:fs';
import { PrismaLibSql } from '@prisma/adapter-libsql';

export type Release = () => Promise<void>;

/**
 * Makes this process the only one that appends to a database: two journals with the same head would give the same
 * positions to different events. The lock is SQLite's own, on an empty file beside the database, so the system frees it
 * when the process dies, however it dies, and other programs may still read the database. Throws when it is taken.
 */
export async function acquireLock(databaseUrl: string): Promise<Release> {
  const connection = await new PrismaLibSql({ url: `${databaseUrl}.lock` }).connect();
  try {
    // Longer than whoever only asks whether it is taken holds it.
    await connection.executeScript('PRAGMA busy_timeout = 250');
    await connection.executeRaw({ sql: 'BEGIN EXCLUSIVE', args: [], argTypes: [] });
  } catch (error) {
    await connection.dispose();
    const path = databaseUrl.slice('file:'.length);
    throw new Error(
      `another Tailrace uses ${path}; stop it, or give this one a directory of its own (TAILRACE_DATA_DIR)`,
      { cause: error },
    );
  }
  return async () => {
    // Closing alone would leave the lock to the garbage collector, which owns the statements.
    await connection.executeRaw({ sql: 'ROLLBACK', args: [], argTypes: [] });
    await connection.dispose();
  };
}

/** Whether a process is at work on a database. Asked by taking the lock for a moment: only a transaction lets go at once. */
export async function isLocked(databaseUrl: string): Promise<boolean> {
  if (!existsSync(`${databaseUrl}.lock`.slice('file:'.length))) return false;
  const connection = await new PrismaLibSql({ url: `${databaseUrl}.lock` }).connect();
  try {
    await connection.executeRaw({ sql: 'BEGIN EXCLUSIVE', args: [], argTypes: [] });
    await connection.executeRaw({ sql: 'ROLLBACK', args: [], argTypes: [] });
    return false;
  } catch {
    return true;
  } finally {
    await connection.dispose();
  }
}
