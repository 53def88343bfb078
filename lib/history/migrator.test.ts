import { cp, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { PrismaClient } from '@/prisma/generated/client.ts';
import { migrate } from './migrator.ts';
import { connectSqlite } from './sqlite-connection.ts';
import { migrationsDir, temporaryDir } from './testing/temporary-stores.ts';

type Column = { name: string; type: string; notnull: number | bigint; pk: number | bigint };
const columnsOf = (prisma: PrismaClient, table: string) =>
  prisma.$queryRawUnsafe<Column[]>(`PRAGMA table_info("${table}")`);
const tablesOf = async (prisma: PrismaClient) => {
  const rows = await prisma.$queryRawUnsafe<{ name: string }[]>(
    `SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name`,
  );
  return rows.map((row) => row.name);
};

let temporary: Awaited<ReturnType<typeof temporaryDir>>;
let prisma: PrismaClient;
let migrations: string;
beforeEach(async () => {
  temporary = await temporaryDir();
  migrations = join(temporary.dir, 'migrations');
  await cp(migrationsDir, migrations, { recursive: true });
  prisma = await connectSqlite({ url: `file:${temporary.dir}/h.db`, synchronous: 'normal' });
});
afterEach(async () => {
  await prisma.$disconnect();
  await temporary.remove();
});

const add = async (name: string, sql: string) => {
  await mkdir(join(migrations, name), { recursive: true });
  await writeFile(join(migrations, name, 'migration.sql'), sql);
};

describe('migrating', () => {
  test('a fresh database gets everything, and again nothing', async () => {
    const names = await migrate(prisma, migrations);
    expect(names).toHaveLength(5);
    for (const name of names) expect(name).toMatch(/^\d{14}_/);
    expect(await migrate(prisma, migrations)).toEqual([]);
    await add(
      '20990101000000_more',
      '-- a comment; with a semicolon\nCREATE TABLE "More" (a INTEGER);\nCREATE INDEX "i" ON "More"(a);\n',
    );
    expect(await migrate(prisma, migrations)).toEqual(['20990101000000_more']);
    expect(await tablesOf(prisma)).toContain('More');
  });

  test('sessions of MQTT clients that were kept before they had an owner are of servers that are open', async () => {
    const later = '20261129130000_mqtt_session_keys';
    await rm(join(migrations, later), { recursive: true });
    await migrate(prisma, migrations);
    await prisma.$executeRawUnsafe(`INSERT INTO "MqttSession" VALUES ('a "b"', '[]', 'AAAAAAAA', 1, 1, 1, 1, 1)`);
    await cp(join(migrationsDir, later), join(migrations, later), { recursive: true });
    expect(await migrate(prisma, migrations)).toEqual([later]);
    expect(await prisma.$queryRawUnsafe('SELECT "key" FROM "MqttSession"')).toEqual([
      { key: JSON.stringify(['', 'a "b"']) },
    ]);
  });

  test('the ledger is the one that Prisma keeps', async () => {
    const [name] = await migrate(prisma, migrations);
    const columns = await columnsOf(prisma, '_prisma_migrations');
    expect(columns.map((column) => [column.name, column.type, Number(column.notnull), Number(column.pk)])).toEqual([
      ['id', 'TEXT', 1, 1],
      ['checksum', 'TEXT', 1, 0],
      ['finished_at', 'DATETIME', 0, 0],
      ['migration_name', 'TEXT', 1, 0],
      ['logs', 'TEXT', 0, 0],
      ['rolled_back_at', 'DATETIME', 0, 0],
      ['started_at', 'DATETIME', 1, 0],
      ['applied_steps_count', 'INTEGER UNSIGNED', 1, 0],
    ]);
    const [row] = await prisma.$queryRawUnsafe<Record<string, unknown>[]>('SELECT * FROM "_prisma_migrations"');
    expect(row).toMatchObject({ migration_name: name, logs: null, rolled_back_at: null });
    expect(row?.['checksum']).toMatch(/^[0-9a-f]{64}$/);
    expect(row?.['finished_at']).not.toBeNull();
  });

  test('a migration that was changed after it had been applied is refused by name', async () => {
    const [name = ''] = await migrate(prisma, migrations);
    await add(name, `${await readFile(join(migrations, name, 'migration.sql'), 'utf8')}\n-- changed\n`);
    await expect(migrate(prisma, migrations)).rejects.toThrow(`migration ${name} was changed`);
  });

  test('a migration that fails leaves nothing of itself, and may be tried again', async () => {
    await add('20990101000000_bad', 'CREATE TABLE "Half" (a INTEGER);\nCREATE TABLE "Half" (a INTEGER);\n');
    await expect(migrate(prisma, migrations)).rejects.toThrow(/20990101000000_bad failed and was rolled back/);
    expect(await tablesOf(prisma)).not.toContain('Half');
    await add('20990101000000_bad', 'CREATE TABLE "Half" (a INTEGER);\n');
    expect(await migrate(prisma, migrations)).toEqual(['20990101000000_bad']);
  });
});

type Field = { name: string; type: string; optional: boolean; id: boolean };
type Model = { name: string; fields: Field[]; ids: string[]; uniques: string[][]; indexes: string[][] };

/** The schema file read line by line: models of plain fields, which is all it has. */
function parseSchema(text: string): Model[] {
  const list = (inside: string) => inside.split(',').map((name) => name.trim());
  return [...text.matchAll(/^model (\w+) \{\n([\s\S]*?)^\}/gm)].map(([, name = '', body = '']) => {
    const fields = [...body.matchAll(/^ {2}(\w+)\s+(\w+)(\?)?(.*)$/gm)].map(
      ([, field = '', type = '', optional, rest = '']) => ({
        name: field,
        type,
        optional: optional === '?',
        id: rest.includes('@id'),
      }),
    );
    const block = (word: string) =>
      [...body.matchAll(new RegExp(`^ {2}@@${word}\\(\\[(.*?)\\]\\)`, 'gm'))].map(([, inside = '']) => list(inside));
    const ids = block('id')[0] ?? fields.filter((field) => field.id).map((field) => field.name);
    return { name, fields, ids, uniques: block('unique'), indexes: block('index') };
  });
}

test('the SQL of the migrations and the Prisma schema describe the same tables', async () => {
  await migrate(prisma, migrations);
  const models = parseSchema(await readFile(join(migrationsDir, '..', 'schema.prisma'), 'utf8'));
  expect(models).toHaveLength(11);
  expect(await tablesOf(prisma)).toEqual(['_prisma_migrations', ...models.map((model) => model.name)].sort());
  const sqlTypes: Record<string, string[]> = {
    Int: ['INTEGER'],
    BigInt: ['BIGINT', 'INTEGER'],
    String: ['TEXT'],
    Float: ['REAL'],
  };
  for (const model of models) {
    const columns = await columnsOf(prisma, model.name);
    expect(
      columns.map((column) => column.name),
      model.name,
    ).toEqual(model.fields.map((field) => field.name));
    for (const [index, field] of model.fields.entries()) {
      const where = `${model.name}.${field.name}`;
      expect(sqlTypes[field.type], where).toContain(columns[index]?.type);
      expect(Number(columns[index]?.notnull) === 0, where).toBe(field.optional);
    }
    const keys = columns.filter((column) => Number(column.pk) > 0).sort((a, b) => Number(a.pk) - Number(b.pk));
    expect(
      keys.map((column) => column.name),
      model.name,
    ).toEqual(model.ids);
    const indexes = await indexesOf(model.name);
    for (const unique of model.uniques) expect(indexes).toContainEqual({ unique: true, columns: unique });
    for (const plain of model.indexes) expect(indexes).toContainEqual({ unique: false, columns: plain });
  }
});

async function indexesOf(table: string) {
  const list = await prisma.$queryRawUnsafe<{ name: string; unique: number | bigint }[]>(
    `PRAGMA index_list("${table}")`,
  );
  return Promise.all(
    list.map(async ({ name, unique }) => {
      const columns = await prisma.$queryRawUnsafe<{ name: string }[]>(`PRAGMA index_info("${name}")`);
      return { unique: Number(unique) === 1, columns: columns.map((column) => column.name) };
    }),
  );
}
