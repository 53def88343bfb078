import { request as httpRequest } from 'node:http';
import { networkInterfaces } from 'node:os';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ServerProcess } from './support/server-process.ts';

/** Let through it is a question that cannot be answered (400), refused it is 403: nothing happens in either case. */
const GUARDED = '/api/diagnostics/cpu-profile?seconds=0';
const LET_THROUGH = 400;
const DIAGNOSTICS = { TAILRACE_DIAGNOSTICS: '1' };
const FORGED = { 'x-tailrace-peer': '127.0.0.1', 'x-forwarded-for': '127.0.0.1', 'x-real-ip': '127.0.0.1' };

/** On a bare request, because `fetch` will not send every header that an attacker would. */
function post(url: string, headers: Record<string, string> = {}): Promise<{ status: number; detail: string }> {
  return new Promise((resolve, reject) => {
    const req = httpRequest(`${url}${GUARDED}`, { method: 'POST', headers }, async (res) => {
      const { detail } = JSON.parse(await text(res));
      resolve({ status: res.statusCode ?? 0, detail });
    });
    req.once('error', reject).end();
  });
}

/** An address of this machine under which it is a stranger to itself; undefined in a network of one. */
const ownAddress = Object.values(networkInterfaces())
  .flat()
  .find((found) => found?.family === 'IPv4' && !found.internal)?.address;

describe('bound to loopback, without a token', () => {
  let server: ServerProcess;
  beforeAll(async () => {
    server = await ServerProcess.start({ environment: DIAGNOSTICS });
  });
  afterAll(() => server.stop());

  test('this machine is let through, whatever it says it is', async () => {
    expect((await post(server.url)).status).toBe(LET_THROUGH);
    expect((await post(server.url, { 'x-tailrace-peer': '203.0.113.9' })).status).toBe(LET_THROUGH);
  });

  test('what a proxy on this machine passes on is asked who it is', async () => {
    expect((await post(server.url, { 'x-forwarded-for': '203.0.113.9' })).status).toBe(401);
    expect((await post(server.url, { forwarded: 'for=203.0.113.9' })).status).toBe(401);
  });

  test('pages of other sites are refused, also under a name that was pointed here', async () => {
    const { host } = new URL(server.url);
    const own = { Origin: `http://${host}`, 'Sec-Fetch-Site': 'same-origin' };
    expect((await post(server.url, own)).status).toBe(LET_THROUGH);
    expect((await post(server.url, { ...own, 'Sec-Fetch-Site': 'cross-site' })).status).toBe(403);
    expect((await post(server.url, { ...own, Origin: 'http://evil.example' })).status).toBe(403);
    expect((await post(server.url, { Origin: 'null' })).status).toBe(403);
    const rebound = { Host: 'evil.example', Origin: 'http://evil.example', 'Sec-Fetch-Site': 'same-origin' };
    expect((await post(server.url, rebound)).status).toBe(401);
  });
});

describe('bound to every address, without a token', () => {
  let server: ServerProcess;
  beforeAll(async () => {
    server = await ServerProcess.start({ environment: { ...DIAGNOSTICS, HOST: '0.0.0.0' } });
  });
  afterAll(() => server.stop());

  test('everybody is asked who they are, this machine included, whatever they say', async () => {
    const addresses = ['127.0.0.1', ...(ownAddress ? [ownAddress] : [])];
    for (const address of addresses) {
      const url = server.url.replace('127.0.0.1', address);
      for (const headers of [{}, FORGED, { ...FORGED, Host: 'localhost' }]) {
        expect(await post(url, headers)).toMatchObject({ status: 401, detail: expect.stringContaining('/login') });
      }
    }
  });
});

test('under plain next start a forged peer opens nothing, and the answer says what would', async () => {
  const server = await ServerProcess.start({
    kind: 'next',
    environment: { ...DIAGNOSTICS, TAILRACE_ACCESS: 'auto' },
  });
  try {
    expect(await post(server.url, FORGED)).toMatchObject({
      status: 401,
      detail: expect.stringContaining('TAILRACE_ADMIN_TOKEN'),
    });
  } finally {
    await server.stop();
  }
});

test.each(['npm', 'next'] as const)('with a token (%s) only who has it is let through', async (kind) => {
  const environment = { ...DIAGNOSTICS, TAILRACE_ADMIN_TOKEN: 'open-sesame' };
  const server = await ServerProcess.start({ kind, environment });
  try {
    const right = { Authorization: 'Bearer open-sesame' };
    expect((await post(server.url, right)).status).toBe(LET_THROUGH);
    expect((await post(server.url, { ...right, 'Sec-Fetch-Site': 'cross-site' })).status).toBe(403);
    expect((await post(server.url, { ...FORGED, Authorization: 'Bearer open-sesam' })).status).toBe(403);
    expect((await post(server.url, FORGED)).status).toBe(403);
  } finally {
    await server.stop();
  }
});
