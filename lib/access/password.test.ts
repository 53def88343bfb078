import { scryptSync } from 'node:crypto';
import { expect, test } from 'vitest';
import { hashPassword, isOutdated, isPassword } from './password.ts';

test('a hash tells how it was made, is another one each time, and knows its password', async () => {
  const [one, two] = [await hashPassword('correct horse'), await hashPassword('correct horse')];
  expect(one).toMatch(/^\$scrypt\$ln=15,r=8,p=3\$[\w+/]{22}\$[\w+/]{43}$/);
  expect(one).not.toBe(two);
  expect(await isPassword('correct horse', one)).toBe(true);
  expect(await isPassword('correct horsf', one)).toBe(false);
  expect(await isPassword('', one)).toBe(false);
  expect(isOutdated(one)).toBe(false);
});

test('one of other parameters is still known, and said to be outdated', async () => {
  const salt = Buffer.from('0123456789abcdef');
  const key = scryptSync('old password', salt, 32, { N: 2 ** 12, r: 8, p: 1 });
  const hash = `$scrypt$ln=12,r=8,p=1$${salt.toString('base64').replace(/=+$/, '')}$${key.toString('base64').replace(/=+$/, '')}`;
  expect(await isPassword('old password', hash)).toBe(true);
  expect(isOutdated(hash)).toBe(true);
});

test('letters that look the same are the same, however the keyboard writes them', async () => {
  expect(await isPassword('cafe\u0301 au lait', await hashPassword('caf\u00e9 au lait'))).toBe(true);
});

test('without an account, and with a broken hash, no password is right', async () => {
  expect(await isPassword('anything at all', undefined)).toBe(false);
  expect(await isPassword('anything at all', 'plain')).toBe(false);
});

test('more than can wait are told to come again, and the places are free afterwards', async () => {
  const crowd = Array.from({ length: 60 }, () => isPassword('x', undefined));
  const done: string[] = [];
  void crowd.at(33)?.then(() => done.push('the last of the crowd'));
  // A familiar browser's goes before those that wait.
  const first = isPassword('x', undefined, true).then(() => done.push('the familiar one'));
  const outcomes = await Promise.allSettled(crowd);
  await first;
  expect(done).toEqual(['the familiar one', 'the last of the crowd']);
  const refused = outcomes.filter(({ status }) => status === 'rejected') as PromiseRejectedResult[];
  expect(refused.length).toBeGreaterThan(0);
  for (const { reason } of refused) expect(reason).toMatchObject({ code: 'rate-limited' });
  expect(await isPassword('x', undefined)).toBe(false);
}, 60_000);
