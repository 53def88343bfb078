import mqtt from 'mqtt';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { AccessClient, CLOSED, type LoginAnswer, logIn } from './support/access-client.ts';
import { type InProcessServer, startInProcess } from './support/in-process-server.ts';
import { SseClient } from './support/sse-client.ts';
import { until } from './support/wait.ts';

const PASSWORD = 'correct horse battery';
const NEXT = 'another battery staple';
const FELT_MS = 5000;

let server: InProcessServer;
let access: AccessClient;
/** Each test has an account of its own. */
let count = 0;

beforeAll(async () => {
  // The proxy's word says who asks, so that one machine can be many.
  server = await startInProcess('socket', {
    ...{ ...CLOSED, TAILRACE_MQTT_PORT: '0', TAILRACE_TRUSTED_PROXIES: '127.0.0.1' },
  });
  access = new AccessClient(server.url);
});
afterAll(() => server.close());

async function account(role = 'viewer'): Promise<{ id: string; username: string }> {
  count += 1;
  const username = `user${count}`;
  return { ...(await access.account(username, PASSWORD, role)), username };
}

const from = (address: string) => ({ 'X-Forwarded-For': address });

async function change(headers: Readonly<Record<string, string>>, body: unknown) {
  const response = await fetch(`${server.url}/api/access/password`, {
    ...{ method: 'PUT', headers: { 'Content-Type': 'application/json', ...headers } },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  });
  const text = await response.text();
  const detail = text === '' ? '' : String(JSON.parse(text).detail);
  return { status: response.status, detail, cookies: response.headers.getSetCookie() };
}

const statusOf = async ({ cookie }: LoginAnswer): Promise<number> =>
  (await fetch(`${server.url}/api/events`, { headers: { Cookie: cookie } })).status;

describe('an account that changes its own password', () => {
  test('shows the present one; its other browsers are out, their streams end, and this one stays', async () => {
    const { username } = await account();
    const own = await logIn(server.url, { username, password: PASSWORD });
    const other = await logIn(server.url, { username, password: PASSWORD });
    const stream = new SseClient(server.url, { headers: { Cookie: other.cookie } });
    await stream.first('stream');
    expect((await change({ Cookie: own.cookie }, { current: PASSWORD, password: NEXT })).status).toBe(204);
    expect(await stream.first('bye')).toMatchObject({ reason: 'token-expired' });
    expect([await statusOf(own), await statusOf(other)]).toEqual([200, 401]);
    expect((await logIn(server.url, { username, password: PASSWORD })).status).toBe(401);
    expect((await logIn(server.url, { username, password: NEXT })).status).toBe(200);
    const { entries } = (await access.ask('GET', '/api/audit?limit=1000')) as { entries: Record<string, string>[] };
    const acts = entries.map(({ who, act, target }) => `${who}: ${act} ${target}`);
    expect(acts).toContain(`${username}: account changed "${username}": own password`);
    for (const secret of [PASSWORD, NEXT]) expect(JSON.stringify(entries)).not.toContain(secret);
  });

  test.each([
    ['a wrong present one', { current: 'wrong', password: NEXT }, 403, 'the present password is wrong'],
    ['none', { password: NEXT }, 400, 'current'],
    ['one that is too short', { current: PASSWORD, password: 'short' }, 400, 'at least 10'],
    ['the same one again', { current: PASSWORD, password: PASSWORD }, 400, 'another'],
    ['more than was asked for', { current: PASSWORD, password: NEXT, role: 'admin' }, 400, 'role'],
    ['no JSON', 'nonsense', 400, 'JSON'],
  ])('with %s is told so, and nothing has changed', async (_, body, status, word) => {
    const { username } = await account();
    const own = await logIn(server.url, { username, password: PASSWORD });
    const refused = await change({ Cookie: own.cookie }, body);
    expect([refused.status, refused.detail]).toEqual([status, expect.stringContaining(word)]);
    expect((await logIn(server.url, { username, password: PASSWORD })).status).toBe(200);
  });

  test('whoever has found its browser open cannot try passwords there without an end', async () => {
    const { username } = await account();
    const own = await logIn(server.url, { username, password: PASSWORD });
    const cookies = { Cookie: `${own.cookie}; ${own.mark}` };
    const statuses: number[] = [];
    for (let tries = 0; tries < 12; tries += 1) {
      statuses.push((await change(cookies, { current: 'wrong', password: NEXT })).status);
    }
    expect(statuses).toEqual([...Array(10).fill(403), 429, 429]);
    expect((await change(cookies, { current: PASSWORD, password: NEXT })).status).toBe(429);
  });

  test('is nobody else\u2019s: not a token\u2019s, not a stranger\u2019s, not another site\u2019s', async () => {
    const { username } = await account('admin');
    const own = await logIn(server.url, { username, password: PASSWORD });
    const given = { current: PASSWORD, password: NEXT };
    expect((await change({}, given)).status).toBe(401);
    for (const headers of [access.headers, (await access.token({ role: 'viewer' })).headers]) {
      expect(await change(headers, given)).toMatchObject({
        status: 403,
        detail: expect.stringContaining('no password'),
      });
    }
    const cookie = { Cookie: own.cookie };
    expect((await change({ ...cookie, Origin: 'http://evil.example' }, given)).status).toBe(403);
    expect((await change({ ...cookie, 'Sec-Fetch-Site': 'same-site' }, given)).status).toBe(403);
    expect((await change({ ...cookie, 'Content-Type': 'text/plain' }, given)).status).toBe(415);
    expect((await logIn(server.url, { username, password: PASSWORD })).status).toBe(200);
  });

  test('does not get a role back that it lost meanwhile', async () => {
    const { id, username } = await account('admin');
    const own = await logIn(server.url, { username, password: PASSWORD });
    const changing = change({ Cookie: own.cookie }, { current: PASSWORD, password: NEXT });
    // The hash takes long: the demotion comes in between.
    await access.ask('PUT', `/api/access/accounts/${id}`, { role: 'viewer' });
    expect([204, 401, 403]).toContain((await changing).status);
    expect(server.runtime.access.book.accounts.get(id)?.role).toBe('viewer');
  });

  test('leaves nobody in who was logging in with the old one at that moment', async () => {
    const { username } = await account();
    const own = await logIn(server.url, { username, password: PASSWORD });
    const thieves = Array.from({ length: 6 }, () => logIn(server.url, { username, password: PASSWORD }));
    const changed = await change({ Cookie: own.cookie }, { current: PASSWORD, password: NEXT });
    expect(changed.status).toBe(204);
    for (const thief of await Promise.all(thieves)) expect([thief.status, await statusOf(thief)]).toContain(401);
    expect(await statusOf(own)).toBe(200);
  });
});

