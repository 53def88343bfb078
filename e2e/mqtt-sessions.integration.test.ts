import { once } from 'node:events';
import { rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { exportJWK, generateKeyPair, SignJWT } from 'jose';
import mqtt, { type IClientOptions, type MqttClient } from 'mqtt';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { AccessClient, ADMIN_TOKEN, bearer, CLOSED, logIn, type Made } from './support/access-client.ts';
import { type InProcessServer, startInProcess } from './support/in-process-server.ts';
import { freePort, ServerProcess } from './support/server-process.ts';
import { storedEvents } from './support/stored-events.ts';
import { until } from './support/wait.ts';

const TAKEN_OVER = 0x8e;
const PASSWORD = 'correct horse battery';

type Client = {
  readonly mqtt: MqttClient;
  /** What it has been sent, in order. */
  readonly numbers: number[];
  readonly disconnects: number[];
  readonly isPresent: Promise<boolean>;
};

let server: InProcessServer;
let access: AccessClient;
const opened: MqttClient[] = [];
let names = 0;
const named = (): string => `device-${names++}`;

beforeAll(async () => {
  server = await startInProcess('socket', { ...CLOSED, TAILRACE_MQTT_PORT: '0', TAILRACE_HEARTBEAT_MS: '60000' });
  access = new AccessClient(server.url);
});
afterAll(async () => {
  await server.close();
  expect(server.runtime.ledger.heldTotal).toBe(0);
});
afterEach(() => {
  for (const client of opened.splice(0)) client.end(true);
});

const tcp = (of = server): string => `mqtt://127.0.0.1:${of.gateway.mqttPort}`;
const by = ({ token }: Pick<Made, 'token'>) => ({ username: 'any', password: token });

/** A client whose session is kept. */
function open(clientId: string, options: IClientOptions, address = tcp()): Client {
  const properties = { sessionExpiryInterval: 3600 };
  const kept = { clean: false, reconnectPeriod: 0, resubscribe: false, protocolVersion: 5, properties } as const;
  const client = mqtt.connect(address, { ...kept, clientId, ...options });
  opened.push(client);
  const numbers: number[] = [];
  const disconnects: number[] = [];
  client.on('message', (_topic, payload) => numbers.push(JSON.parse(payload.toString()).attributes.n));
  client.on('error', () => undefined);
  client.on('disconnect', ({ reasonCode }) => disconnects.push(reasonCode ?? 0));
  const isPresent = new Promise<boolean>((resolve, reject) => {
    client.once('connect', ({ sessionPresent }) => resolve(sessionPresent));
    client.once('error', reject);
  });
  isPresent.catch(() => undefined);
  return { mqtt: client, numbers, disconnects, isPresent };
}

async function send(from: number, to: number, service: string, url = server.url): Promise<number[]> {
  const numbers = Array.from({ length: to - from }, (_, index) => from + index);
  const response = await fetch(`${url}/api/events`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json', ...bearer(ADMIN_TOKEN) },
    body: JSON.stringify(numbers.map((n) => ({ message: `m ${n}`, service, attributes: { n } }))),
  });
  expect(response.status).toBe(200);
  return numbers;
}

const subscribe = (client: Client, service: string) =>
  client.mqtt.subscribeAsync(`tailrace/logs/${service}/#`, { qos: 1 });

