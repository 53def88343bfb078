import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { exportJWK, generateKeyPair, SignJWT } from 'jose';
import Provider from 'oidc-provider';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { AccessClient, CLOSED } from './support/access-client.ts';
import { type InProcessServer, startInProcess } from './support/in-process-server.ts';
import { freePort } from './support/server-process.ts';

const ROLES = { TAILRACE_ROLE_CLAIM: 'groups', TAILRACE_ROLE_MAP: 'ops=operator,staff=viewer' };

/** A browser as far as logging in needs one: follows by hand, and keeps cookies for each host. */
class Browser {
  readonly #jars = new Map<string, Map<string, string>>();

  async get(url: string, init: RequestInit = {}): Promise<Response> {
    const { host } = new URL(url);
    const jar = this.#jars.get(host) ?? new Map<string, string>();
    this.#jars.set(host, jar);
    const cookie = [...jar].map(([name, value]) => `${name}=${value}`).join('; ');
    const response = await fetch(url, { ...init, redirect: 'manual', headers: { ...init.headers, Cookie: cookie } });
    for (const line of response.headers.getSetCookie()) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? [];
      if (value === '' || /max-age=0/i.test(line)) jar.delete(name);
      else jar.set(name, value);
    }
    return response;
  }

  /** Goes where it is sent until it is sent nowhere, or to an address that `stops`. */
  async follow(
    start: string,
    stops: (url: URL) => boolean = () => false,
  ): Promise<{ url: string; response: Response }> {
    let url = start;
    for (let hops = 0; hops < 12; hops += 1) {
      if (stops(new URL(url))) break;
      const response = await this.get(url);
      const location = response.headers.get('location');
      if (location === null) return { url, response };
      url = new URL(location, url).href;
    }
    return { url, response: new Response() };
  }
}

