import { afterEach, beforeEach, expect, test } from 'vitest';
import type { AccessChanges, AccountRecord, SessionRecord, TokenRecord } from '@/lib/core/access-record.ts';
import { SqliteHistory } from './sqlite-history.ts';
import type { OpenStore } from './testing/history-contract.ts';
import { migrationsDir, temporaryGuarded } from './testing/temporary-stores.ts';

const T0 = 1_700_000_000_000;
const token: TokenRecord = {
  ...{ id: 't1', name: "it's \u{1f6b0}", digest: 'd1', hint: 'trl_', role: 'viewer', services: ['a"b', 'c'] },
  ...{ level: 'warn', createdBy: 'x', createdMs: T0, expiresMs: T0 + 1, revokedMs: null, usedMs: null },
};
const account: AccountRecord = {
  ...{ id: 'a1', username: 'ada', password: '$scrypt$…', role: 'admin', createdBy: 'x', createdMs: T0 },
};
const session: SessionRecord = {
  ...{ id: 's1', digest: 'd2', subject: 'account:a1', name: 'ada', role: 'admin', address: '::1', userAgent: 'U' },
  ...{ createdMs: T0, usedMs: T0, expiresMs: T0 + 1, endsMs: T0 + 2 },
};

let opened: OpenStore;
beforeEach(async () => {
  opened = await temporaryGuarded();
  await opened.store.open();
});
afterEach(() => opened.dispose());

const save = (changes: Omit<AccessChanges, 'auditKeptMax'>) => opened.store.saveAccess({ auditKeptMax: 3, ...changes });

test('what is saved comes back as it was, also after a restart, and is told once', async () => {
  expect(await opened.store.accessSnapshot()).toEqual({ version: 0, tokens: [], accounts: [], sessions: [] });
  await save({ tokens: [token], accounts: [account], sessions: [session] });
  const kept = { version: 1, tokens: [token], accounts: [account], sessions: [session] };
  expect(await opened.store.accessSnapshot(0)).toEqual(kept);
  expect(await opened.store.accessSnapshot(1)).toBeUndefined();
  expect(await opened.reopen().accessSnapshot()).toEqual(kept);
});

test('a change is a change of the row that is there; what is removed is gone', async () => {
  await save({ tokens: [token], accounts: [account], sessions: [session] });
  await save({ tokens: [{ ...token, services: null, level: null, revokedMs: T0 }] });
  await save({ accountsRemoved: ['a1'], sessionsRemoved: ['s1', 'none'] });
  expect(await opened.store.accessSnapshot(1)).toEqual({
    version: 3,
    tokens: [{ ...token, services: null, level: null, revokedMs: T0 }],
    accounts: [],
    sessions: [],
  });
  await save({ tokensRemoved: ['t1'] });
  expect((await opened.store.accessSnapshot())?.tokens).toEqual([]);
});

test('all of it is stored, or none', async () => {
  await save({ accounts: [account] });
  const other = { ...account, id: 'a2' };
  await expect(save({ tokens: [token], accounts: [other] })).rejects.toThrow();
  expect(await opened.store.accessSnapshot()).toMatchObject({ version: 1, tokens: [], accounts: [account] });
});

test('the newest entries of the audit log stay, newest first', async () => {
  const entry = (n: number) => ({ atMs: T0 + n, who: 'x', address: '', act: `act ${n}`, target: '' });
  await save({ audit: [entry(1), entry(2)] });
  await save({ audit: [entry(3), entry(4)] });
  const acts = async (query: { limit: number; beforeMs?: number }) =>
    (await opened.store.audit(query)).map(({ act }) => act);
  expect(await acts({ limit: 10 })).toEqual(['act 4', 'act 3', 'act 2']);
  expect(await acts({ limit: 1 })).toEqual(['act 4']);
  expect(await acts({ limit: 10, beforeMs: T0 + 4 })).toEqual(['act 3', 'act 2']);
});

test('logins push nothing out of the audit log but logins', async () => {
  const entry = (act: string, n: number) => ({ atMs: T0 + n, who: 'x', address: '', act, target: String(n) });
  await save({ audit: [entry('token made', 0), entry('drained', 1)] });
  for (let n = 2; n < 9; n += 1) await save({ audit: [entry('login refused', n), entry('logged in', n)] });
  const kept = (await opened.store.audit({ limit: 100 })).map(({ act, target }) => `${act} ${target}`);
  expect(kept).toEqual(['logged in 8', 'login refused 8', 'logged in 7', 'drained 1', 'token made 0']);
  const acts = await opened.store.audit({ limit: 1, withoutLogins: true });
  expect(acts).toMatchObject([{ act: 'drained' }]);
});

test('another process sees what was changed, and changes nothing', async () => {
  const reader = new SqliteHistory({
    url: `file:${opened.file}`,
    synchronous: 'full',
    migrationsDir,
    isReadOnly: true,
  });
  await save({ tokens: [token] });
  expect(await reader.accessSnapshot()).toMatchObject({ version: 1, tokens: [token] });
  await save({ tokens: [{ ...token, revokedMs: T0 }] });
  expect((await reader.accessSnapshot(1))?.tokens[0]?.revokedMs).toBe(T0);
  await expect(reader.saveAccess({ auditKeptMax: 3, tokens: [token] })).rejects.toThrow('only reads');
  await reader.close();
});
