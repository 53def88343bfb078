import { expect, test } from 'vitest';
import { digestOf, makeToken } from '@/lib/access/secret.ts';
import type { TokenRecord } from '@/lib/core/access-record.ts';
import { isAppError } from '@/lib/core/errors.ts';
import { NEEDS, type Principal } from '@/lib/core/principal.ts';
import { makeAccess } from '../testing/make-access.ts';
import type { Access } from './access.ts';

const NOW = 1_700_000_000_000;
const make = (environment: Record<string, string> = {}): Access => makeAccess(environment, () => NOW);

/** Who it is taken for, or the sentence of the refusal. */
function ask(access: Access, headers: Record<string, string> = {}, peerAddress: string | undefined = '127.0.0.1') {
  const all: Record<string, string> = { host: 'localhost:3000', ...headers };
  try {
    return access.identifyAtOnce({ peerAddress, header: (name) => all[name] ?? null });
  } catch (error) {
    if (isAppError(error) && error.code === 'unauthorized') return error.message;
    throw error;
  }
}

function put(access: Access, more: Partial<TokenRecord> = {}): { authorization: string } {
  const token = makeToken();
  access.book.putToken({
    ...{ id: 'one', name: 'one', digest: digestOf(token), hint: '', role: 'viewer', services: null, level: null },
    ...{ createdBy: '', createdMs: NOW, expiresMs: null, revokedMs: null, usedMs: null, ...more },
  });
  return { authorization: `Bearer ${token}` };
}

const LOCAL = { kind: 'local', role: 'admin' };

test('bound to loopback, whoever is at this machine is let in, by any of its own names', () => {
  const access = make();
  expect(access.isDemanded).toBe(false);
  for (const host of ['localhost:3000', '127.0.0.1:3000', '[::1]:3000', 'LOCALHOST', '127.1.2.3']) {
    expect(ask(access, { host }), host).toMatchObject(LOCAL);
  }
  expect(ask(access, {}, '::1')).toMatchObject(LOCAL);
  expect(ask(access, {}, '::ffff:127.0.0.1')).toMatchObject(LOCAL);
  const added = { 'x-forwarded-for': '::ffff:127.0.0.1', 'x-forwarded-host': 'localhost:3000' };
  expect(ask(access, added)).toMatchObject(LOCAL);
});

test('a protocol without names of hosts is judged by its address alone', () => {
  expect(make().identifyAtOnce({ peerAddress: '127.0.0.1', header: () => null })).toMatchObject(LOCAL);
});

test('another machine, and a name that an attacker may have pointed here, are strangers', () => {
  const access = make();
  expect(ask(access, {}, '203.0.113.9')).toContain('only the machine of the server');
  expect(ask(access, { 'x-forwarded-for': '127.0.0.1', 'x-real-ip': '127.0.0.1' }, '203.0.113.9')).toEqual(
    expect.any(String),
  );
  for (const host of ['evil.example', 'localhost.evil.example', '192.168.1.5:3000', '']) {
    expect(ask(access, { host }), host).toContain('under localhost or 127.0.0.1 only');
  }
  expect(access.identifyAtOnce.bind(access, { peerAddress: undefined, header: () => null })).toThrow('cannot be told');
});

test('a proxy on this machine does not make the whole world local', () => {
  for (const from of [
    { 'x-forwarded-for': '203.0.113.9' },
    { 'x-forwarded-for': '127.0.0.1, 203.0.113.9' },
    { 'x-forwarded-for': '203.0.113.9, 127.0.0.1' },
    { 'x-real-ip': '203.0.113.9' },
    { forwarded: 'for=203.0.113.9' },
    { via: '1.1 proxy' },
    { 'cf-connecting-ip': '203.0.113.9' },
    { 'true-client-ip': '203.0.113.9' },
  ]) {
    expect(ask(make(), from), JSON.stringify(from)).toContain('machine of the server');
    expect(ask(make({ TAILRACE_TRUSTED_PROXIES: '127.0.0.1' }), from)).toEqual(expect.any(String));
  }
});

test.each([
  [{ HOST: '0.0.0.0' }, true],
  [{ HOST: '::' }, true],
  [{ HOST: '192.0.2.7' }, true],
  [{ HOST: 'localhost' }, false],
  [{ HOST: '::1' }, false],
  [{ TAILRACE_ACCESS: 'closed' }, true],
])('with %j everybody logs in: %s', (environment, isDemanded) => {
  const access = make(environment);
  expect(access.isDemanded).toBe(isDemanded);
  expect(typeof ask(access)).toBe(isDemanded ? 'string' : 'object');
});

test('where somebody else guards the door everybody is let in, from wherever', () => {
  const access = make({ TAILRACE_ACCESS: 'open', HOST: '0.0.0.0' });
  expect(ask(access, { host: 'logs.example' }, '203.0.113.9')).toMatchObject({ kind: 'open', role: 'admin' });
  expect(access.isDemanded).toBe(false);
});

test("with the operator's token set this machine may look and send, and with it everything", () => {
  const access = make({ TAILRACE_ADMIN_TOKEN: 'open-sesame' });
  const local = ask(access) as Principal;
  const may = (principal: Principal): string[] =>
    NEEDS.filter((need) => {
      try {
        access.permit(principal, need);
        return true;
      } catch (error) {
        expect(error).toMatchObject({ code: 'forbidden' });
        return false;
      }
    });
  expect(may(local)).toEqual(['send', 'view', 'inspect']);
  expect(() => access.permit(local, 'operate')).toThrow('TAILRACE_ADMIN_TOKEN');
  expect(may(ask(access, { authorization: 'Bearer open-sesame' }) as Principal)).toEqual([...NEEDS]);
});

