import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { AccessClient, ADMIN_TOKEN } from './support/access-client.ts';
import { ServerProcess } from './support/server-process.ts';

/** What somebody without a token tries on the whole server, pages and Next's own doors included. */
let server: ServerProcess;
let port: number;

beforeAll(async () => {
  server = await ServerProcess.start({
    environment: { HOST: '0.0.0.0', TAILRACE_ADMIN_TOKEN: ADMIN_TOKEN, TAILRACE_SESSION_IDLE_MS: '60000' },
  });
  port = Number(new URL(server.url).port);
  await new AccessClient(server.url).ask('POST', '/api/events', [
    { message: 'hidden-message', service: 'hidden-service' },
    { kind: 'metric', name: 'hidden-metric', value: 1, service: 'hidden-service' },
  ]);
});
afterAll(() => server.stop());

/** By hand, since every client tidies up what it sends. */
function raw(method: string, path: string, head = ''): Promise<string> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    let answer = '';
    socket.on('data', (bytes) => {
      answer += bytes;
    });
    socket.on('error', () => undefined);
    socket.on('close', () => resolve(answer));
    socket.setTimeout(3000, () => socket.destroy());
    const body = method === 'GET' || method === 'HEAD' ? '' : 'Content-Length: 2\r\n';
    const text = `${method} ${path} HTTP/1.1\r\nHost: localhost:${port}\r\nConnection: close\r\n${head}${body}\r\n`;
    socket.write(text + (body ? '[]' : ''));
  });
}

/** Of events, of the process, of who may come in, and of where the journal stands. */
const SECRET = /hidden-|"head":|heapUsed|"tokens":|^tailrace_\w+/m;
function judge(answer: string, what: string): void {
  expect(answer, what).toMatch(/^HTTP\/1\.1 \d{3}/);
  expect(SECRET.test(answer), `${what}: ${answer.slice(0, 500)}`).toBe(false);
  const location = /\r\nlocation: ([^\r]*)/i.exec(answer)?.[1];
  // Sent on within this server, if at all.
  const isHere = location === undefined || (location.startsWith('/') && !/^\/[/\\]/.test(location));
  expect(isHere || /^http:\/\/(localhost|127\.0\.0\.1)(:\d+)?\//.test(location ?? ''), `${what} → ${location}`).toBe(
    true,
  );
}

/** The login page, or what tells that the server lives. */
function isForStrangers(answer: string): boolean {
  const body = answer.slice(answer.indexOf('\r\n\r\n') + 4);
  return body.includes('Log in to Tailrace') || /ready/.test(body.slice(0, 40));
}

const DOORS = [
  '/logs',
  '/metrics',
  '/access',
  '/api/events',
  '/api/services',
  '/api/access',
  '/api/system',
  '/api/audit',
];

const encoded = (path: string) => path.replace(/[a-z]/, (letter) => `%${letter.charCodeAt(0).toString(16)}`);
const SPELLINGS: Readonly<Record<string, (path: string) => string>> = {
  'as it is': (path) => path,
  'two slashes': (path) => `/${path}`,
  'a slash at the end': (path) => `${path}/`,
  'an encoded letter': encoded,
  'an encoded slash': (path) => `${path}%2f`,
  'a zero': (path) => `${path}%00`,
  'a parameter of the path': (path) => `${path};x=1`,
  'up from what is public': (path) => `/login/..${path}`,
  'up, encoded': (path) => `/login/%2e%2e${path}`,
  'up from files': (path) => `/_next/static/%2e%2e${path}`,
  'up from health': (path) => `/services/collector/health/..%2f..%2f..${path}`,
  backslashes: (path) => path.replaceAll('/', '\\'),
  capitals: (path) => path.toUpperCase(),
  'a whole address': (path) => `http://localhost${path}`,
  'data of a page': (path) => `/_next/data/build${path}.json`,
  'a part of a page': (path) => `${path}.segments/_tree.segment.rsc`,
  'a page without its frame': (path) => `${path}?_rsc=abc`,
  'the fetcher of pictures': (path) => `/_next/image?url=${encodeURIComponent(path)}&w=64&q=75`,
  'a prefix of another protocol': (path) => `/elasticsearch${path}`,
};

const tree = encodeURIComponent(
  JSON.stringify(['', { children: ['logs', { children: ['__PAGE__', {}] }, null, 'refetch'] }, null, null, true]),
);
const HEADS: Readonly<Record<string, string>> = {
  'nothing more': '',
  'a browser': 'Accept: text/html\r\n',
  'a part of a page': 'RSC: 1\r\n',
  'a part of a page in advance': 'RSC: 1\r\nNext-Router-Prefetch: 1\r\nNext-Router-Segment-Prefetch: /_tree\r\n',
  'a page as if its frame were there': `RSC: 1\r\nNext-Router-State-Tree: ${tree}\r\n`,
  'a request of the proxy itself':
    'Accept: text/html\r\nx-middleware-subrequest: proxy:proxy:proxy:proxy:proxy\r\nx-middleware-subrequest-id: x\r\n',
  'another place': 'Accept: text/html\r\nx-tailrace-path: /login\r\nx-nonce: mine\r\n',
  'another address':
    'x-tailrace-peer: 127.0.0.1\r\nX-Forwarded-For: 127.0.0.1\r\nX-Real-IP: ::1\r\nForwarded: for=127.0.0.1\r\n',
  'another path':
    'x-rewrite-url: /healthz\r\nx-original-url: /healthz\r\nx-invoke-path: /login\r\nx-matched-path: /login\r\nx-middleware-rewrite: /login\r\n',
  'headers put in by the proxy':
    'x-middleware-override-headers: cookie\r\nx-middleware-request-cookie: tailrace-session=x\r\n',
  'a preview': 'Cookie: __prerender_bypass=x; __next_preview_data=x\r\nx-prerender-revalidate: x\r\n',
  'another client': 'x-elastic-client-meta: es=8\r\nUser-Agent: elastic/8\r\n',
  'two credentials':
    'Authorization: Bearer x\r\nAuthorization: Basic Og==\r\nCookie: tailrace-session=; tailrace-session=x\r\n',
};

