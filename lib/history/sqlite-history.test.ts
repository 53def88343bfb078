import { expect, test } from 'vitest';
import { connectSqlite } from './sqlite-connection.ts';
import { historyContract } from './testing/history-contract.ts';
import { temporaryDir, temporarySqlite } from './testing/temporary-stores.ts';

historyContract('SqliteHistory', temporarySqlite);

test.each([
  ['full', 2],
  ['normal', 1],
] as const)('a connection has WAL, synchronous=%s and incremental vacuum in truth', async (synchronous, code) => {
  const { dir, remove } = await temporaryDir();
  const prisma = await connectSqlite({ url: `file:${dir}/h.db`, synchronous });
  const read = async (pragma: string) =>
    Object.values((await prisma.$queryRawUnsafe<object[]>(`PRAGMA ${pragma}`))[0] ?? {})[0];
  expect(await read('journal_mode')).toBe('wal');
  expect(Number(await read('synchronous'))).toBe(code);
  await prisma.$executeRawUnsafe('CREATE TABLE t (a)');
  expect(Number(await read('auto_vacuum'))).toBe(2);
  await prisma.$disconnect();
  await remove();
});

test('a database that cannot be opened is an error, and may be tried again', async () => {
  const { SqliteHistory } = await import('./sqlite-history.ts');
  const store = new SqliteHistory({ url: 'file:/no/such/folder/h.db', synchronous: 'full', migrationsDir: '/none' });
  await expect(store.open()).rejects.toThrow();
  await expect(store.bounds()).rejects.toThrow();
  await store.close();
});
