import { scryptSync } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { AccessClient, bearer, CLOSED, logIn } from './support/access-client.ts';
import { FaultyStore } from './support/faulty-store.ts';
import { type InProcessServer, startInProcess } from './support/in-process-server.ts';
import { SseClient } from './support/sse-client.ts';
import { until } from './support/wait.ts';

const PASSWORD = 'correct horse battery';
const store = new FaultyStore();
let server: InProcessServer;
let access: AccessClient;

beforeAll(async () => {
  server = await startInProcess(
    'socket',
    { ...CLOSED, TAILRACE_HISTORY_TIMEOUT_MS: '500' },
    { wrapHistory: store.wrap },
  );
  access = new AccessClient(server.url);
  await access.account('ada', PASSWORD, 'operator');
});
afterAll(() => server.close());

async function ask(method: string, path: string, headers: Record<string, string> = {}, body?: string) {
  const response = await fetch(`${server.url}${path}`, { method, headers, ...(body !== undefined && { body }) });
  return { status: response.status, body: (await response.text()) || '{}', headers: response.headers };
}
const who = (cookie: string, path = '/api/connections') =>
  ask('GET', path, { Cookie: cookie }).then(({ status }) => status);

describe('a login with a password', () => {
  test('gives a cookie that no script and no other site gets, and that opens what the role may', async () => {
    const { status, cookie, setCookie } = await logIn(server.url, { username: ' ADA ', password: PASSWORD });
    expect(status).toBe(200);
    expect(setCookie).toMatch(/^tailrace-session=trs_[\w-]{43}; Path=\/; HttpOnly; SameSite=Lax; Max-Age=\d+$/);
    expect([await who(cookie), await who(cookie, '/api/access')]).toEqual([200, 403]);
  });

  test('over https the cookie is bound to this host and never leaves it in the clear', async () => {
    const https = { 'X-Forwarded-Proto': 'https' };
    const { setCookie, cookie } = await logIn(server.url, { username: 'ada', password: PASSWORD }, https);
    expect(setCookie).toMatch(/^__Host-tailrace-session=trs_.*; Secure$/);
    expect(await who(cookie)).toBe(200);
  });

  test('gives another secret each time, and the one that was there opens nothing any more', async () => {
    const first = await logIn(server.url, { username: 'ada', password: PASSWORD });
    const second = await logIn(server.url, { username: 'ada', password: PASSWORD }, { Cookie: first.cookie });
    expect(second.cookie).not.toBe(first.cookie);
    expect([await who(first.cookie), await who(second.cookie)]).toEqual([401, 200]);
    // One that an attacker has put there is not taken over.
    const planted = 'tailrace-session=trs_planted';
    const third = await logIn(server.url, { username: 'ada', password: PASSWORD }, { Cookie: planted });
    expect([third.cookie === planted, await who(planted)]).toEqual([false, 401]);
  });

  test('ends with the logout, as do its streams', async () => {
    const { cookie } = await logIn(server.url, { username: 'ada', password: PASSWORD });
    const stream = new SseClient(server.url, { headers: { Cookie: cookie } });
    await stream.first('stream');
    const { status, headers } = await ask('POST', '/api/logout', { Cookie: cookie });
    expect([status, headers.get('set-cookie')]).toEqual([204, expect.stringContaining('Max-Age=0')]);
    expect(await stream.first('bye')).toMatchObject({ reason: 'token-expired', reconnect: true });
    expect(await who(cookie)).toBe(401);
  });

  test('says the same of a wrong password and of an account that is none', async () => {
    const answers = await Promise.all([
      ask('POST', '/api/login', { 'Content-Type': 'application/json' }, '{"username":"ada","password":"wrong"}'),
      ask('POST', '/api/login', { 'Content-Type': 'application/json' }, '{"username":"eve","password":"wrong"}'),
    ]);
    expect(answers[0]?.status).toBe(401);
    expect(answers[0]?.body).toBe(answers[1]?.body);
  });

  test.each(['{}', '[]', 'nonsense', '{"username":"ada"}', '{"username":"a","password":"b","token":"c"}'])(
    '%s is no way to log in',
    async (body) => {
      expect((await ask('POST', '/api/login', { 'Content-Type': 'application/json' }, body)).status).toBe(400);
    },
  );
});

