import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
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
  const tries = await Promise.allSettled(Array.from({ length: 20 }, () => ProcessLock.take(path)));
  expect(tries.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
});

test('whoever finds it taken learns by whom', async () => {
  const path = join(directory, 'c.lock');
  const lock = await ProcessLock.take(path);
  await expect(ProcessLock.take(path)).rejects.toMatchObject({ pid: process.pid });
  await lock.release();
});
