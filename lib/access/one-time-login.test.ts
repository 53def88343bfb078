import { expect, test } from 'vitest';
import { ONE_TIME_MS, OneTimeLogin } from './one-time-login.ts';

const NOW = 1_700_000_000_000;

test('it opens once, and a wrong guess does not use it up', () => {
  const login = new OneTimeLogin(NOW);
  expect(login.take('trl_wrong', NOW)).toBe(false);
  expect(login.take('', NOW)).toBe(false);
  expect(login.take(login.secret, NOW + ONE_TIME_MS - 1)).toBe(true);
  expect(login.take(login.secret, NOW + ONE_TIME_MS - 1)).toBe(false);
});

test('an hour later it opens nothing, and no two are the same', () => {
  const login = new OneTimeLogin(NOW);
  expect(login.take(login.secret, NOW + ONE_TIME_MS)).toBe(false);
  expect(new OneTimeLogin(NOW).secret).not.toBe(login.secret);
});
