import { existsSync, renameSync } from 'node:fs';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { logAt } from '@/lib/core/testing/arbitraries.ts';
import { SqliteHistory } from './sqlite-history.ts';
import { isLocked } from './sqlite-lock.ts';
import { Appender } from './testing/batches.ts';
import type { OpenStore } from './testing/history-contract.ts';
import { migrationsDir, temporarySqlite } from './testing/temporary-stores.ts';

const PAGE = { limit: 100, bytesMax: 1e6, behindMax: 1000 };
const logs = (count: number, text: string) => Array.from({ length: count }, (_, index) => logAt(`${text}${index}`));

let owner: OpenStore;
let reader: SqliteHistory;
beforeEach(async () => {
  owner = await temporarySqlite();
  reader = readerOf(owner.file);
});
afterEach(async () => {
  await reader.close();
  await owner.dispose();
});

function readerOf(file: string): SqliteHistory {
  return new SqliteHistory({ url: `file:${file}`, synchronous: 'full', migrationsDir, isReadOnly: true });
}

test('a reader follows what the owner appends, in pages, and reads beside it', async () => {
  const { epoch } = await owner.store.open();
  const appender = new Appender(owner.store);
  expect(await reader.open()).toMatchObject({ epoch, headSeq: 0, oldestSeq: 1 });
  expect(await reader.follow(0, PAGE)).toEqual({ epoch, oldestSeq: 1, headSeq: 0, rows: [] });
  await appender.append(logs(5, 'a'), Date.now());
  const found = await reader.follow(0, { ...PAGE, limit: 3 });
  expect(found).toMatchObject({ epoch, oldestSeq: 1, headSeq: 5 });
  expect(found.rows.map(({ seq }) => seq)).toEqual([1, 2, 3]);
  expect((await reader.follow(3, PAGE)).rows.map(({ seq }) => seq)).toEqual([4, 5]);
  expect((await reader.follow(5, PAGE)).rows).toEqual([]);
  expect((await reader.follow(0, { ...PAGE, behindMax: 4 })).rows).toEqual([]);
  const page = await reader.read({ filter: {}, direction: 'backward', from: 6, limit: 1 });
  expect(page.rows[0]?.body).toContain('a4');
});

test('a new epoch of the owner is seen with where it comes from', async () => {
  const { epoch } = await owner.store.open();
  await new Appender(owner.store).append(logs(2, 'a'), Date.now());
  const renewed = await owner.store.open({ lostEpoch: epoch });
  expect(await reader.follow(2, PAGE)).toMatchObject({ epoch: renewed.epoch, parent: { epoch, seq: 2 } });
});

test('SQLite itself refuses whatever a reader would change', async () => {
  await owner.store.open();
  await new Appender(owner.store).append(logs(3, 'a'), 1000);
  await reader.open();
  await expect(new Appender(reader).append(logs(1, 'b'), Date.now())).rejects.toThrow(/readonly database/);
  await expect(reader.retain({ ageMs: 1, bytesMax: 1 }, Date.now())).rejects.toThrow(/readonly database/);
  expect(await owner.store.bounds()).toEqual({ oldestSeq: 1, headSeq: 3 });
});

test('sessions of MQTT clients begin with what the owner has stored, and stay in a reader', async () => {
  await owner.store.open();
  const row = { subscriptions: '[]', epoch: 'AAAAAAAA', seq: 1, sentSeq: 1, packetId: 1, seenMs: 1, expiresMs: 1e15 };
  const nowMs = Date.now();
  const save = (store: OpenStore['store'], key: string, seq: number, removed: string[] = []) => {
    return store.saveMqttSessions({ saved: [{ ...row, key, seq }], removed, nowMs, keptMax: 3 });
  };
  await save(owner.store, 'a', 1);
  expect(await reader.mqttSession('a')).toMatchObject({ seq: 1 });
  await save(reader, 'a', 2);
  expect([(await reader.mqttSession('a'))?.seq, (await owner.store.mqttSession('a'))?.seq]).toEqual([2, 1]);
  await save(reader, 'b', 3, ['a']);
  expect(await reader.mqttSession('a')).toBeUndefined();
  for (const key of ['c', 'd', 'e']) await save(reader, key, 4);
  expect(await reader.mqttSession('b')).toBeUndefined();
  expect(await reader.mqttSession('e')).toMatchObject({ seq: 4 });
});

test('where there is no database a reader makes none, and where it is not finished it says so', async () => {
  await expect(reader.open()).rejects.toThrow(/ENOENT/);
  expect(existsSync(owner.file)).toBe(false);
  await owner.store.open();
  await reader.open();
});

test('where a database was replaced by another one, that is followed', async () => {
  await owner.store.open();
  await new Appender(owner.store).append(logs(3, 'a'), Date.now());
  await reader.open();
  expect((await reader.follow(0, PAGE)).headSeq).toBe(3);
  await owner.store.close();
  renameSync(owner.file, `${owner.file}.old`);
  await expect(reader.follow(3, PAGE)).rejects.toThrow(/ENOENT/);
  const { epoch } = await owner.reopen().open();
  expect(await reader.follow(3, PAGE)).toMatchObject({ epoch, headSeq: 0 });
});

test('whether an owner is at work can be asked without standing in its way', async () => {
  const url = `file:${owner.file}`;
  expect(await isLocked(url)).toBe(false);
  await owner.store.open();
  expect(await isLocked(url)).toBe(true);
  expect(await isLocked(url)).toBe(true);
  await owner.store.close();
  expect(await isLocked(url)).toBe(false);
  const asking = Promise.all(Array.from({ length: 20 }, () => isLocked(url)));
  await owner.reopen().open();
  await asking;
});
