import { expect, test } from 'vitest';
import { nameFromClaims, roleFromClaims } from './claim-role.ts';

const map = { boss: 'admin', ops: 'operator', staff: 'viewer' } as const;

test.each([
  [{ roles: ['staff', 'ops'] }, 'roles', 'operator'],
  [{ roles: 'staff' }, 'roles', 'viewer'],
  [{ scope: 'openid boss' }, 'scope', 'admin'],
  [{ realm: { roles: ['boss'] } }, 'realm.roles', 'admin'],
  [{ 'https://x.example/roles': ['ops'] }, 'https://x.example/roles', 'operator'],
  [{ roles: ['guest'] }, 'roles', undefined],
  [{ roles: ['constructor', '__proto__'] }, 'roles', undefined],
  [{ roles: { staff: true } }, 'roles', undefined],
  [{}, 'roles', undefined],
  [{ roles: ['staff'] }, 'toString', undefined],
])('%j under "%s" gives %s', (claims, claim, role) => {
  expect(roleFromClaims(claims, { claim, map })).toBe(role);
});

test('a name of a provider cannot forge a line of the audit log, nor hide in one', () => {
  const claims = {
    preferred_username: 'ann\nroot\u202e',
    email: 'ann@example.org',
    sub: 'x'.repeat(500),
    odd: { a: 1 },
  };
  expect(nameFromClaims(claims, ['preferred_username', 'sub'])).toBe('ann root');
  expect(nameFromClaims(claims, ['odd', 'missing', 'email'])).toBe('ann@example.org');
  expect(nameFromClaims(claims, ['sub'])).toHaveLength(100);
});
