import { expect, test } from 'vitest';
import { LeanLibSql } from './lean-libsql.ts';

const text = { scalarType: 'string', arity: 'scalar' } as const;

test('a statement that is done keeps nothing of its arguments, whether it worked or not', async () => {
  const connection = await new LeanLibSql({ url: 'file::memory:' }).connect();
  try {
    await connection.executeScript('CREATE TABLE t (body TEXT UNIQUE)');
    const insert = () => ({ sql: 'INSERT INTO t VALUES (?)', args: ['large'] as unknown[], argTypes: [text] });
    const [first, second] = [insert(), insert()];
    await connection.executeRaw(first);
    await expect(connection.executeRaw(second)).rejects.toThrow();
    expect([first.args, second.args]).toEqual([[], []]);
    const kept = await connection.queryRaw({ sql: 'SELECT body FROM t', args: [], argTypes: [] });
    expect(kept.rows).toEqual([['large']]);
  } finally {
    await connection.dispose();
  }
});
