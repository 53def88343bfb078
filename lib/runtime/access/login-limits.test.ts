import { expect, test } from 'vitest';
import { isAppError } from '@/lib/core/errors.ts';
import { LoginLimits, type Try } from './login-limits.ts';

const NOW = 1_700_000_000_000;

/** How many wrong tries are let through before one is refused. */
function triesOf(limits: LoginLimits, tried: (n: number) => Try, nowMs = NOW): number {
  for (let n = 0; n < 10_000; n += 1) {
    try {
      limits.take(tried(n), nowMs);
    } catch (error) {
      if (isAppError(error) && error.code === 'rate-limited') return n;
      throw error;
    }
  }
  return Number.POSITIVE_INFINITY;
}

test('one account is tried ten times, from however many places, and then once in twenty seconds', () => {
  const limits = new LoginLimits();
  const everywhere = (n: number) => ({ address: `198.51.${n >> 8}.${n & 255}`, account: 'ada' });
  expect(triesOf(limits, everywhere)).toBe(10);
  expect(triesOf(limits, everywhere, NOW + 60_000)).toBe(3);
});

test('one place tries twenty times, however many accounts it names', () => {
  const limits = new LoginLimits();
  expect(triesOf(limits, (n) => ({ address: '198.51.100.1', account: `name ${n}` }))).toBe(20);
  expect(triesOf(limits, (n) => ({ address: '198.51.100.2', account: `name ${n}` }))).toBe(20);
  const line = (n: number) => ({ address: `2001:db8:1:2::${n.toString(16)}`, account: `other ${n}` });
  expect(triesOf(limits, line)).toBe(20);
});

test('a right try costs nothing', () => {
  const limits = new LoginLimits();
  const tried = { address: '198.51.100.1', account: 'ada' };
  for (let n = 0; n < 1000; n += 1) limits.take(tried, NOW)();
  expect(triesOf(limits, () => tried)).toBe(10);
});

test('a familiar browser waits for nobody, and nobody for it', () => {
  const limits = new LoginLimits();
  triesOf(limits, () => ({ address: '198.51.100.1', account: 'ada' }));
  expect(triesOf(limits, () => ({ address: '198.51.100.1', account: 'ada', familiar: 'own' }))).toBe(10);
  expect(triesOf(limits, () => ({ address: '198.51.100.1', account: 'ada', familiar: 'another' }))).toBe(10);
});

test('where nobody can tell who asks, one who tries an account locks nobody else out', () => {
  const limits = new LoginLimits();
  const asEve = () => ({ address: 'unknown', account: 'eve' });
  expect(triesOf(limits, asEve)).toBe(10);
  expect(triesOf(limits, () => ({ address: 'unknown', account: 'ada' }))).toBe(10);
  // Somebody who tries all names at once is still held back, and a familiar browser is not even by that.
  expect(triesOf(limits, (n) => ({ address: 'unknown', account: `name ${n}` }))).toBe(180);
  expect(triesOf(limits, () => ({ address: 'unknown', account: 'bob', familiar: 'own' }))).toBe(10);
});
