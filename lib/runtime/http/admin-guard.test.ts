import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { parseConfig } from '@/lib/config/config.ts';
import { isAppError } from '@/lib/core/errors.ts';
import { checkAdmin } from './admin-guard.ts';

const OWN_SERVER = Symbol.for('tailrace.own-server');
const flags = globalThis as { [OWN_SERVER]?: true };

/** The sentence of the refusal, or undefined when the operator is let through. */
function refusal(headers: Record<string, string>, environment: Record<string, string> = {}): string | undefined {
  const request = new Request('http://localhost:3000/', { method: 'POST' });
  // A Request of its own accord refuses to carry some of these; what Next hands over has them all.
  const all = new Headers({ host: 'localhost:3000', ...headers });
  const asked = { method: 'POST', url: request.url, headers: all } as unknown as Request;
  try {
    checkAdmin({ config: parseConfig(environment, '/') }, asked);
    return undefined;
  } catch (error) {
    if (isAppError(error) && error.code === 'forbidden') return error.message;
    throw error;
  }
}

const local = { 'x-tailrace-peer': '127.0.0.1' };

describe('behind our own server', () => {
  beforeEach(() => {
    flags[OWN_SERVER] = true;
  });
  afterEach(() => {
    delete flags[OWN_SERVER];
  });

  test('this machine may, also from a page of the server and with what Next adds', () => {
    const added = { 'x-forwarded-for': '::ffff:127.0.0.1', 'x-forwarded-host': 'localhost:3000' };
    expect(refusal(local)).toBeUndefined();
    expect(refusal({ 'x-tailrace-peer': '::1', host: '[::1]:3000' })).toBeUndefined();
    expect(
      refusal({ ...local, ...added, 'sec-fetch-site': 'same-origin', origin: 'http://localhost:3000' }),
    ).toBeUndefined();
    expect(refusal({ ...local, host: 'logs.lan:3000' }, { HOST: 'logs.lan' })).toBeUndefined();
  });

  test('another machine may not, whatever it writes into its headers', () => {
    const other = { 'x-tailrace-peer': '203.0.113.9' };
    expect(refusal(other)).toContain('TAILRACE_ADMIN_TOKEN');
    expect(refusal({ ...other, 'x-forwarded-for': '127.0.0.1', 'x-real-ip': '127.0.0.1' })).toBeDefined();
  });

  test('a proxy on this machine does not make the whole world local', () => {
    for (const from of [
      { 'x-forwarded-for': '203.0.113.9' },
      { 'x-forwarded-for': '127.0.0.1, 203.0.113.9' },
      { 'x-forwarded-for': '203.0.113.9, 127.0.0.1' },
      { 'x-real-ip': '203.0.113.9' },
      { forwarded: 'for=203.0.113.9' },
    ]) {
      expect(refusal({ ...local, ...from }), JSON.stringify(from)).toContain('machine of the server');
      expect(refusal({ ...local, ...from }, { TAILRACE_TRUSTED_PROXIES: '127.0.0.1' })).toBeDefined();
    }
  });

  test('a name that an attacker points to this machine is not taken for it', () => {
    const rebound = { host: 'evil.example:3000', origin: 'http://evil.example:3000', 'sec-fetch-site': 'same-origin' };
    expect(refusal({ ...local, ...rebound })).toContain('localhost');
  });
});

test('where the socket is not known nobody may without a token, however local it claims to be', () => {
  expect(refusal({ ...local, 'x-forwarded-for': '127.0.0.1' })).toContain('TAILRACE_ADMIN_TOKEN');
});

describe('with a token', () => {
  const secret = { TAILRACE_ADMIN_TOKEN: 'open-sesame' };

  test('whoever sends it may, from anywhere', () => {
    expect(refusal({ authorization: 'Bearer open-sesame', host: 'logs.example' }, secret)).toBeUndefined();
    expect(refusal({ authorization: 'bearer open-sesame' }, secret)).toBeUndefined();
  });

  test('without it, or with another, not even this machine may', () => {
    for (const authorization of [
      '',
      'Bearer',
      'Bearer open-sesame2',
      'Bearer open-sesam',
      'Basic open-sesame',
      'open-sesame',
    ]) {
      expect(refusal({ ...local, authorization }, secret), authorization).toContain('TAILRACE_ADMIN_TOKEN');
    }
    expect(refusal(local, secret)).toContain('Authorization: Bearer');
  });

  test('a page of another site may not, even with it', () => {
    const right = { authorization: 'Bearer open-sesame' };
    for (const from of [
      { 'sec-fetch-site': 'cross-site' },
      { 'sec-fetch-site': 'same-site' },
      { origin: 'http://evil.example' },
      { origin: 'http://localhost:3001' },
      { origin: 'null' },
    ]) {
      expect(refusal({ ...right, ...from }, secret), JSON.stringify(from)).toContain('another site');
    }
  });
});
