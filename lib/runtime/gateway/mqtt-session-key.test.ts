import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { SessionRecord } from '@/lib/core/access-record.ts';
import type { Principal } from '@/lib/core/principal.ts';
import { sessionKey } from './mqtt-session-key.ts';

const somebody = (kind: Principal['kind'], id: string): Principal => ({ id, name: id, kind, role: 'viewer' });
const login = (id: string, subject: string): [string, SessionRecord] => {
  const times = { createdMs: 0, usedMs: 0, expiresMs: 1, endsMs: 1 };
  return [id, { id, subject, digest: '', name: '', role: 'viewer', address: '', userAgent: '', ...times }];
};
const logins = new Map([login('a', 'account:x'), login('b', 'account:x'), login('c', 'setting:digest')]);
const key = (kind: Principal['kind'], id: string, clientId = 'c'): string =>
  sessionKey(somebody(kind, id), clientId, logins);

test('an account is the same by its password and by each of its logins', () => {
  expect(key('session', 'session:a')).toBe(key('account', 'account:x'));
  expect(key('session', 'session:b')).toBe(key('account', 'account:x'));
});

test('the token of the settings is the same by itself and by a login with it', () => {
  expect(key('session', 'session:c')).toBe(key('setting', 'setting'));
});

test('whoever needs no credential is one and the same', () => {
  expect(key('local', 'local')).toBe(key('open', 'open'));
  expect(key('local', 'local')).toBe('["","c"]');
});

test('no two others share a session, whatever they are called', () => {
  const id = fc.oneof(fc.string({ unit: 'binary' }), fc.constantFrom('jwt:a', 'jwt:a"', 'jwt:a","b', 'jwt:a/b'));
  fc.assert(
    fc.property(id, id, id, id, (subject, clientId, otherSubject, otherId) => {
      const isSame = subject === otherSubject && clientId === otherId;
      expect(key('jwt', subject, clientId) === key('jwt', otherSubject, otherId)).toBe(isSame);
    }),
    { seed: 32, numRuns: 500 },
  );
});
