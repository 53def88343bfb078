import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { expandGlob, isGlob } from './glob.ts';

let root: string;
beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), 'tailrace-glob-'));
  mkdirSync(join(root, 'a/b/c'), { recursive: true });
  mkdirSync(join(root, '.git'));
  for (const file of [
    'one.log',
    'two.log',
    'two.txt',
    '.secret.log',
    'x[1].log',
    'a/three.log',
    'a/b/c/four.log',
    '.git/five.log',
  ]) {
    writeFileSync(join(root, file), '');
  }
  symlinkSync(root, join(root, 'a/loop'));
});
afterAll(() => rmSync(root, { recursive: true, force: true }));

test.each([
  ['*.log', ['one.log', 'two.log', 'x[1].log']],
  ['t?o.*', ['two.log', 'two.txt']],
  ['[!t]*.log', ['one.log', 'x[1].log']],
  ['.*.log', ['.secret.log']],
  ['**/*.log', ['a/b/c/four.log', 'a/three.log', 'one.log', 'two.log', 'x[1].log']],
  ['*/three.log', ['a/three.log']],
  ['a/**/four.log', ['a/b/c/four.log']],
  ['nosuch/*.log', []],
  ['[z-a].log', []],
])('%s stands for %j', async (pattern, names) => {
  expect(await expandGlob(join(root, pattern))).toEqual(names.map((name) => join(root, name)));
});

test('a name without wildcards is no pattern', () => {
  expect(['app.log', '/a/*.log', 'a?', 'x[1]'].map(isGlob)).toEqual([false, true, true, true]);
});