describe('with the cookie of somebody who has logged in', () => {
  const act = '/api/connections/AAAAAAAA/disconnect';

  test('pages of other sites change nothing, whatever they send', async () => {
    const { cookie } = await logIn(server.url, { username: 'ada', password: PASSWORD });
    const { host } = new URL(server.url);
    const headers = { Cookie: cookie, 'Content-Type': 'application/json' };
    // Refused as there is no such connection: it got so far.
    expect(
      (await ask('POST', act, { ...headers, Origin: `http://${host}`, 'Sec-Fetch-Site': 'same-origin' })).status,
    ).toBe(404);
    expect((await ask('POST', act, { ...headers, Origin: 'http://evil.example' })).status).toBe(403);
    expect((await ask('POST', act, { ...headers, 'Sec-Fetch-Site': 'cross-site' })).status).toBe(403);
    expect((await ask('POST', act, { ...headers, Origin: 'null' })).status).toBe(403);
    const form = { ...headers, 'Content-Type': 'application/x-www-form-urlencoded' };
    expect((await ask('POST', act, form, 'kick=1')).status).toBe(415);
    const other = { 'Content-Type': 'application/json', Origin: 'http://evil.example' };
    const login = JSON.stringify({ username: 'ada', password: PASSWORD });
    expect((await ask('POST', '/api/login', other, login)).status).toBe(403);
    expect((await ask('POST', '/api/logout', { Cookie: cookie, Origin: 'http://evil.example' })).status).toBe(403);
    expect(await who(cookie)).toBe(200);
  });
});

describe('a login with a token', () => {
  test('is as good as the token, and ends with it', async () => {
    const made = await access.token({ role: 'viewer', services: ['shop'] });
    const { status, cookie } = await logIn(server.url, { token: made.token });
    expect([status, await who(cookie, '/api/events'), await who(cookie)]).toEqual([200, 200, 403]);
    await access.revoke(made);
    expect(await who(cookie, '/api/events')).toBe(401);
  });

  test('the token of the settings makes an administrator; an ingest key makes nobody', async () => {
    const { cookie } = await logIn(server.url, { token: CLOSED.TAILRACE_ADMIN_TOKEN });
    expect(await who(cookie, '/api/access')).toBe(200);
    const key = await access.token({ role: 'ingest' });
    expect((await logIn(server.url, { token: key.token })).status).toBe(401);
  });
});

describe('accounts', () => {
  test('another password or role ends the logins of that account, its removal too', async () => {
    const { id } = await access.account('grace', PASSWORD, 'viewer');
    const before = await logIn(server.url, { username: 'grace', password: PASSWORD });
    await access.ask('PUT', `/api/access/accounts/${id}`, { role: 'operator', password: 'another password' });
    expect(await who(before.cookie)).toBe(401);
    expect((await logIn(server.url, { username: 'grace', password: PASSWORD })).status).toBe(401);
    const after = await logIn(server.url, { username: 'grace', password: 'another password' });
    expect(await who(after.cookie)).toBe(200);
    await access.ask('DELETE', `/api/access/accounts/${id}`);
    expect(await who(after.cookie)).toBe(401);
    expect((await logIn(server.url, { username: 'grace', password: 'another password' })).status).toBe(401);
  });

  test('a hash of yesterday\u2019s parameters is made anew when its owner logs in', async () => {
    const salt = Buffer.from('0123456789abcdef');
    const key = scryptSync(PASSWORD, salt, 32, { N: 2 ** 12, r: 8, p: 1 });
    const bare = (bytes: Buffer): string => bytes.toString('base64').replace(/=+$/, '');
    const password = `$scrypt$ln=12,r=8,p=1$${bare(salt)}$${bare(key)}`;
    const account = { id: 'old', username: 'old', password, role: 'viewer', createdBy: '', createdMs: 0 } as const;
    await server.runtime.access.keeper.decide({ accounts: [account] });
    const shown = { username: 'old', password: PASSWORD };
    expect((await logIn(server.url, shown)).status).toBe(200);
    expect(server.runtime.access.book.accounts.get('old')?.password).toMatch(/^\$scrypt\$ln=15,r=8,p=3\$/);
    expect((await logIn(server.url, shown)).status).toBe(200);
  });

  test('no list shows what opens a door', async () => {
    const made = await access.token({ role: 'viewer' });
    const { cookie } = await logIn(server.url, { token: made.token });
    const page = JSON.stringify(await access.ask('GET', '/api/access'));
    const secrets = [made.token, cookie.split('=')[1] ?? '', '$scrypt'];
    for (const secret of secrets) expect(page.includes(secret)).toBe(false);
    expect(page).not.toMatch(/"(digest|password|subject)"/);
  });

  test('a login is listed, and can be ended by an administrator', async () => {
    const { cookie } = await logIn(server.url, { username: 'ada', password: PASSWORD }, { 'User-Agent': 'listed/1' });
    const page = (await access.ask('GET', '/api/access')) as { sessions: { id: string; userAgent: string }[] };
    const session = page.sessions.find(({ userAgent }) => userAgent === 'listed/1');
    expect(session).toMatchObject({ by: 'account', role: 'operator', address: '127.0.0.1' });
    await access.ask('DELETE', `/api/access/sessions/${session?.id}`);
    expect(await who(cookie)).toBe(401);
  });
});

