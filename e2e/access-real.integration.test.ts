import { networkInterfaces } from 'node:os';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { AccessClient, ADMIN_TOKEN, logIn, type Made } from './support/access-client.ts';
import { GatewayPair } from './support/gateway-pair.ts';
import { freePort, ServerProcess } from './support/server-process.ts';
import { SseClient } from './support/sse-client.ts';
import { until } from './support/wait.ts';

const EVERYWHERE = { HOST: '0.0.0.0', TAILRACE_GRPC_PORT: 'off' };
const LINK = /\/login#once=(trl_[\w-]{43})/;

/** An address of this machine under which it is a stranger to itself; undefined in a network of one. */
const ownAddress = Object.values(networkInterfaces())
  .flat()
  .find((found) => found?.family === 'IPv4' && !found.internal)?.address;

async function statusOf(url: string, headers: Record<string, string> = {}): Promise<number> {
  const response = await fetch(url, { headers });
  await response.body?.cancel();
  return response.status;
}

describe.each(['npm', 'next'] as const)('a first start (%s) that nobody has an account of', (kind) => {
  let server: ServerProcess;
  let link = '';
  beforeAll(async () => {
    server = await ServerProcess.start({ kind, environment: { ...EVERYWHERE, TAILRACE_ACCESS: 'auto' } });
    await until('the link', () => LINK.test(server.output));
    link = LINK.exec(server.output)?.[1] ?? '';
  });
  afterAll(() => server.stop());

  test('lets nobody in, this machine included, and says how to get in', async () => {
    const addresses = ['127.0.0.1', ...(ownAddress && kind === 'npm' ? [ownAddress] : [])];
    for (const address of addresses) {
      const url = server.url.replace('127.0.0.1', address);
      for (const path of ['/api/events', '/api/stream', '/api/connections', '/metrics', '/api/audit']) {
        expect(await statusOf(`${url}${path}`), path).toBe(401);
      }
      expect([await statusOf(`${url}/healthz`), await statusOf(`${url}/readyz`)]).toEqual([200, 200]);
    }
    const response = await fetch(`${server.url}/api/stream`);
    expect(response.headers.get('www-authenticate')).toBe('Bearer');
    expect(response.headers.get('content-type')).toContain('application/problem+json');
    expect(await response.json()).toMatchObject({ code: 'unauthorized', detail: expect.stringContaining('/login') });
    const forged = { 'x-tailrace-peer': '127.0.0.1', 'x-forwarded-for': '127.0.0.1', Host: 'localhost' };
    expect(await statusOf(`${server.url}/api/events`, forged)).toBe(401);
  });

  test('prints a link that looking at does not use up, and that opens once', async () => {
    expect(await statusOf(`${server.url}/login`)).toBe(200);
    const { status, cookie } = await logIn(server.url, { once: link });
    expect(status).toBe(200);
    expect(await statusOf(`${server.url}/api/access`, { Cookie: cookie })).toBe(200);
    expect((await logIn(server.url, { once: link })).status).toBe(401);
  });
});

test('under plain `next start`, where all come from nowhere, one who tries passwords locks nobody else out', async () => {
  const environment = { ...EVERYWHERE, TAILRACE_ACCESS: 'closed', TAILRACE_ADMIN_TOKEN: ADMIN_TOKEN };
  const server = await ServerProcess.start({ kind: 'next', environment });
  try {
    await new AccessClient(server.url).account('ada', 'correct horse battery', 'viewer');
    const wrong = Array.from({ length: 14 }, () => logIn(server.url, { username: 'eve', password: 'guess' }));
    expect((await Promise.all(wrong)).filter(({ status }) => status === 429)).toHaveLength(4);
    for (let n = 0; n < 30; n += 1) {
      expect((await logIn(server.url, { token: 'a guess' }, { 'X-Forwarded-For': `198.51.100.${n}` })).status).toBe(
        401,
      );
    }
    expect((await logIn(server.url, { username: 'ada', password: 'correct horse battery' })).status).toBe(200);
  } finally {
    await server.stop();
  }
});

test('the link is printed anew with each start until somebody can come in, and never after', async () => {
  let server = await ServerProcess.start({ environment: EVERYWHERE });
  const { dataDir } = server;
  try {
    await until('the link', () => LINK.test(server.output));
    const first = LINK.exec(server.output)?.[1] ?? '';
    await server.kill();
    server = await ServerProcess.start({ environment: EVERYWHERE, dataDir });
    await until('another link', () => LINK.test(server.output));
    const second = LINK.exec(server.output)?.[1] ?? '';
    expect(second).not.toBe(first);
    expect((await logIn(server.url, { once: first })).status).toBe(401);
    const { cookie } = await logIn(server.url, { once: second });
    const admin = new AccessClient(server.url, { Cookie: cookie });
    await admin.account('ada', 'correct horse battery', 'admin');
    const made = await admin.token({ role: 'viewer' });
    const gone = await admin.token({ role: 'viewer' });
    await admin.revoke(gone);
    server.signal('SIGTERM');
    await server.exited();
    server = await ServerProcess.start({ environment: EVERYWHERE, dataDir });
    await until('the welcome', () => server.output.includes('Tailrace is ready'));
    expect(server.output).not.toMatch(LINK);
    // All of it is still so.
    const ask = (headers: Record<string, string>) => statusOf(`${server.url}/api/connections`, headers);
    expect([await ask(made.headers), await ask(gone.headers), await ask({ Cookie: cookie })]).toEqual([200, 401, 200]);
    expect((await logIn(server.url, { username: 'ada', password: 'correct horse battery' })).status).toBe(200);
  } finally {
    await server.stop();
  }
});

