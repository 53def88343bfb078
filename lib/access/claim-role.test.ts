import { expect, test } from 'vitest';
import { roleFromClaims } from './claim-role.ts';

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
