import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { exportJWK, generateKeyPair, SignJWT } from 'jose';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { JwtVerifier } from './jwt-verifier.ts';

const RULES = { issuer: 'https://id.example', audience: 'tailrace' };
const ROLES = { claim: 'groups', map: { staff: 'viewer' } } as const;
const MINUTE_MS = 60_000;

let provider: Server;
/** What the provider says its keys are. */
let keys: object[] = [];
let asked = 0;

beforeEach(async () => {
  asked = 0;
  provider = createServer((_req, res) => {
    asked += 1;
    res.setHeader('Content-Type', 'application/json').end(JSON.stringify({ keys }));
  }).listen(0, '127.0.0.1');
  await once(provider, 'listening');
  vi.useFakeTimers({ toFake: ['Date'] });
});
afterEach(() => {
  vi.useRealTimers();
  provider.closeAllConnections();
  provider.close();
});

function make(): JwtVerifier {
  const jwksUrl = `http://127.0.0.1:${(provider.address() as AddressInfo).port}/keys`;
  return new JwtVerifier({ ...RULES, jwksUrl }, ROLES, Date.now);
}

async function makeToken(kid: string) {
  const { publicKey, privateKey } = await generateKeyPair('ES256');
  const token = await new SignJWT({ groups: ['staff'] })
    .setProtectedHeader({ alg: 'ES256', kid })
    .setIssuer(RULES.issuer)
    .setAudience(RULES.audience)
    .setSubject('ann\u202e\n')
    .setExpirationTime('1d')
    .sign(privateKey);
  return { token, jwk: { ...(await exportJWK(publicKey)), kid, alg: 'ES256', use: 'sig' } };
}

test('a token is verified once, and again before long: a key that was taken back opens nothing any more', async () => {
  const { token, jwk } = await makeToken('one');
  keys = [jwk];
  const verifier = make();
  expect(await verifier.verify(token)).toMatchObject({ id: 'jwt:ann\u202e\n', name: 'ann', role: 'viewer' });
  expect(verifier.verify(token)).not.toBeInstanceOf(Promise);
  keys = [(await makeToken('two')).jwk];
  vi.setSystemTime(Date.now() + 4 * MINUTE_MS);
  expect(verifier.verify(token)).not.toBeInstanceOf(Promise);
  vi.setSystemTime(Date.now() + 2 * MINUTE_MS);
  await expect(verifier.verify(token)).rejects.toMatchObject({ code: 'unauthorized' });
});

test('whoever brings tokens of keys that do not exist makes the provider be asked once, not each time', async () => {
  keys = [(await makeToken('one')).jwk];
  const verifier = make();
  for (let n = 0; n < 20; n += 1) {
    const { token } = await makeToken(`made up ${n}`);
    await expect(verifier.verify(token)).rejects.toMatchObject({ code: 'unauthorized' });
  }
  expect(asked).toBeLessThanOrEqual(2);
});

test('while the provider is away a new token is told to come again, and one that was verified is good', async () => {
  const { token, jwk } = await makeToken('one');
  keys = [jwk];
  const [verifier, fresh] = [make(), make()];
  await verifier.verify(token);
  provider.closeAllConnections();
  provider.close();
  expect(verifier.verify(token)).toMatchObject({ role: 'viewer' });
  await expect(fresh.verify(token)).rejects.toMatchObject({ code: 'identity-unavailable', retryAfterS: 5 });
});