describe.each(DOORS)('%s', (door) => {
  test.each(Object.entries(SPELLINGS))('spelt with %s', async (_, spell) => {
    const path = spell(door);
    for (const [head, lines] of Object.entries(HEADS)) {
      const what = `GET ${path} with ${head}`;
      const answer = await raw('GET', path, lines);
      judge(answer, what);
      if (/^HTTP\/1\.1 200/.test(answer)) expect([what, isForStrangers(answer)]).toEqual([what, true]);
    }
  });

  test('asked for by other methods', async () => {
    for (const method of ['HEAD', 'OPTIONS', 'POST', 'PUT', 'PATCH', 'DELETE', 'TRACE', 'PROPFIND', 'QUERY']) {
      const answer = await raw(method, door, 'Content-Type: application/json\r\nX-HTTP-Method-Override: GET\r\n');
      judge(answer, `${method} ${door}`);
      expect(answer, `${method} ${door}`).not.toMatch(/^HTTP\/1\.1 5\d\d/);
      expect(answer, `${method} ${door}`).not.toMatch(/^HTTP\/1\.1 20[012]/);
    }
  });
});

test('an action of a page is none of ours, and there is no fetcher of pictures', async () => {
  const action =
    'Accept: text/html\r\nNext-Action: 40aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\r\nContent-Type: text/plain\r\n';
  for (const path of ['/login', '/logs', '/']) judge(await raw('POST', path, action), path);
  for (const url of ['/icon.svg', `http://127.0.0.1:${port}/api/events`]) {
    expect(await raw('GET', `/_next/image?url=${encodeURIComponent(url)}&w=64&q=75`)).toMatch(/^HTTP\/1\.1 404/);
  }
});

test.each(['text/html', '*/*', 'image/avif,*/*'])(
  'nothing can be put into a frame by who asks for %s',
  async (accept) => {
    for (const path of ['/login', '/logs', '/api/events', '/nowhere', '/healthz']) {
      const answer = await raw('GET', path, `Accept: ${accept}\r\n`);
      expect(answer, path).toMatch(/\r\nx-frame-options: DENY\r\n/i);
      // A page that is sent on has none to be put anywhere.
      if (!/^HTTP\/1\.1 307/.test(answer))
        expect(answer, path).toMatch(/\r\ncontent-security-policy: [^\r]*frame-ancestors 'none'/i);
      expect(answer, path).toMatch(/\r\ncross-origin-resource-policy: same-origin\r\n/i);
    }
  },
);

test('scripts run by a nonce that is another one each time, and is not taken from who asks', async () => {
  const nonces = new Set<string>();
  for (let times = 0; times < 3; times += 1) {
    const answer = await raw(
      'GET',
      '/login',
      'Accept: text/html\r\nx-nonce: mine\r\nContent-Security-Policy: script-src *\r\n',
    );
    const policy = /\r\ncontent-security-policy: ([^\r]*)/i.exec(answer)?.[1] ?? '';
    const nonce = /script-src 'self' 'nonce-([^']+)' 'strict-dynamic'(;|$)/.exec(policy)?.[1] ?? '';
    nonces.add(nonce);
    expect(policy).not.toMatch(/unsafe-eval|script-src[^;]*unsafe-inline/);
    const scripts = answer.match(/<script[^>]*>/g) ?? [];
    expect(scripts.length).toBeGreaterThan(1);
    for (const script of scripts) expect(script).toContain(`nonce="${nonce}"`);
  }
  expect(nonces.size).toBe(3);
});

test('an upgrade to a WebSocket is nobody\u2019s way in, wherever it is asked for', async () => {
  const upgrade =
    'Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n';
  for (const path of [
    '/',
    '/logs',
    '//api/ws',
    '/api/ws/',
    '/api/%77s',
    '/API/WS',
    '/api/stream',
    '/_next/webpack-hmr',
    '/mqtt/',
  ]) {
    const answer = await raw('GET', path, upgrade);
    expect(SECRET.test(answer), path).toBe(false);
    expect(answer, path).not.toMatch(/^HTTP\/1\.1 101/);
  }
  const told = await raw('GET', '/api/ws?from=-1h', upgrade);
  expect(told).toContain('unauthorized');
  expect(SECRET.test(told)).toBe(false);
}, 60_000);