describe('two who use the same client id', () => {
  test('are both served, each from where it was itself', async () => {
    const clientId = named();
    const [ann, bob] = [await access.token({ role: 'viewer' }), await access.token({ role: 'viewer' })];
    const ofAnn = open(clientId, by(ann));
    expect(await ofAnn.isPresent).toBe(false);
    await subscribe(ofAnn, clientId);
    const first = await send(0, 10, clientId);
    await until('the first of Ann', () => ofAnn.numbers.length === 10);

    const ofBob = open(clientId, by(bob));
    expect(await ofBob.isPresent).toBe(false);
    await subscribe(ofBob, clientId);
    const second = await send(10, 20, clientId);
    await until('both to have them', () => ofAnn.numbers.length === 20 && ofBob.numbers.length === 10);
    expect([ofAnn.disconnects, ofBob.numbers]).toEqual([[], second]);

    await ofAnn.mqtt.endAsync();
    const third = await send(20, 30, clientId);
    await until('Bob to be ahead', () => ofBob.numbers.length === 20);
    await ofBob.mqtt.endAsync();
    const fourth = await send(30, 40, clientId);
    const [again, bobAgain] = [open(clientId, by(ann)), open(clientId, by(bob))];
    expect([await again.isPresent, await bobAgain.isPresent]).toEqual([true, true]);
    await until('what each has missed', () => again.numbers.length === 20 && bobAgain.numbers.length === 10);
    expect([...ofAnn.numbers, ...again.numbers]).toEqual([...first, ...second, ...third, ...fourth]);
    expect([...ofBob.numbers, ...bobAgain.numbers]).toEqual([...second, ...third, ...fourth]);
  });

  test('cannot end what the other has kept', async () => {
    const clientId = named();
    const [ann, bob] = [await access.token({ role: 'viewer' }), await access.token({ role: 'viewer' })];
    const kept = open(clientId, by(ann));
    await kept.isPresent;
    await subscribe(kept, clientId);
    await kept.mqtt.endAsync();
    const missed = await send(0, 5, clientId);
    const clean = open(clientId, { ...by(bob), clean: true });
    await clean.isPresent;
    await clean.mqtt.endAsync();
    const again = open(clientId, by(ann));
    expect(await again.isPresent).toBe(true);
    await until('what was missed', () => again.numbers.length === 5);
    expect(again.numbers).toEqual(missed);
  });

  test('leave wills of their own', async () => {
    const clientId = named();
    const [ann, bob] = [await access.token({ role: 'ingest' }), await access.token({ role: 'ingest' })];
    const will = { topic: `tailrace/ingest/${clientId}`, payload: Buffer.from('Ann is gone'), qos: 1 } as const;
    const dying = open(clientId, { ...by(ann), will: { ...will, properties: { willDelayInterval: 1 } } });
    await dying.isPresent;
    dying.mqtt.stream.destroy();
    await until('the end of the line', () => !dying.mqtt.connected);
    expect(await open(clientId, by(bob)).isPresent).toBe(false);
    const stored = async (): Promise<string> =>
      (await fetch(`${server.url}/api/events?service=${clientId}`, { headers: bearer(ADMIN_TOKEN) })).text();
    expect(await stored()).not.toContain('Ann is gone');
    await until('the will', async () => (await stored()).includes('Ann is gone'));
  });

  test('each count for their own token', async () => {
    const own = await startInProcess('socket', {
      ...{ ...CLOSED, TAILRACE_MQTT_PORT: '0', TAILRACE_CONNECTIONS_PER_TOKEN_MAX: '1' },
    });
    try {
      const tokens = new AccessClient(own.url);
      const [ann, bob] = [await tokens.token({ role: 'viewer' }), await tokens.token({ role: 'viewer' })];
      const one = { username: 'any' };
      expect(await open('same', { ...one, password: ann.token }, tcp(own)).isPresent).toBe(false);
      expect(await open('same', { ...one, password: bob.token }, tcp(own)).isPresent).toBe(false);
      await expect(open('another', { ...one, password: ann.token }, tcp(own)).isPresent).rejects.toThrow();
    } finally {
      await own.close();
    }
  });
});

test('what a client publishes is stored in its order, however much a message holds', async () => {
  const sender = open(named(), by(await access.token({ role: 'ingest' })));
  await sender.isPresent;
  const service = named();
  const sizes = [250, 1, 3, 120, 1, 2, 99, 100, 1];
  let n = 0;
  const published = sizes.map((size) => {
    const events = Array.from({ length: size }, () => ({ message: `m ${n}`, attributes: { n: n++ } }));
    return sender.mqtt.publishAsync(`tailrace/ingest/${service}`, JSON.stringify(events), { qos: 1 });
  });
  await Promise.all(published);
  const stored = await storedEvents(server.url, `&service=${service}`, bearer(ADMIN_TOKEN));
  expect(stored.map(({ attributes }) => attributes['n'])).toEqual(Array.from({ length: n }, (_, index) => index));
});

test('somebody who comes twice takes over from where the first was, by whichever login', async () => {
  await access.account('ada', PASSWORD, 'viewer');
  const clientId = named();
  const first = open(clientId, { username: 'ada', password: PASSWORD });
  await first.isPresent;
  await subscribe(first, clientId);
  const before = await send(0, 10, clientId);
  await until('the first', () => first.numbers.length === 10);
  for (let login = 1; login <= 2; login += 1) {
    const { cookie } = await logIn(server.url, { username: 'ada', password: PASSWORD });
    const address = `${server.url.replace('http', 'ws')}/mqtt`;
    const next = open(clientId, { wsOptions: { headers: { Cookie: cookie } } }, address);
    expect(await next.isPresent).toBe(true);
    if (login === 1) await until('the first to be told', () => first.disconnects.length === 1);
    const fresh = await send(login * 10, login * 10 + 10, clientId);
    await until('the next to go on', () => next.numbers.length === 10);
    expect(next.numbers).toEqual(fresh);
  }
  expect([first.numbers, first.disconnects]).toEqual([before, [TAKEN_OVER]]);
});

