import { access } from 'node:fs/promises';
import { PrismaLibSql } from '@prisma/adapter-libsql';
import { PrismaClient } from '@/prisma/generated/client.ts';
import { LeanLibSql } from './lean-libsql.ts';

export type SqliteOptions = {
  /** `file:` and a path. */
  readonly url: string;
  readonly synchronous: 'full' | 'normal';
  /** Another process owns the database: nothing is created, and SQLite itself refuses to change anything. */
  readonly isReadOnly?: boolean;
};

const READER_PRAGMAS = ['busy_timeout = 5000', 'cache_size = -16384', 'temp_store = MEMORY'];

const writerPragmas = ({ synchronous }: SqliteOptions): readonly string[] => [
  'auto_vacuum = INCREMENTAL',
  'journal_mode = WAL',
  `synchronous = ${synchronous.toUpperCase()}`,
  ...READER_PRAGMAS,
  'wal_autocheckpoint = 4000',
];

/**
 * SQLite's own `mode=ro`, inside a URL of the driver, which knows no such parameter and hands on the path that it
 * decodes. It makes no file, refuses every change, and, when it is closed, leaves the log of the database alone: the last
 * one to close a connection that may write deletes the log by its name, which may by then be another database's.
 */
function readOnlyUrl(url: string): string {
  const path = url.slice('file:'.length).split('/').map(encodeURIComponent).join('/');
  return `file:${encodeURIComponent(`file:${path}?mode=ro`)}`;
}

/**
 * One connection for as long as the client lives: the adapter's own transactions would open another one without these
 * pragmas, so everything here uses single statements or a plain BEGIN.
 *
 * WAL lets readers go on while one writer commits. `synchronous=FULL` flushes each commit to the disk, so that what was
 * acknowledged survives a power cut as well as `kill -9`; group commit makes that one flush for many events. NORMAL
 * survives `kill -9`, but a power cut may take back the last commits, and clients might have seen them.
 */
export async function connectSqlite(options: SqliteOptions): Promise<PrismaClient> {
  // Where there is no file the driver's own words would be a number.
  if (options.isReadOnly) await access(options.url.slice('file:'.length));
  const url = options.isReadOnly ? readOnlyUrl(options.url) : options.url;
  const prisma = new PrismaClient({ adapter: new LeanLibSql({ url }) });
  const pragmas = options.isReadOnly ? READER_PRAGMAS : writerPragmas(options);
  try {
    for (const pragma of pragmas) await prisma.$queryRawUnsafe(`PRAGMA ${pragma}`);
  } catch (error) {
    await prisma.$disconnect();
    throw error;
  }
  return prisma;
}

/**
 * Gives free pages back to the file system. As a query this PRAGMA yields a row a page but no column, which the driver
 * takes for a statement without rows: it stops after the first page and leaves the statement open, and with it every
 * later commit of that connection. As a script, on a connection of its own, it runs to its end.
 */
export async function vacuumPages(options: SqliteOptions, pages: number): Promise<void> {
  const connection = await new PrismaLibSql({ url: options.url }).connect();
  try {
    await connection.executeScript(`PRAGMA busy_timeout = 5000; PRAGMA incremental_vacuum(${pages})`);
  } finally {
    await connection.dispose();
  }
}