describe('an identity provider (oidc-provider)', () => {
  let server: InProcessServer;
  let issuer: string;
  let provider: Server;

  beforeAll(async () => {
    const port = await freePort();
    issuer = `http://127.0.0.1:${port}`;
    server = await startInProcess('socket', {
      ...{ ...CLOSED, ...ROLES, TAILRACE_OIDC_ISSUER: issuer },
      ...{ TAILRACE_OIDC_CLIENT_ID: 'tailrace', TAILRACE_OIDC_CLIENT_SECRET: 'a-secret-of-the-client' },
    });
    provider = createServer(makeProvider(issuer, `${server.url}/login/oidc/callback`).callback());
    provider.listen(port, '127.0.0.1');
    await once(provider, 'listening');
  });
  afterAll(async () => {
    await server.close();
    provider.closeAllConnections();
    provider.close();
  });

  const whereTo = (response: Response): string => `${response.headers.get('location')}`;
  const isCallback = (url: URL): boolean => url.pathname === '/login/oidc/callback';

  /** Up to where the provider sends the browser back. */
  async function upToCallback(browser: Browser, login: string): Promise<string> {
    const { url, response } = await browser.follow(
      `${server.url}/login/oidc?next=${encodeURIComponent('/metrics?range=5m')}`,
    );
    const action = /action="([^"]+)"/.exec(await response.text())?.[1] ?? '';
    const form = new URLSearchParams({ prompt: 'login', login, password: 'x' });
    const posted = await browser.get(new URL(action, url).href, { method: 'POST', body: form });
    let next = new URL(posted.headers.get('location') ?? '', url).href;
    for (let rounds = 0; rounds < 3; rounds += 1) {
      const reached = await browser.follow(next, isCallback);
      if (isCallback(new URL(reached.url))) return reached.url;
      const consent = /action="([^"]+)"/.exec(await reached.response.text())?.[1] ?? '';
      const agreed = await browser.get(new URL(consent, reached.url).href, {
        method: 'POST',
        body: new URLSearchParams({ prompt: 'consent' }),
      });
      next = new URL(agreed.headers.get('location') ?? '', reached.url).href;
    }
    throw new Error('the provider did not come to an end');
  }

  test('lets in whom it knows and whose group has a role, and goes on where the reader wanted to', async () => {
    const browser = new Browser();
    const back = await browser.get(await upToCallback(browser, 'ops-ann'));
    expect([back.status, back.headers.get('location')]).toEqual([303, '/metrics?range=5m']);
    expect((await browser.get(`${server.url}/api/connections`)).status).toBe(200);
    expect((await browser.get(`${server.url}/api/access`)).status).toBe(403);
    const [session] = [...server.runtime.access.book.sessions.values()];
    expect(session).toMatchObject({ name: 'ops-ann', role: 'operator', subject: 'oidc:ops-ann' });
  });

  test('gives nobody a role whose group is not named', async () => {
    const browser = new Browser();
    const back = await browser.get(await upToCallback(browser, 'guest-bob'));
    expect(whereTo(back)).toBe('/login?failed=no-role&next=%2Fmetrics%3Frange%3D5m');
    const { entries } = (await new AccessClient(server.url).ask('GET', '/api/audit')) as { entries: object[] };
    expect(entries[0]).toMatchObject({ who: 'guest-bob', act: 'login refused' });
    expect((await browser.get(`${server.url}/api/connections`)).status).toBe(401);
  });

  test('an answer that was not asked for here, or comes a second time, or to another browser, opens nothing', async () => {
    const browser = new Browser();
    const callback = await upToCallback(browser, 'staff-cid');
    const stranger = new Browser();
    expect(whereTo(await stranger.get(callback))).toBe('/login?failed=stale&next=%2Flogs');
    expect((await stranger.get(`${server.url}/api/events`)).status).toBe(401);
    const forged = new URL(callback);
    forged.searchParams.set('state', 'another');
    expect(whereTo(await browser.get(forged.href))).toBe('/login?failed=refused&next=%2Fmetrics%3Frange%3D5m');
    // What was begun is over with the first answer, whichever that was.
    expect(whereTo(await browser.get(callback))).toContain('failed=stale');
    const other = new Browser();
    const good = await upToCallback(other, 'staff-cid');
    expect(whereTo(await other.get(good))).toBe('/metrics?range=5m');
    expect(whereTo(await other.get(good))).toContain('failed=stale');
  });

  test('who says no there is told so here, without a word that came with the address', async () => {
    const browser = new Browser();
    const { headers } = await browser.get(`${server.url}/login/oidc?next=//evil.example`);
    const state = new URL(headers.get('location') ?? '').searchParams.get('state') ?? '';
    const says = new URLSearchParams({ error: 'access_denied', error_description: '<b>go to evil.example</b>', state });
    const denied = await browser.get(`${server.url}/login/oidc/callback?${says}&iss=${encodeURIComponent(issuer)}`);
    expect(whereTo(denied)).toBe('/login?failed=cancelled&next=%2Flogs');
  });

  test('a cookie that somebody has made up opens nothing, and sends nobody elsewhere', async () => {
    const pending = { state: 's', nonce: 'n', verifier: 'v'.repeat(43), next: '//evil.example', untilMs: 9e15 };
    const cookies = ['', 'x', '%%%', Buffer.from('null').toString('base64url')];
    cookies.push(Buffer.from(JSON.stringify(pending)).toString('base64url'), 'A'.repeat(5000));
    for (const cookie of cookies) {
      const response = await fetch(`${server.url}/login/oidc/callback?code=c&state=s`, {
        ...{ headers: { Cookie: `tailrace-oidc=${cookie}` }, redirect: 'manual' },
      });
      expect(whereTo(response), cookie.slice(0, 20)).toMatch(/^\/login\?failed=(stale|refused)&next=%2Flogs$/);
    }
  });

  test('a crowd that begins to log in takes no place from who has begun before', async () => {
    const browser = new Browser();
    const callback = await upToCallback(browser, 'staff-dee');
    for (let round = 0; round < 1100; round += 100) {
      const begun = Array.from({ length: 100 }, () => fetch(`${server.url}/login/oidc`, { redirect: 'manual' }));
      await Promise.all(begun);
    }
    expect(whereTo(await browser.get(callback))).toBe('/metrics?range=5m');
  });

  test('asks for the code with a challenge, and for a nonce', async () => {
    const { headers } = await fetch(`${server.url}/login/oidc`, { redirect: 'manual' });
    const query = new URL(headers.get('location') ?? '').searchParams;
    expect(Object.fromEntries(query)).toMatchObject({
      ...{ response_type: 'code', client_id: 'tailrace', code_challenge_method: 'S256' },
      redirect_uri: `${server.url}/login/oidc/callback`,
    });
    expect([query.get('state')?.length, query.get('nonce')?.length]).toEqual([43, 43]);
    expect(headers.get('set-cookie')).toMatch(
      /^tailrace-oidc=[\w-]+; Path=\/login\/oidc; HttpOnly; SameSite=Lax; Max-Age=600$/,
    );
  });
});

/** Knows everybody: the word before the hyphen is the group. */
function makeProvider(issuer: string, redirectUri: string): Provider {
  return new Provider(issuer, {
    clients: [{ client_id: 'tailrace', client_secret: 'a-secret-of-the-client', redirect_uris: [redirectUri] }],
    pkce: { required: () => true },
    claims: { openid: ['sub'], profile: ['preferred_username', 'groups'] },
    conformIdTokenClaims: false,
    findAccount: (_context: unknown, sub: string) => ({
      accountId: sub,
      claims: async () => ({ sub, preferred_username: sub, groups: [sub.split('-', 1)[0] ?? ''] }),
    }),
    cookies: { keys: ['a key of the test'] },
  });
}