describe('tokens of an identity provider', () => {
  const issuer = 'https://id.example';
  let own: InProcessServer;
  let sign: (subject: string, expiresIn: string) => Promise<{ username: string; password: string }>;
  let closeKeys: () => void;

  beforeAll(async () => {
    const { publicKey, privateKey } = await generateKeyPair('ES256');
    const jwk = { ...(await exportJWK(publicKey)), kid: 'one', alg: 'ES256', use: 'sig' };
    const http = createServer((_req, res) => res.end(JSON.stringify({ keys: [jwk] }))).listen(0, '127.0.0.1');
    await once(http, 'listening');
    closeKeys = () => [http.closeAllConnections(), http.close()];
    sign = async (subject, expiresIn) => {
      const token = new SignJWT({ groups: ['staff'] }).setProtectedHeader({ alg: 'ES256', kid: 'one' });
      token.setIssuer(issuer).setAudience('tailrace').setSubject(subject).setExpirationTime(expiresIn);
      return { username: 'any', password: await token.sign(privateKey) };
    };
    own = await startInProcess('socket', {
      ...{ ...CLOSED, TAILRACE_MQTT_PORT: '0', TAILRACE_JWT_ISSUER: issuer, TAILRACE_JWT_AUDIENCE: 'tailrace' },
      TAILRACE_JWT_JWKS_URL: `http://127.0.0.1:${(http.address() as AddressInfo).port}/keys`,
      ...{ TAILRACE_ROLE_CLAIM: 'groups', TAILRACE_ROLE_MAP: 'staff=viewer' },
    });
  });
  afterAll(async () => {
    await own.close();
    closeKeys();
  });

  test('one that was renewed finds the session of the one that has expired; nobody else does', async () => {
    const clientId = named();
    const at = tcp(own);
    const first = open(clientId, { ...(await sign('ann', '2s')), keepalive: 60 }, at);
    expect(await first.isPresent).toBe(false);
    await subscribe(first, clientId);
    await until('the token to expire', () => first.disconnects.length === 1, 20_000);
    const missed = await send(0, 10, clientId, own.url);
    expect(await open(clientId, await sign('bob', '1h'), at).isPresent).toBe(false);
    const renewed = open(clientId, await sign('ann', '1h'), at);
    expect(await renewed.isPresent).toBe(true);
    await until('what was missed', () => renewed.numbers.length === 10);
    expect(renewed.numbers).toEqual(missed);
  }, 60_000);
});

test('a server that is killed amid takeovers loses nothing of what it has acknowledged, for either of two under one id', async () => {
  const environment = { ...CLOSED, TAILRACE_MQTT_PORT: String(await freePort()), TAILRACE_GRPC_PORT: 'off' };
  let own = await ServerProcess.start({ environment });
  const { dataDir, url } = own;
  const port = Number(new URL(url).port);
  const address = `mqtt://127.0.0.1:${environment.TAILRACE_MQTT_PORT}`;
  const tokens = new AccessClient(url);
  const [ann, bob] = [await tokens.token({ role: 'viewer' }), await tokens.token({ role: 'viewer' })];
  const acknowledged: number[] = [];
  const [seenByAnn, seenByBob] = [new Set<number>(), new Set<number>()];
  let [isOver, takeovers] = [false, 0];

  /** Comes again and again, and each time before the one before has left. */
  async function takeOver(): Promise<void> {
    while (!isOver) {
      const next = open('same', by(ann), address);
      next.mqtt.on('message', (_topic, payload) => seenByAnn.add(JSON.parse(payload.toString()).attributes.n));
      const isPresent = await next.isPresent.catch(() => undefined);
      if (isPresent === false) await subscribe(next, 'shop').catch(() => undefined);
      if (isPresent) takeovers += 1;
      await pause(isPresent === undefined ? 50 : 120);
    }
  }
  async function publish(): Promise<void> {
    for (let n = 0; !isOver; n += 1) {
      await send(n, n + 1, 'shop', url).then(
        () => acknowledged.push(n),
        () => pause(20),
      );
    }
  }

  try {
    const steady = open('same', { ...by(bob), reconnectPeriod: 50 }, address);
    steady.mqtt.on('message', (_topic, payload) => seenByBob.add(JSON.parse(payload.toString()).attributes.n));
    await steady.isPresent;
    await subscribe(steady, 'shop');
    const running = [takeOver()];
    await until('both to be there', () => takeovers > 0);
    running.push(publish());
    for (let kill = 0; kill < 3; kill += 1) {
      await pause(700);
      await own.kill();
      own = await ServerProcess.start({ environment, dataDir, port });
      const before = takeovers;
      await until('takeovers again', () => takeovers > before + 2);
    }
    isOver = true;
    await Promise.all(running);
    expect(acknowledged.length).toBeGreaterThan(20);
    for (const seen of [seenByAnn, seenByBob]) {
      await until('everything acknowledged', () => acknowledged.every((n) => seen.has(n)));
    }
  } finally {
    isOver = true;
    for (const client of opened.splice(0)) client.end(true);
    await own.stop();
    await rm(dataDir, { recursive: true, force: true });
  }
}, 240_000);
