import { readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { HoldMarkerFile } from './hold-marker.ts';
import { temporaryDir } from './testing/temporary-stores.ts';

let temporary: Awaited<ReturnType<typeof temporaryDir>>;
let path: string;
beforeEach(async () => {
  temporary = await temporaryDir();
  path = join(temporary.dir, 'tailrace.db.held');
});
afterEach(() => temporary.remove());

test('what was set is read by the next program, what was cleared is not', async () => {
  const marker = new HoldMarkerFile(path);
  expect(await marker.read()).toBeUndefined();
  await marker.prepare();
  expect(await new HoldMarkerFile(path).read()).toBeUndefined();
  await marker.set('Ab3dE6gH');
  expect(await new HoldMarkerFile(path).read()).toBe('Ab3dE6gH');
  await marker.clear();
  expect(await new HoldMarkerFile(path).read()).toBeUndefined();
  await marker.close();
});

test('its room is taken at the start, and the word changes in place', async () => {
  const marker = new HoldMarkerFile(path);
  await marker.prepare();
  const before = await stat(path);
  await marker.set('Ab3dE6gH');
  const after = await stat(path);
  expect([after.size, after.blocks, after.ino]).toEqual([before.size, before.blocks, before.ino]);
  expect(before.size).toBe(4096);
  await marker.close();
});

test('the word that was asked for last stays, without waiting for the one before', async () => {
  const marker = new HoldMarkerFile(path);
  await marker.prepare();
  const words = [marker.set('AAAAAAAA'), marker.clear(), marker.set('BBBBBBBB')];
  await Promise.all(words);
  expect(await readFile(path, 'latin1')).toMatch(/^held BBBBBBBB\n {4082}$/);
  await marker.close();
});

test('a word that was torn may have meant any epoch', async () => {
  for (const text of ['', 'held Ab3', 'nonsense']) {
    await writeFile(path, text);
    expect(await new HoldMarkerFile(path).read()).toBe('*');
  }
});

test('where nothing can be written it says so', async () => {
  const marker = new HoldMarkerFile('/no/such/folder/x.held');
  await expect(marker.prepare()).rejects.toThrow();
  await expect(marker.set('AAAAAAAA')).rejects.toThrow();
  await marker.close();
});