test.each([{ password: NEXT }, { role: 'operator' }])(
  'a client of MQTT that came with a password is gone after %j',
  async (changed) => {
    const { id, username } = await account();
    const client = mqtt.connect(`mqtt://127.0.0.1:${server.gateway.mqttPort}`, {
      ...{ reconnectPeriod: 0, protocolVersion: 5, username, password: PASSWORD },
    });
    client.on('error', () => undefined);
    await new Promise((resolve) => client.once('connect', resolve));
    await access.ask('PUT', `/api/access/accounts/${id}`, changed);
    await until('its end', () => !client.connected, FELT_MS);
    client.end(true);
  },
);

describe('who tries passwords', () => {
  const tryFrom = (address: string, username: string, password = 'guess', more: Record<string, string> = {}) =>
    logIn(server.url, { username, password }, { ...from(address), ...more }).then(({ status }) => status);

  test('from many places locks its owner out of new browsers only', async () => {
    const { username } = await account();
    const known = await logIn(server.url, { username, password: PASSWORD }, from('203.0.113.1'));
    for (let n = 0; n < 12; n += 1) await tryFrom(`198.51.100.${n}`, username);
    expect(await tryFrom('203.0.113.1', username, PASSWORD)).toBe(429);
    expect(await tryFrom('203.0.113.1', username, PASSWORD, { Cookie: known.mark })).toBe(200);
    // Its mark is no key: with it there are as many tries, and no more.
    const statuses = [];
    for (let n = 0; n < 11; n += 1)
      statuses.push(await tryFrom('198.51.100.1', username, 'guess', { Cookie: known.mark }));
    expect(statuses).toEqual([...Array(10).fill(401), 429]);
    const { username: other } = await account();
    expect(await tryFrom('203.0.113.2', other, 'guess', { Cookie: known.mark })).toBe(401);
  }, 60_000);

  // A wrong token is tried as a password is, and at once.
  const guessFrom = (address: string) =>
    logIn(server.url, { token: 'a guess' }, from(address)).then(({ status }) => status);

  test.each([
    ['another address of the same line', (n: number) => `2001:db8:1:2::${n.toString(16)}`, '2001:db8:1:3::1'],
    ['what it writes into a header before the proxy', (n: number) => `10.9.8.${n}, 203.0.113.77`, '203.0.113.78'],
  ])('cannot be another one for each try by %s', async (_, address, other) => {
    const statuses = [];
    for (let n = 1; n <= 21; n += 1) statuses.push(await guessFrom(address(n)));
    expect(statuses).toEqual([...Array(20).fill(401), 429]);
    expect(await guessFrom(other)).toBe(401);
  });

  test('keeps nobody out who comes with a token', async () => {
    const { token } = await access.token({ role: 'viewer' });
    for (let n = 0; n < 22; n += 1) await guessFrom('203.0.113.88');
    expect(await guessFrom('203.0.113.88')).toBe(429);
    expect((await logIn(server.url, { token }, from('203.0.113.88'))).status).toBe(200);
  });
});
