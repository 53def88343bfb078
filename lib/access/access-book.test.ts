import { expect, test } from 'vitest';
import type { AccountRecord, SessionRecord, TokenRecord } from '@/lib/core/access-record.ts';
import { AccessBook } from './access-book.ts';
import { digestOf } from './secret.ts';

const NOW = 1_700_000_000_000;

function token(more: Partial<TokenRecord> = {}): TokenRecord {
  return {
    ...{ id: 't', name: 'a token', digest: digestOf('t'), hint: '', role: 'viewer', services: null, level: null },
    ...{ createdBy: '', createdMs: NOW, expiresMs: null, revokedMs: null, usedMs: null, ...more },
  };
}
function session(subject: string): SessionRecord {
  return {
    ...{ id: 's', digest: digestOf('s'), subject, name: 'n', role: 'admin', address: '', userAgent: '' },
    ...{ createdMs: NOW, usedMs: NOW, expiresMs: NOW + 1000, endsMs: NOW + 9000 },
  };
}
const account: AccountRecord = {
  ...{ id: 'a', username: 'ada', password: '', role: 'operator', createdBy: '', createdMs: NOW },
};

test('a token is somebody until it expires or is revoked', () => {
  const book = new AccessBook(undefined);
  expect(book.principalOfToken(token({ expiresMs: NOW + 1 }), NOW)).toMatchObject({ id: 'token:t', role: 'viewer' });
  expect(book.principalOfToken(token({ expiresMs: NOW }), NOW)).toBeUndefined();
  expect(book.principalOfToken(token({ revokedMs: NOW - 1 }), NOW)).toBeUndefined();
});

test('services are what a key may send for, and what a viewer sees', () => {
  const book = new AccessBook(undefined);
  const key = book.principalOfToken(token({ role: 'ingest', services: ['shop'] }), NOW);
  expect(key).toMatchObject({ services: ['shop'] });
  expect(key).not.toHaveProperty('sees');
  const viewer = book.principalOfToken(token({ services: ['shop'], level: 'warn' }), NOW);
  expect(viewer).toMatchObject({ sees: { services: ['shop'], level: 'warn' } });
  expect(viewer).not.toHaveProperty('services');
});

test('a login is as good as what it came by', () => {
  const book = new AccessBook('open-sesame');
  expect(book.principalOfSession(session('account:a'), NOW)).toBeUndefined();
  book.putAccount(account);
  expect(book.principalOfSession(session('account:a'), NOW)).toMatchObject({ name: 'ada', role: 'operator' });
  book.putToken(token({ services: ['shop'] }));
  expect(book.principalOfSession(session('token:t'), NOW)).toMatchObject({
    role: 'viewer',
    sees: { services: ['shop'] },
  });
  book.putToken(token({ revokedMs: NOW }));
  expect(book.principalOfSession(session('token:t'), NOW)).toBeUndefined();
  expect(book.principalOfSession(session(book.settingSubject), NOW)).toMatchObject({ role: 'admin' });
  expect(new AccessBook('another-one').principalOfSession(session(book.settingSubject), NOW)).toBeUndefined();
  expect(book.principalOfSession(session('once:x'), NOW + 1000)).toBeUndefined();
});

test('whoever was let in stays as long as that is so', () => {
  const book = new AccessBook(undefined);
  book.putToken(token());
  const principal = book.principalOfToken(token(), NOW);
  expect(principal && book.isStanding(principal, NOW)).toBe(true);
  book.putToken(token({ revokedMs: NOW }));
  expect(principal && book.isStanding(principal, NOW)).toBe(false);
  book.putSession(session('once:x'));
  const login = { id: 'session:s', name: '', kind: 'session', role: 'admin' } as const;
  expect([book.isStanding(login, NOW), book.isStanding(login, NOW + 1000)]).toEqual([true, false]);
  book.removeSession('s');
  expect(book.isStanding(login, NOW)).toBe(false);
  const jwt = { id: 'jwt:x', name: '', kind: 'jwt', role: 'viewer', expiresMs: NOW } as const;
  expect(book.isStanding(jwt, NOW)).toBe(false);
});

test('an admin is an account, a token that is good, or the token of the settings', () => {
  expect(new AccessBook('open-sesame').hasAdmin(NOW)).toBe(true);
  const book = new AccessBook(undefined);
  book.putAccount(account);
  book.putToken(token({ role: 'admin', expiresMs: NOW }));
  expect(book.hasAdmin(NOW)).toBe(false);
  book.putAccount({ ...account, role: 'admin' });
  expect([book.hasAdmin(NOW), book.hasAdmin(NOW, 'a')]).toEqual([true, false]);
});