test('a token counts wherever it comes from, and one of ours that is no good is never taken for none', () => {
  const access = make();
  const good = put(access, { services: ['shop'] });
  expect(ask(access, good)).toMatchObject({ id: 'token:one', sees: { services: ['shop'] } });
  expect(ask(access, { ...good, host: 'evil.example' }, '203.0.113.9')).toMatchObject({ id: 'token:one' });
  const revoked = put(access, { revokedMs: NOW });
  expect(ask(access, revoked)).toContain('was revoked');
  expect(ask(access, put(access, { expiresMs: NOW }))).toContain('has expired');
  expect(ask(access, { authorization: `Bearer ${makeToken()}` })).toContain('the token is wrong');
});

test('what other systems have given their clients is no reason to keep this machine out', () => {
  for (const authorization of ['Splunk 1234-5678', 'ApiKey aWQ6a2V5', 'Basic ZWxhc3RpYzpjaGFuZ2VtZQ==', 'Bearer x']) {
    expect(ask(make(), { authorization }), authorization).toMatchObject(LOCAL);
    expect(ask(make({ TAILRACE_ACCESS: 'closed' }), { authorization }), authorization).toEqual(expect.any(String));
  }
  expect(ask(make(), { cookie: 'tailrace-session=of-another-server' })).toMatchObject(LOCAL);
});

test('a refusal says which role may, and whoever sees a part is not told of the rest', () => {
  const access = make();
  const viewer = ask(access, put(access)) as Principal;
  expect(() => access.permit(viewer, 'operate')).toThrow('the role operator or admin; "one" is viewer');
  const restricted = ask(access, put(access, { level: 'warn' })) as Principal;
  expect(() => access.permit(restricted, 'inspect')).toThrow('sees a part');
  access.permit(restricted, 'view');
});

test('whoever has been let in is not let on after the end', () => {
  const access = make();
  const principal = ask(access, put(access)) as Principal;
  put(access, { revokedMs: NOW });
  expect(() => access.permit(principal, 'view')).toThrow('has ended');
});

test('listeners without credentials take what comes from where the settings say', () => {
  const closed = make({ HOST: '0.0.0.0' });
  expect(['127.0.0.1', '::1', '::ffff:127.0.0.9'].map((address) => closed.mayReach(address))).toEqual([
    true,
    true,
    true,
  ]);
  expect(['10.0.0.1', '2001:db8::1', undefined, 'nonsense'].some((address) => closed.mayReach(address))).toBe(false);
  const wider = make({ HOST: '0.0.0.0', TAILRACE_LISTEN_FROM: '10.0.0.0/8,2001:db8::/32' });
  expect(['10.9.8.7', '2001:db8::1'].map((address) => wider.mayReach(address))).toEqual([true, true]);
  expect(wider.mayReach('127.0.0.1')).toBe(false);
  expect(make().mayReach('10.0.0.1')).toBe(true);
});

test('a short token of the settings is not found by trying: after a hundred wrong ones that place has to wait', () => {
  let nowMs = NOW;
  const environment = { TAILRACE_ACCESS: 'closed', TAILRACE_ADMIN_TOKEN: 'open-sesame' };
  const access = makeAccess(environment, () => nowMs);
  const from = (peerAddress: string | undefined, token: string) => {
    const all: Record<string, string> = { authorization: `Bearer ${token}` };
    try {
      return access.identifyAtOnce({ peerAddress, header: (name) => all[name] ?? null }).name;
    } catch (error) {
      return isAppError(error) ? error.code : String(error);
    }
  };
  const guesses = Array.from({ length: 101 }, (_, n) => from('203.0.113.9', `guess ${n}`));
  expect([guesses.at(-2), guesses.at(-1)]).toEqual(['unauthorized', 'rate-limited']);
  expect(from('203.0.113.9', 'open-sesame')).toBe('rate-limited');
  expect(from('203.0.113.10', 'open-sesame')).toBe('TAILRACE_ADMIN_TOKEN');
  nowMs += 1000;
  expect(from('203.0.113.9', 'open-sesame')).toBe('TAILRACE_ADMIN_TOKEN');
  // Where nobody can tell who asks, one who guesses would keep all others out.
  for (let n = 0; n < 200; n += 1) from(undefined, `guess ${n}`);
  expect(from(undefined, 'open-sesame')).toBe('TAILRACE_ADMIN_TOKEN');
});

test('a token of the settings that is long enough is never waited for', () => {
  const token = 'x'.repeat(32);
  const access = makeAccess({ TAILRACE_ACCESS: 'closed', TAILRACE_ADMIN_TOKEN: token }, () => NOW);
  const asked = (given: string) => ({
    peerAddress: '203.0.113.9',
    header: (name: string) => (name === 'authorization' ? `Bearer ${given}` : null),
  });
  for (let n = 0; n < 500; n += 1)
    expect(() => access.identifyAtOnce(asked(`guess ${n}`))).toThrow('the token is wrong');
  expect(access.identifyAtOnce(asked(token)).role).toBe('admin');
});

test('a stray key of another system costs nobody at this machine the way in', () => {
  const access = make({ TAILRACE_ADMIN_TOKEN: 'open-sesame' });
  for (let n = 0; n < 300; n += 1) expect(ask(access, { 'x-api-key': 'of another' })).toMatchObject({ kind: 'local' });
});