test('nothing that opens a door is in the log, nor in the journal, also when it was refused', async () => {
  const environment = {
    ...EVERYWHERE,
    TAILRACE_ADMIN_TOKEN: ADMIN_TOKEN,
    TAILRACE_LOG_LEVEL: 'trace',
    TAILRACE_SOURCES: 'log',
  };
  const server = await ServerProcess.start({ environment });
  try {
    const admin = new AccessClient(server.url);
    await admin.account('ada', 'correct horse battery', 'operator');
    const [key, gone] = [await admin.token({ role: 'ingest' }), await admin.token({ role: 'viewer' })];
    await admin.revoke(gone);
    const { cookie } = await logIn(server.url, { username: 'ada', password: 'correct horse battery' });
    await logIn(server.url, { username: 'ada', password: 'hunter2 hunter2' });
    await logIn(server.url, { token: 'trl_wrong-one' });
    const stream = new SseClient(server.url, { headers: { Cookie: cookie } });
    await stream.first('stream');
    stream.close();
    const post = (body: string, headers: Record<string, string>) =>
      fetch(`${server.url}/api/events`, {
        method: 'POST',
        headers: { 'Content-Type': 'application/json', ...headers },
        body,
      });
    await post('{"message":"m"}', key.headers);
    await post('nonsense', key.headers);
    await post('{"message":"m"}', gone.headers);
    await fetch(`${server.url}/api/connections/AAAA/disconnect`, { method: 'POST', headers: { Cookie: cookie } });
    await fetch(`${server.url}/api/diagnostics/cpu-profile?seconds=x`, { method: 'POST', headers: admin.headers });
    const secrets = [
      key.token,
      gone.token,
      ADMIN_TOKEN,
      cookie.split('=')[1] ?? '',
      'hunter2',
      'correct horse',
      'wrong-one',
    ];
    await until('the log to have come through', async () => {
      return (
        (await (await fetch(`${server.url}/api/events?limit=1000`, { headers: admin.headers })).text()).includes(
          'ingest failed',
        ) || server.output.includes('ingest failed')
      );
    });
    const journal = await (await fetch(`${server.url}/api/events?limit=1000`, { headers: admin.headers })).text();
    for (const secret of secrets) {
      expect(secret.length).toBeGreaterThan(5);
      expect([secret, journal.includes(secret), server.output.includes(secret)]).toEqual([secret, false, false]);
    }
  } finally {
    await server.stop();
  }
});

describe('a gateway beside the server', () => {
  let pair: GatewayPair;
  let admin: AccessClient;
  beforeAll(async () => {
    pair = await GatewayPair.make();
    const environment = { TAILRACE_ACCESS: 'closed', TAILRACE_ADMIN_TOKEN: ADMIN_TOKEN };
    await pair.startOwner(environment);
    await pair.startGateway(environment);
    admin = new AccessClient(pair.owner.url);
  });
  afterAll(() => pair.stop());

  test('knows whom the server knows, and forgets within seconds whom it forgets', async () => {
    const made = await admin.token({ role: 'viewer' });
    const ask = (headers: Record<string, string>) => statusOf(`${pair.gateway.url}/api/events`, headers);
    await until('the token to be known', async () => (await ask(made.headers)) === 200, 5000);
    expect(await ask({})).toBe(401);
    const stream = new SseClient(pair.gateway.url, { headers: made.headers });
    await stream.first('stream');
    await admin.revoke(made);
    await until('the goodbye', () => stream.named('bye').length > 0, 5000);
    expect(stream.named('bye')[0]).toMatchObject({ reason: 'token-expired' });
    expect(await ask(made.headers)).toBe(401);
    stream.close();
  });

  test('hands on what a key sends, and nothing of who has none; decides nothing by itself', async () => {
    const key: Made = await admin.token({ role: 'ingest', services: ['shop'] });
    const send = (headers: Record<string, string>, service: string) =>
      fetch(`${pair.gateway.url}/api/events`, {
        method: 'POST',
        headers: { 'Content-Type': 'application/json', ...headers },
        body: JSON.stringify({ message: 'm', service }),
      }).then(({ status }) => status);
    await until('the key to be known', async () => (await send(key.headers, 'shop')) === 200, 5000);
    expect([await send(key.headers, 'bank'), await send({}, 'shop')]).toEqual([400, 401]);
    expect((await logIn(pair.gateway.url, { token: ADMIN_TOKEN })).status).toBe(503);
    await expect(new AccessClient(pair.gateway.url).token({ role: 'viewer' })).rejects.toThrow('503');
  });
});

test('a port that is bound to loopback is open to this machine, and to nobody who only says so', async () => {
  const port = await freePort();
  const server = await ServerProcess.start({ port });
  try {
    const url = `http://127.0.0.1:${port}/api/events`;
    expect(await statusOf(url)).toBe(200);
    expect(server.output).not.toMatch(LINK);
    expect(await statusOf(url, { 'X-Forwarded-For': '203.0.113.9' })).toBe(401);
    const { request } = await import('node:http');
    const rebound = await new Promise<number>((resolve, reject) => {
      const req = request(url, { headers: { Host: `evil.example:${port}` } }, (res) =>
        resolve(res.resume().statusCode ?? 0),
      );
      req.once('error', reject).end();
    });
    expect(rebound).toBe(401);
  } finally {
    await server.stop();
  }
});
