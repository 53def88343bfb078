import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ENDPOINTS } from './access-table.ts';
import { AccessClient, CLOSED, logIn } from './support/access-client.ts';
import { GatewayPair } from './support/gateway-pair.ts';
import { type InProcessServer, startInProcess } from './support/in-process-server.ts';
import { until } from './support/wait.ts';

const SHOP = 'https://shop.example';
const EVIL = 'https://evil.example';
/** GELF answers 202, Loki 204. */
const TAKEN = [200, 202, 204];

/** Where something may be posted, and a body that each takes. */
const WAYS: readonly (readonly [path: string, body: string])[] = [
  ['/api/events', '{"message":"from a page"}'],
  ['/v1/logs', '{"resourceLogs":[{"scopeLogs":[{"logRecords":[{"body":{"stringValue":"from a page"}}]}]}]}'],
  ['/v1/metrics', '{"resourceMetrics":[]}'],
  ['/v1/traces', '{"resourceSpans":[]}'],
  ['/loki/api/v1/push', '{"streams":[{"stream":{"service":"s"},"values":[["1792000000000000000","from a page"]]}]}'],
  ['/gelf', '{"version":"1.1","host":"h","short_message":"from a page"}'],
  ['/services/collector/event', '{"event":"from a page"}'],
  ['/elasticsearch/_bulk', '{"create":{}}\n{"message":"from a page"}\n'],
  ['/_bulk', '{"create":{}}\n{"message":"from a page"}\n'],
];

let server: InProcessServer;
let otlpUrl: string;
let keys: { ingest: Record<string, string>; viewer: Record<string, string> };
beforeAll(async () => {
  server = await startInProcess('web', { ...CLOSED, TAILRACE_ALLOWED_ORIGINS: SHOP, TAILRACE_OTLP_PORT: '0' });
  otlpUrl = `http://127.0.0.1:${server.listeners.ports['otlp']}`;
  const access = new AccessClient(server.url);
  keys = {
    ingest: { ...(await access.token({ role: 'ingest' })).headers },
    viewer: { ...(await access.token({ role: 'viewer' })).headers },
  };
  await access.account('reader', 'the password of a reader', 'operator');
});
afterAll(() => server.close());

async function ask(url: string, method: string, headers: Record<string, string>, body?: string) {
  const response = await fetch(url, { method, headers, ...(body !== undefined && { body }) });
  const text = await response.text();
  const cors = [...response.headers].filter(([name]) => name.startsWith('access-control-')).map(([name]) => name);
  const { status, headers: got } = response;
  const [allowed, methods] = ['origin', 'methods'].map((name) => got.get(`access-control-allow-${name}`));
  return { status, cors, text, allowed, methods, vary: got.get('vary') };
}

/** What Chromium asks before a fetch with a key. */
const wish = (origin: string, method = 'POST') => ({
  Origin: origin,
  'Access-Control-Request-Method': method,
  'Access-Control-Request-Headers': 'authorization,content-type',
});
const json = { 'Content-Type': 'application/json' };

describe.each(WAYS)('%s', (path, body) => {
  test('a page of an allowed origin may ask, send with a key, and read the answer', async () => {
    const asked = await ask(server.url + path, 'OPTIONS', wish(SHOP));
    expect(asked).toMatchObject({ status: 204, allowed: SHOP, vary: 'Origin' });
    const sent = await ask(server.url + path, 'POST', { ...json, ...keys.ingest, Origin: SHOP }, body);
    expect(sent).toMatchObject({ allowed: SHOP, vary: 'Origin' });
    expect(TAKEN).toContain(sent.status);
    expect([...asked.cors, ...sent.cors]).not.toContain('access-control-allow-credentials');
  });

  test('without a key, with a wrong one or one that may not send, it can read why it may not', async () => {
    for (const [key, status] of [
      [{}, 401],
      [{ Authorization: 'Bearer nonsense' }, 401],
      [keys.viewer, 403],
    ] as const) {
      const sent = await ask(server.url + path, 'POST', { ...json, ...key, Origin: SHOP }, body);
      expect(sent).toMatchObject({ status, allowed: SHOP });
    }
  });

  test('another page is refused when it asks', async () => {
    const before = server.runtime.journal.headSeq;
    expect(await ask(server.url + path, 'OPTIONS', wish(EVIL))).toMatchObject({
      status: 403,
      cors: [],
      vary: 'Origin',
    });
    // What a browser sends without asking.
    const simple = { 'Content-Type': 'text/plain', ...keys.ingest, Origin: EVIL };
    expect(await ask(server.url + path, 'POST', simple, body)).toMatchObject({ status: 403, cors: [] });
    expect(server.runtime.journal.headSeq).toBe(before);
  });

  test('the cookie of its reader lets no page of another origin in', async () => {
    const { cookie, status } = await logIn(server.url, { username: 'reader', password: 'the password of a reader' });
    expect(status).toBe(200);
    const before = server.runtime.journal.headSeq;
    for (const type of ['text/plain', 'application/json']) {
      const headers = { 'Content-Type': type, Cookie: cookie, Origin: SHOP };
      expect((await ask(server.url + path, 'POST', headers, body)).status, type).toBe(401);
    }
    expect(server.runtime.journal.headSeq).toBe(before);
    const own = { ...json, Cookie: cookie, Origin: server.url };
    const sent = await ask(server.url + path, 'POST', own, body);
    expect(sent.allowed).toBeNull();
    expect(TAKEN).toContain(sent.status);
  });
});

