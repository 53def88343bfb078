import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { LockTaken, ProcessLock } from './process-lock.ts';

let directory: string;
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'tailrace-lock-'));
});
afterAll(() => rmSync(directory, { recursive: true, force: true }));

test('a lock is had by one at a time, and leaves nothing behind', async () => {
  const path = join(directory, 'deep', 'a.lock');
  const lock = await ProcessLock.take(path);
  await expect(ProcessLock.take(path)).rejects.toThrow(LockTaken);
  await lock.release();
  await (await ProcessLock.take(path)).release();
  expect(readdirSync(join(directory, 'deep'))).toEqual([]);
});

test('of many who want it at the same time one gets it', async () => {
  const path = join(directory, 'b.lock');
  writeFileSync(path, '999999999 1\n');
  const tries = await Promise.allSettled(Array.from({ length: 20 }, () => ProcessLock.take(path)));
  expect(tries.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
});

test.each([
  ['a process that has ended', `${spawnSync('true').pid} 1`],
  ['another process that has its number now', `${process.pid} 1`],
  ['nobody', ''],
])('the lock of %s is free', async (_, content) => {
  const path = join(directory, 'c.lock');
  writeFileSync(path, `${content}\n`);
  await (await ProcessLock.take(path)).release();
});
