import { expect, test } from 'vitest';
import type { AccessChanges, SessionRecord, TokenRecord } from '@/lib/core/access-record.ts';
import { ACCESS_LIMITS, AccessBook } from './access-book.ts';
import { AccessKeeper } from './access-keeper.ts';
import { digestOf } from './secret.ts';

const T0 = 1_700_000_000_000;

/** A store that remembers what it was told, and can be away or slow. */
class Store {
  readonly saved: AccessChanges[] = [];
  isAway = false;
  pause: () => Promise<void> = () => Promise.resolve();

  accessSnapshot = async () => ({ version: 1, tokens: [], accounts: [], sessions: [] });
  audit = async () => [];
  saveAccess = async (changes: AccessChanges): Promise<void> => {
    await this.pause();
    if (this.isAway) throw new Error('the store is away');
    this.saved.push(changes);
  };

  /** What would be in the table after all that was saved. */
  token(id: string): TokenRecord | undefined {
    return this.saved.flatMap(({ tokens = [] }) => tokens).findLast((token) => token.id === id);
  }
  hasSession(id: string): boolean {
    let isThere = false;
    for (const { sessions = [], sessionsRemoved = [] } of this.saved) {
      if (sessionsRemoved.includes(id)) isThere = false;
      if (sessions.some((session) => session.id === id)) isThere = true;
    }
    return isThere;
  }
}

function make() {
  const store = new Store();
  const book = new AccessBook(undefined);
  return { store, book, keeper: new AccessKeeper(store, book) };
}

const token: TokenRecord = {
  ...{ id: 'one', name: 'one', digest: digestOf('secret'), hint: 'trl_', role: 'viewer', services: null, level: null },
  ...{ createdBy: 'x', createdMs: T0, expiresMs: null, revokedMs: null, usedMs: null },
};
const session: SessionRecord = {
  ...{
    id: 's1',
    digest: digestOf('cookie'),
    subject: 'once:x',
    name: 'first',
    role: 'admin',
    address: '',
    userAgent: '',
  },
  ...{ createdMs: T0, usedMs: T0, expiresMs: T0 + 1000, endsMs: T0 + 5000 },
};

test('what an administrator decides does not count before it is stored', async () => {
  const { store, book, keeper } = make();
  store.isAway = true;
  await expect(keeper.decide({ tokens: [token] })).rejects.toThrow('away');
  expect(book.tokens.size).toBe(0);
  store.isAway = false;
  await keeper.decide({ tokens: [token] });
  expect(book.tokenBySecret('secret')).toEqual(token);
});

test('a login counts while the store is away, and is stored when it is back, as is the audit log', async () => {
  const { store, book, keeper } = make();
  store.isAway = true;
  keeper.beginSession(session);
  keeper.note({ atMs: T0, who: 'x', address: '', act: 'logged in', target: '' });
  await expect(keeper.flush(T0)).rejects.toThrow('away');
  expect(book.sessionBySecret('cookie')).toEqual(session);
  store.isAway = false;
  await keeper.flush(T0);
  expect(store.hasSession('s1')).toBe(true);
  expect(store.saved.at(-1)?.audit).toHaveLength(1);
  await keeper.flush(T0);
  expect(store.saved).toHaveLength(1);
});

test('a last use on its way to the store never undoes a revocation', async () => {
  const { store, book, keeper } = make();
  await keeper.decide({ tokens: [token] });
  let release = (): void => undefined;
  store.pause = () => new Promise((resolve) => (release = resolve));
  const revoking = keeper.decide({ tokens: [{ ...token, revokedMs: T0 }] });
  await Promise.resolve();
  // Used, and written behind, while the revocation is being stored.
  keeper.touchToken(token, T0 + 100_000);
  const flushing = keeper.flush(T0 + 100_000);
  await new Promise(setImmediate);
  store.pause = () => Promise.resolve();
  release();
  await Promise.all([revoking, flushing]);
  expect(book.tokens.get('one')?.revokedMs).toBe(T0);
  expect(store.token('one')?.revokedMs).toBe(T0);
});

test('a login that was ended does not come back by a use of it that is stored later', async () => {
  const { store, book, keeper } = make();
  keeper.beginSession(session);
  await keeper.flush(T0);
  let release = (): void => undefined;
  store.pause = () => new Promise((resolve) => (release = resolve));
  const ending = keeper.decide({ sessionsRemoved: ['s1'] });
  await Promise.resolve();
  keeper.touchSession(session, T0 + 900, 1000);
  const flushing = keeper.flush(T0 + 900);
  await new Promise(setImmediate);
  store.pause = () => Promise.resolve();
  release();
  await Promise.all([ending, flushing]);
  expect(book.sessions.size).toBe(0);
  expect(store.hasSession('s1')).toBe(false);
});

test('a use moves the end of a login on, but never beyond its last', () => {
  const { book, keeper } = make();
  keeper.beginSession(session);
  keeper.touchSession(session, T0 + 900, 1000);
  expect(book.sessions.get('s1')).toMatchObject({ usedMs: T0 + 900, expiresMs: T0 + 1900 });
  keeper.touchSession({ ...session, usedMs: T0 }, T0 + 4900, 1000);
  expect(book.sessions.get('s1')?.expiresMs).toBe(T0 + 5000);
  expect(book.principalOfSession({ ...session, expiresMs: T0 + 9000 }, T0 + 5000)).toBeUndefined();
});

test('a token that was removed is not brought back by a use that waits to be stored', async () => {
  const { store, keeper } = make();
  await keeper.decide({ tokens: [token] });
  keeper.touchToken(token, T0 + 100_000);
  await keeper.decide({ tokensRemoved: ['one'] });
  await keeper.flush(T0 + 200_000);
  expect(store.saved.flatMap(({ tokens = [] }) => tokens)).toEqual([token]);
});

test('who logs in without an end ends their own logins, and nobody else\u2019s', () => {
  const { book, keeper } = make();
  keeper.beginSession(session);
  for (let n = 0; n < ACCESS_LIMITS.ofSubjectMax * 2; n += 1) {
    const one = { id: `own ${n}`, digest: `digest ${n}`, subject: 'token:eve', usedMs: T0 + n + 1 };
    keeper.beginSession({ ...session, ...one });
  }
  expect(book.sessions.has('s1')).toBe(true);
  const own = book.sessionsOf('token:eve');
  expect([own.length, own[0]?.id]).toEqual([ACCESS_LIMITS.ofSubjectMax, `own ${ACCESS_LIMITS.ofSubjectMax}`]);
});

test('where another process stores, nothing waits to be stored', async () => {
  const store = new Store();
  const book = new AccessBook(undefined);
  const keeper = new AccessKeeper(store, book, { isReader: true });
  book.putToken(token);
  book.putSession(session);
  keeper.touchToken(token, T0 + 100_000);
  keeper.touchSession(session, T0 + 900, 1000);
  keeper.note({ atMs: T0, who: 'x', address: '', act: 'logged in', target: '' });
  await keeper.flush(T0 + 200_000);
  expect(store.saved).toEqual([]);
  // The login goes on here all the same.
  expect(book.sessions.get('s1')?.expiresMs).toBe(T0 + 1900);
});