test.each(['/v1/logs', '/v1/metrics', '/v1/traces'])('the port of OTLP answers pages at %s as well', async (path) => {
  expect(await ask(otlpUrl + path, 'OPTIONS', wish(SHOP))).toMatchObject({ status: 204, allowed: SHOP });
  expect(await ask(otlpUrl + path, 'OPTIONS', wish(EVIL))).toMatchObject({ status: 403, cors: [] });
  const sent = await ask(otlpUrl + path, 'POST', { ...json, ...keys.ingest, Origin: SHOP }, '{}');
  expect(sent).toMatchObject({ status: 200, allowed: SHOP });
});

/** All that is not for senders; what ends the server's readiness is left out. */
const READ = Object.entries(ENDPOINTS).filter(([endpoint, door]) => {
  return door !== 'sender' && !endpoint.startsWith('OPTIONS') && !endpoint.includes('drain');
});

test.each([
  ...READ,
  ['GET /metrics', 'inspect'],
  ['GET /elasticsearch/', 'sender'],
  ['GET /services/collector/health', 'sender'],
])('%s is nothing for a page of an allowed origin', async (endpoint) => {
  const [method = '', path = ''] = endpoint.split(' ');
  const url = server.url + path.replace('[id]', 'AAAAAAAA');
  const asked = await ask(url, 'OPTIONS', wish(SHOP, method));
  // Where something may be sent as well, only that is allowed.
  const allowed = asked.status === 204 ? asked.methods : null;
  expect([null, 'POST']).toContain(allowed);
  if (allowed === 'POST') expect(method).not.toBe('POST');
  else expect(asked.cors).toEqual([]);
  const abort = new AbortController();
  const headers = { ...keys.viewer, Origin: SHOP };
  const response = await fetch(url, { method, headers, signal: abort.signal, redirect: 'manual' });
  expect([...response.headers].filter(([name]) => name.startsWith('access-control-'))).toEqual([]);
  abort.abort();
});

test('a gateway beside the server says of pages what the server says, once', async () => {
  const pair = await GatewayPair.make();
  const environment = { ...CLOSED, TAILRACE_ALLOWED_ORIGINS: SHOP };
  try {
    await pair.startOwner(environment);
    await pair.startGateway({ ...environment, TAILRACE_UPSTREAM: pair.owner.url });
    const { url } = pair.gateway;
    const key = (await new AccessClient(pair.owner.url).token({ role: 'ingest' })).headers;
    await until('the gateway to know the key', async () => {
      const sent = await ask(`${url}/v1/logs`, 'POST', { ...json, ...key, Origin: SHOP }, '{}');
      return sent.status === 200;
    });
    for (const path of ['/api/events', '/v1/logs', '/loki/api/v1/push']) {
      expect(await ask(url + path, 'OPTIONS', wish(SHOP)), path).toMatchObject({ status: 204, allowed: SHOP });
      expect(await ask(url + path, 'OPTIONS', wish(EVIL)), path).toMatchObject({ status: 403, cors: [] });
      const sent = await ask(
        url + path,
        'POST',
        { ...json, ...key, Origin: SHOP },
        WAYS.find(([way]) => way === path)?.[1],
      );
      expect(TAKEN, path).toContain(sent.status);
      // Next has added what its own pages depend on.
      expect(sent, path).toMatchObject({ allowed: SHOP, vary: expect.stringMatching(/\bOrigin$/) });
      expect(await ask(url + path, 'POST', { ...json, Origin: SHOP }, '{}'), path).toMatchObject({
        status: 401,
        allowed: SHOP,
      });
    }
  } finally {
    await pair.stop();
  }
});