test('while the provider is away the reader is sent back to the login page', async () => {
  const server = await startInProcess('socket', {
    ...{ ...CLOSED, ...ROLES, TAILRACE_OIDC_ISSUER: `http://127.0.0.1:${await freePort()}` },
    ...{ TAILRACE_OIDC_CLIENT_ID: 'tailrace', TAILRACE_OIDC_CLIENT_SECRET: 'a-secret-of-the-client' },
  });
  try {
    const { status, headers } = await fetch(`${server.url}/login/oidc?next=/metrics`, { redirect: 'manual' });
    expect([status, headers.get('location')]).toEqual([303, '/login?failed=unavailable&next=%2Fmetrics']);
  } finally {
    await server.close();
  }
});

describe('bearer tokens of an issuer (JWT)', () => {
  const ISSUER = 'https://id.example';
  let server: InProcessServer;
  let keys: Server;
  type Wish = { alg?: string; key?: CryptoKey | Uint8Array; exp?: string | number; issuer?: string; audience?: string };
  let sign: (claims: object, wish?: Wish) => Promise<string>;
  let asked = 0;

  beforeAll(async () => {
    const pair = await generateKeyPair('RS256', { extractable: true });
    const jwk = { ...(await exportJWK(pair.publicKey)), kid: 'one', alg: 'RS256', use: 'sig' };
    keys = createServer((_req, res) => {
      asked += 1;
      res.setHeader('Content-Type', 'application/json');
      res.end(JSON.stringify({ keys: [jwk] }));
    }).listen(0, '127.0.0.1');
    await once(keys, 'listening');
    sign = (claims, wish = {}) => {
      const { alg = 'RS256', key = pair.privateKey, exp = '5m', issuer = ISSUER, audience = 'tailrace' } = wish;
      return new SignJWT({ groups: ['staff'], ...claims })
        .setProtectedHeader({ alg, kid: 'one' })
        .setIssuer(issuer)
        .setAudience(audience)
        .setSubject('ann')
        .setExpirationTime(exp)
        .sign(key);
    };
    const url = `http://127.0.0.1:${(keys.address() as AddressInfo).port}/keys`;
    server = await startInProcess('socket', {
      ...{ ...CLOSED, ...ROLES, TAILRACE_JWT_ISSUER: ISSUER, TAILRACE_JWT_AUDIENCE: 'tailrace' },
      TAILRACE_JWT_JWKS_URL: url,
    });
  });
  afterAll(async () => {
    await server.close();
    keys.closeAllConnections();
    keys.close();
  });

  const status = async (token: string, path = '/api/connections'): Promise<number> =>
    (await fetch(`${server.url}${path}`, { headers: { Authorization: `Bearer ${token}` } })).status;

  test('one that is right is let in as what its claim says, and its keys are fetched once', async () => {
    const token = await sign({});
    for (let times = 0; times < 5; times += 1) expect(await status(token)).toBe(200);
    expect(await status(token, '/api/access')).toBe(403);
    expect(asked).toBe(1);
  });

  test('one that may send does, also over what asks its sender itself', async () => {
    const post = async (token: string) =>
      (
        await fetch(`${server.url}/api/events`, {
          method: 'POST',
          headers: { Authorization: `Bearer ${token}`, 'Content-Type': 'application/json' },
          body: '{"message":"m"}',
        })
      ).status;
    expect([await post(await sign({ groups: ['ops'] })), await post(await sign({}))]).toEqual([200, 403]);
  });

  test('one of another issuer, audience, time, key or kind of signature is not', async () => {
    const other = await generateKeyPair('RS256');
    const secret = new TextEncoder().encode('a secret that both sides would have to share');
    const wrong = [
      await sign({}, { issuer: 'https://evil.example' }),
      await sign({}, { audience: 'another' }),
      await sign({}, { exp: Math.floor(Date.now() / 1000) - 60 }),
      await sign({}, { key: other.privateKey }),
      await sign({}, { alg: 'HS256', key: secret }),
    ];
    const [head = '', payload = ''] = (await sign({})).split('.');
    const none = Buffer.from('{"alg":"none"}').toString('base64url');
    wrong.push(`${none}.${payload}.x`, `${head}.${payload}.x`);
    expect(await Promise.all(wrong.map((token) => status(token)))).toEqual(wrong.map(() => 401));
  });

  test('one whose group has no role is known and refused', async () => {
    expect(await status(await sign({ groups: ['guest'] }))).toBe(403);
  });

  test('its end is the end of its stream', async () => {
    const { SseClient } = await import('./support/sse-client.ts');
    const token = await sign({}, { exp: Math.floor(Date.now() / 1000) + 2 });
    const stream = new SseClient(server.url, { headers: { Authorization: `Bearer ${token}` } });
    await stream.first('stream');
    expect(await stream.first('bye')).toMatchObject({ reason: 'token-expired' });
    stream.close();
  });
});