test('what was done is in the audit log: who, what, to what, from where; and not what opens a door', async () => {
  const made = await access.token({ role: 'viewer', name: 'for the log' });
  await access.revoke(made);
  await logIn(server.url, { username: 'eve', password: 'hunter2 hunter2' });
  await ask('POST', '/api/connections/drain', { Authorization: 'Bearer wrong' });
  const { entries } = (await access.ask('GET', '/api/audit?limit=1000')) as { entries: Record<string, string>[] };
  const acts = entries.map(({ who: name, act, target }) => `${name}: ${act} ${target}`);
  expect(acts).toContain('TAILRACE_ADMIN_TOKEN: token made "for the log", viewer');
  expect(acts).toContain('TAILRACE_ADMIN_TOKEN: token revoked "for the log", viewer');
  expect(acts).toContain('an unknown account: login refused the name or the password is wrong');
  expect(entries.every(({ address }) => address === '127.0.0.1')).toBe(true);
  const page = (await access.ask('GET', '/api/audit?logins=0')) as { entries: Record<string, string>[] };
  expect(page.entries.map(({ act }) => act)).toContain('token revoked');
  expect(page.entries.filter(({ act }) => /^log(ged in|ged out|in refused)$/.test(act ?? ''))).toEqual([]);
  const text = JSON.stringify(entries);
  for (const secret of [made.token, 'hunter2', PASSWORD, 'eve']) expect(text.includes(secret), secret).toBe(false);
});

test('while the history is away those who are known come in, and nothing is decided', async () => {
  const known = await access.token({ role: 'viewer' });
  store.isDown = true;
  try {
    expect((await ask('GET', '/api/connections', known.headers)).status).toBe(200);
    const { status, cookie } = await logIn(server.url, { username: 'ada', password: PASSWORD });
    expect([status, await who(cookie)]).toEqual([200, 200]);
    const wish = JSON.stringify({ name: 'late', role: 'viewer' });
    const refused = await ask(
      'POST',
      '/api/access/tokens',
      { ...access.headers, 'Content-Type': 'application/json' },
      wish,
    );
    expect(refused.status).toBe(503);
    expect((await ask('DELETE', `/api/access/tokens/${known.id}`, access.headers)).status).toBe(503);
    // What was not stored has not happened.
    expect((await ask('GET', '/api/connections', known.headers)).status).toBe(200);
  } finally {
    store.isDown = false;
  }
  await until('the store to be asked again', async () => {
    return (await ask('DELETE', `/api/access/tokens/${known.id}`, access.headers)).status === 204;
  });
  expect((await ask('GET', '/api/connections', known.headers)).status).toBe(401);
});

test('who tries many passwords is told to wait, for that account and from that address, and the others are not', async () => {
  await access.account('mallory', PASSWORD, 'viewer');
  const tries = await Promise.all(
    Array.from({ length: 14 }, () => logIn(server.url, { username: 'mallory', password: 'guess' })),
  );
  const statuses = tries.map(({ status }) => status);
  expect(statuses.filter((status) => status === 401)).toHaveLength(10);
  expect(statuses.filter((status) => status === 429)).toHaveLength(4);
  // Even the right one, now.
  expect((await logIn(server.url, { username: 'mallory', password: PASSWORD })).status).toBe(429);
  expect((await logIn(server.url, { username: 'ada', password: PASSWORD })).status).toBe(200);
  expect((await ask('GET', '/api/events', bearer(CLOSED.TAILRACE_ADMIN_TOKEN))).status).toBe(200);
}, 60_000);

test('a login that is not used has ended, and no use keeps it beyond its last', async () => {
  const brief = await startInProcess('socket', {
    ...CLOSED,
    TAILRACE_SESSION_IDLE_MS: '1000',
    TAILRACE_SESSION_MAX_MS: '3000',
  });
  try {
    const idle = await logIn(brief.url, { token: CLOSED.TAILRACE_ADMIN_TOKEN });
    const busy = await logIn(brief.url, { token: CLOSED.TAILRACE_ADMIN_TOKEN });
    const status = async ({ cookie }: { cookie: string }) =>
      (await fetch(`${brief.url}/api/audit`, { headers: { Cookie: cookie } })).status;
    const startedMs = performance.now();
    await until('the unused one to end', async () => {
      expect(performance.now() - startedMs > 2900 || (await status(busy)) === 200).toBe(true);
      return performance.now() - startedMs > 1500;
    });
    expect(await status(idle)).toBe(401);
    await until('the other to end as well', async () => (await status(busy)) === 401, 10_000);
  } finally {
    await brief.close();
  }
});
