import { request as httpRequest } from 'node:http';
import { connect } from 'node:net';
import { gzipSync } from 'node:zlib';
import { Metadata } from '@grpc/grpc-js';
import mqtt from 'mqtt';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { grpcStub } from './conformance/clients/grpc-client.ts';
import { ENDPOINTS } from './access-table.ts';
import { AccessClient, CLOSED, logIn, type Made } from './support/access-client.ts';
import { type InProcessServer, startInProcess } from './support/in-process-server.ts';
import { SseClient } from './support/sse-client.ts';
import { until } from './support/wait.ts';

let server: InProcessServer;
let access: AccessClient;

beforeAll(async () => {
  server = await startInProcess('socket', {
    ...{ ...CLOSED, TAILRACE_MQTT_PORT: '0', TAILRACE_GRPC_PORT: '0', TAILRACE_TRUSTED_PROXIES: '127.0.0.1' },
  });
  access = new AccessClient(server.url);
});
afterAll(() => server.close());

type Headers = Readonly<Record<string, string>>;

async function ask(method: string, path: string, headers: Headers = {}, body?: string) {
  const response = await fetch(`${server.url}${path}`, { method, headers, ...(body !== undefined && { body }) });
  return { status: response.status, text: await response.text() };
}

const JSON_TYPE = { 'Content-Type': 'application/json' };
const send = (headers: Headers, events: readonly object[]) =>
  ask('POST', '/api/events', { ...JSON_TYPE, ...headers }, JSON.stringify(events));

describe('an outsider', () => {
  test('cannot fill the memory by a body that never ends, where everybody may ask', async () => {
    const sent = await new Promise<{ status: number; bytes: number }>((resolve, reject) => {
      let bytes = 0;
      const req = httpRequest(`${server.url}/api/login`, { method: 'POST', headers: JSON_TYPE }, (res) => {
        resolve({ status: res.resume().statusCode ?? 0, bytes });
        req.destroy();
      });
      req.on('error', reject);
      const piece = Buffer.alloc(64 * 1024, 32);
      const more = (): void => {
        for (; bytes < 512 * 1024 * 1024; ) {
          bytes += piece.length;
          if (!req.write(piece)) {
            req.once('drain', more);
            return;
          }
        }
      };
      more();
    });
    expect(sent.status).toBe(413);
    expect(sent.bytes).toBeLessThan(64 * 1024 * 1024);
  });

  test.each([
    '['.repeat(4000),
    '{"a":'.repeat(1000),
    '{"__proto__":{"role":"admin"},"token":"x"}',
    '{"token":{"$ne":null}}',
  ])('gets a plain no to %.24s', async (body) => {
    expect((await ask('POST', '/api/login', JSON_TYPE, body)).status).toBe(400);
  });

  test('is not listened to while it acknowledges for a stream, however slowly it speaks', async () => {
    const { port } = new URL(server.url);
    const socket = connect(Number(port), '127.0.0.1');
    let answer = '';
    socket.on('data', (bytes) => {
      answer += bytes;
    });
    const head = 'POST /api/connections/AAAAAAAA/ack HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n1\r\n';
    socket.write(head);
    await until('the refusal', () => answer.includes('401'), 3000);
    socket.destroy();
  });

  test('cannot find a short token of the settings by trying, and the others are not kept out by it', async () => {
    const at = (address: string, token: string) =>
      ask('GET', '/api/audit', { Authorization: `Bearer ${token}`, 'X-Forwarded-For': address }).then(
        ({ status }) => status,
      );
    const statuses = [];
    for (let n = 0; n < 130; n += 1) statuses.push(await at('198.51.100.9', `guess ${n}`));
    expect(statuses.slice(0, 100)).toEqual(Array(100).fill(401));
    expect(statuses.at(-1)).toBe(429);
    expect(await at('198.51.100.9', CLOSED.TAILRACE_ADMIN_TOKEN)).toBe(429);
    expect(await at('198.51.100.10', CLOSED.TAILRACE_ADMIN_TOKEN)).toBe(200);
    // One of ours is not found by trying, and whoever has one there is not held back.
    expect(await at('198.51.100.9', (await access.token({ role: 'admin' })).token)).toBe(200);
  });

  test('sees no secret, and nothing of the code, in what it is told', async () => {
    const told = [
      await ask('GET', '/api/events', { Authorization: `Bearer trl_${'x'.repeat(43)}` }),
      await ask('GET', '/api/events', { Authorization: `Basic ${'%'.repeat(50)}` }),
      await ask('GET', '/api/events', { Authorization: `Bearer ${'x'.repeat(8000)}` }),
      await ask('GET', '/api/events', { Authorization: `Bearer eyJhbGciOiJub25lIn0.${'x'.repeat(20)}.x` }),
      await ask('POST', '/api/login', JSON_TYPE, '{"token":"swordfish-swordfish"}'),
      await ask('GET', '/api/access?token=swordfish-swordfish'),
    ];
    for (const { status, text } of told) {
      expect([400, 401]).toContain(status);
      expect(text).not.toMatch(/swordfish|x{20}|at .*\.ts|node_modules|settings-of|the-token-of/);
    }
  });
});

describe('a viewer who sees one service', () => {
  let viewer: Made;
  let errors: Made;
  beforeAll(async () => {
    viewer = await access.token({ role: 'viewer', services: ['shop'] });
    errors = await access.token({ role: 'viewer', level: 'error' });
    const made = Array.from({ length: 20 }, (_, n) => [
      { message: `hidden ${n}`, service: 'hidden-bank', level: 'fatal', attributes: { q: 'hidden-value' } },
      { kind: 'metric', name: 'hidden-gold', value: n, service: 'hidden-bank', attributes: { vault: 'hidden-vault' } },
      { message: `shown ${n}`, service: 'shop', level: 'info' },
      { message: `shown too ${n}`, service: 'till', level: 'error' },
      { kind: 'metric', name: 'sales', value: n, service: 'shop' },
    ]);
    await send(access.headers, made.flat());
  });

  const HIDDEN = /hidden/;
  /** Whatever might go round a filter: cursors, times, words, repeats, other spellings. */
  async function wishes(): Promise<string[]> {
    const page = JSON.parse((await ask('GET', '/api/events?limit=40', access.headers)).text);
    const hidden = page.events.find(({ service }: { service: string }) => service === 'hidden-bank').position as string;
    const [epoch = '', seq = '0'] = hidden.split('.');
    const [before, after] = [`${epoch}.${Number(seq) + 1}`, `${epoch}.${Number(seq) - 1}`];
    const filters = [
      '',
      'service=hidden-bank',
      'service=shop&service=hidden-bank',
      'service=&service=hidden-bank',
      'q=hidden',
    ];
    filters.push(
      'level=trace',
      'level=fatal',
      'kind=metric',
      'service=*',
      'service=%25',
      'topics=%23',
      'topics[]=%23',
      'sees=',
    );
    const pages = [
      'limit=5000',
      `before=${before}&limit=1`,
      `after=${after}&limit=1`,
      `before=${before}&after=${after}`,
    ];
    const starts = [
      'from=-1h',
      `from=${after}`,
      `lastEventId=${after}`,
      `last_event_id=${after}`,
      'from=-1h&speed=1000',
    ];
    return filters.flatMap((filter) => [
      ...pages.map((more) => `/api/events?${filter}&${more}`),
      ...starts.map((more) => `/api/poll?wait=0&${filter}&${more}`),
      `/api/metrics/query?${filter}&from=-1h`,
      `/api/metrics/query?${filter}&from=-1h&name=hidden-gold`,
    ]);
  }

  test('reads nothing else, whatever it asks, where it asks from, and whichever words it looks for', async () => {
    const all = [...(await wishes()), '/api/services'];
    let seen = 0;
    for (const path of all) {
      const { status, text } = await ask('GET', path, viewer.headers);
      expect([200, 400], `${path}: ${status}`).toContain(status);
      expect(HIDDEN.test(text.replaceAll(decodeURIComponent(path), '')), `${path}: ${text.slice(0, 300)}`).toBe(false);
      if (text.includes('shown') || text.includes('sales')) seen += 1;
    }
    // The questions are such as are answered.
    expect(seen).toBeGreaterThan(20);
    const everything = await Promise.all(all.map((path) => ask('GET', path, access.headers)));
    expect(everything.filter(({ text }) => HIDDEN.test(text)).length).toBeGreaterThan(20);
  });

  test('asks for what is not there, and for what it may not see, and gets the same answer', async () => {
    const same = async (path: (service: string) => string) => {
      const [one, other] = await Promise.all(
        ['hidden-bank', 'no-such-one'].map((service) => ask('GET', path(service), viewer.headers)),
      );
      const plain = ({ status, text }: { status: number; text: string }) =>
        [status, text.replaceAll(/"(connectionId|time)":"[^"]*"|"(fromMs|toMs)":\d+/g, '')].join(' ');
      expect(plain(one as never)).toBe(plain(other as never));
    };
    await same((service) => `/api/events?service=${service}`);
    await same((service) => `/api/events?service=shop&service=${service}`);
    await same((service) => `/api/metrics/query?service=${service}`);
    await same((service) => `/api/poll?wait=0&from=-1h&service=${service}`);
  });

  test('who sees a level on is told of no service that has not reached it', async () => {
    const services = async (made: Made) => JSON.parse((await ask('GET', '/api/services', made.headers)).text).services;
    await send(access.headers, [{ kind: 'metric', name: 'm', value: 1, service: 'only-metrics' }]);
    expect(await services(errors)).not.toContain('only-metrics');
    expect(await services(errors)).not.toContain('shop');
    expect(await services(errors)).toEqual(expect.arrayContaining(['hidden-bank', 'till']));
    expect(await services(viewer)).toEqual(['shop']);
  });

  test('is told nothing that is counted over everybody', async () => {
    const inspected = Object.entries(ENDPOINTS).filter(([, door]) => door === 'inspect');
    expect(inspected.length).toBeGreaterThan(5);
    for (const [endpoint] of [...inspected, ['GET /metrics']]) {
      const [method = '', path = ''] = String(endpoint).split(' ');
      const { status, text } = await ask(method, path.replace('[id]', 'AAAAAAAA'), viewer.headers);
      expect([endpoint, status]).toEqual([endpoint, 403]);
      if (method !== 'HEAD')
        expect(JSON.parse(text).detail).toMatch(/^"viewer \d+" sees a part of the events only, and this tells of all$/);
    }
  });

  test('streams that are resumed behind hidden events, or changed on the way, bring none', async () => {
    const head = JSON.parse((await ask('GET', '/api/events?limit=1', access.headers)).text).head as string;
    const start = `${head.split('.')[0]}.0`;
    const sse = new SseClient(server.url, {
      headers: { ...viewer.headers, 'Last-Event-ID': start },
      query: '?service=hidden-bank',
    });
    const ws = new WebSocket(`${server.url.replace('http', 'ws')}/api/ws?from=-1h`, { headers: viewer.headers });
    let told = '';
    ws.on('message', (data) => {
      told += data;
    });
    await new Promise((resolve) => ws.once('open', resolve));
    for (const query of ['service=hidden-bank&from=-1h', 'q=hidden&from=-1h', `lastEventId=${start}`]) {
      ws.send(JSON.stringify({ type: 'subscribe', query }));
    }
    await sse.first('stream');
    await send(access.headers, [
      { message: 'hidden', service: 'hidden-bank' },
      { message: 'the end', service: 'shop' },
    ]);
    await until('the end', () => told.includes('the end'));
    expect(HIDDEN.test(told.replaceAll(/"(service|q)=hidden[^"]*"/g, ''))).toBe(false);
    expect(sse.named('log')).toEqual([]);
    ws.terminate();
    sse.close();
  });

  test('over gRPC it reads no more, by whichever metadata it comes', async () => {
    const stub = grpcStub(`127.0.0.1:${server.gateway.grpcPort}`);
    type Query = (request: object, metadata: Metadata, done: (error: unknown, page: unknown) => void) => void;
    const query = stub.Query.bind(stub) as unknown as Query;
    const page = (names: Headers, request: object = {}) =>
      new Promise<string>((resolve) => {
        const metadata = new Metadata();
        for (const [name, value] of Object.entries(names)) metadata.add(name, value);
        query({ limit: 1000, ...request }, metadata, (error, found) => resolve(JSON.stringify(error ?? found)));
      });
    const shown = await page(viewer.headers, { filter: { services: ['hidden-bank', 'shop'] } });
    expect([shown.includes('shown'), HIDDEN.test(shown)]).toEqual([true, false]);
    for (const names of [
      { token: viewer.token },
      { 'x-authorization': `Bearer ${viewer.token}` },
      { ':authority': viewer.token },
      { 'x-forwarded-for': '127.0.0.1', host: 'localhost', 'x-tailrace-peer': '127.0.0.1' },
    ]) {
      expect(await page(names).catch(String), JSON.stringify(names)).not.toContain('shown');
    }
    // Two credentials: the first counts, and never both.
    const both = new Metadata();
    both.add('authorization', `Bearer ${viewer.token}`);
    both.add('authorization', access.headers['Authorization'] ?? '');
    const told = await new Promise<string>((resolve) =>
      query({ limit: 1000 }, both, (error, found) => resolve(JSON.stringify(error ?? found))),
    );
    expect(HIDDEN.test(told)).toBe(false);
    stub.close();
  });

  test('over MQTT it gets no retained value, no topic of the broker and nothing of a session that another has left', async () => {
    const open = (made: Made, clientId: string, clean: boolean) =>
      mqtt.connect(`mqtt://127.0.0.1:${server.gateway.mqttPort}`, {
        ...{ reconnectPeriod: 0, protocolVersion: 5, clientId, clean, username: 'x', password: made.token },
        properties: { sessionExpiryInterval: 600 },
      });
    const admin = await access.token({ role: 'admin' });
    const before = open(admin, 'shared', true);
    await before.subscribeAsync(['tailrace/logs/#', 'tailrace/metrics/#'], { qos: 1 });
    await before.endAsync();
    await send(access.headers, [{ message: 'hidden while away', service: 'hidden-bank' }]);
    const after = open(viewer, 'shared', false);
    const topics: string[] = [];
    after.on('message', (topic, payload) => topics.push(`${topic} ${payload}`));
    after.on('error', () => undefined);
    await new Promise((resolve) => after.once('connect', resolve));
    await after.subscribeAsync(
      ['#', '$SYS/#', '+/+/+/+', 'tailrace/metrics/hidden-bank/#', 'tailrace/+/hidden-bank/+'],
      { qos: 1 },
    );
    await send(access.headers, [
      { message: 'hidden again', service: 'hidden-bank' },
      { kind: 'metric', name: 'hidden-gold', value: 9, service: 'hidden-bank' },
      { message: 'the end', service: 'shop' },
    ]);
    await until('the end', () => topics.some((topic) => topic.includes('the end')));
    expect(topics.filter((topic) => HIDDEN.test(topic))).toEqual([]);
    expect(topics.filter((topic) => topic.startsWith('$'))).toEqual([]);
    after.end(true);
  });

  test('speaks for nobody else\u2019s stream', async () => {
    const stream = new SseClient(server.url, { headers: access.headers });
    const { connectionId } = (await stream.first('stream')) as { connectionId: string };
    const body = JSON.stringify({ position: 'AAAAAAAA.1' });
    const path = `/api/connections/${connectionId}/ack`;
    expect((await ask('POST', path, { ...JSON_TYPE, ...viewer.headers }, body)).status).toBe(404);
    expect((await ask('POST', path, { ...JSON_TYPE, ...access.headers }, body)).status).toBe(204);
    stream.close();
  });

  test('logs in without an end, and neither the others\u2019 logins nor what was done are gone', async () => {
    const { cookie } = await logIn(server.url, { token: CLOSED.TAILRACE_ADMIN_TOKEN });
    for (let n = 0; n < 120; n += 1) await logIn(server.url, { token: viewer.token });
    expect((await ask('GET', '/api/audit', { Cookie: cookie })).status).toBe(200);
    const { sessions } = JSON.parse((await ask('GET', '/api/access', { Cookie: cookie })).text);
    expect(sessions.filter(({ by }: { by: string }) => by === 'token')).toHaveLength(50);
  });
});

describe('a key that may send for one service', () => {
  let key: Made;
  beforeAll(async () => {
    key = await access.token({ role: 'ingest', services: ['shop'] });
  });

  const now = Date.now();
  const otlp = {
    resourceLogs: [
      {
        resource: { attributes: [{ key: 'service.name', value: { stringValue: 'bank' } }] },
        scopeLogs: [{ logRecords: [{ timeUnixNano: `${now}000000`, body: { stringValue: 'forged otlp' } }] }],
      },
    ],
  };
  const loki = { streams: [{ stream: { service_name: 'bank' }, values: [[`${now}000000`, 'forged loki']] }] };
  const bulk = '{"create":{"_index":"x"}}\n{"message":"forged elastic","service":{"name":"bank"}}\n';
  const NDJSON = { 'Content-Type': 'application/x-ndjson' };
  const TRIES: readonly [name: string, path: string, headers: Headers, body: string][] = [
    ['a service twice', '/api/events', JSON_TYPE, '{"message":"forged","service":"shop","service":"bank"}'],
    ['a proto', '/api/events', JSON_TYPE, '{"message":"forged","__proto__":{"service":"bank"},"service":"bank"}'],
    ['spaces', '/api/events', JSON_TYPE, '{"message":"forged","service":" bank "}'],
    ['none', '/api/events', JSON_TYPE, '{"message":"forged","kind":"log"}'],
    ['a metric', '/api/events', NDJSON, '{"kind":"metric","name":"forged","value":1,"service":"bank"}\n'],
    ['the query', '/api/events?service=bank', { 'Content-Type': 'text/plain' }, 'forged line\n'],
    ['OTLP', '/v1/logs', JSON_TYPE, JSON.stringify(otlp)],
    ['Loki', '/loki/api/v1/push', JSON_TYPE, JSON.stringify(loki)],
    ['GELF', '/gelf', JSON_TYPE, '{"version":"1.1","host":"h","short_message":"forged gelf","_service":"bank"}'],
    ['Splunk', '/services/collector', JSON_TYPE, '{"event":"forged","fields":{"service":"bank"}}'],
    ['Splunk raw', '/services/collector/raw?source=bank&sourcetype=bank', {}, 'forged raw'],
    ['Elasticsearch', '/_bulk', NDJSON, bulk],
  ];

  test.each(TRIES)('sends for no other by %s', async (_, path, headers, body) => {
    await ask('POST', path, { ...headers, ...key.headers }, body);
    const { events } = JSON.parse((await ask('GET', '/api/events?q=forged&limit=1000', access.headers)).text);
    expect(events.filter(({ service }: { service: string }) => service !== 'shop')).toEqual([]);
  });

  test('the same bodies are stored for whoever may send them', async () => {
    for (const [, path, headers, body] of TRIES) await ask('POST', path, { ...headers, ...access.headers }, body);
    const { events } = JSON.parse((await ask('GET', '/api/events?q=forged&limit=1000', access.headers)).text);
    expect(events.filter(({ service }: { service: string }) => service !== 'shop').length).toBeGreaterThan(6);
  });

  test('reads nothing by it, and learns of nobody', async () => {
    for (const [endpoint, door] of Object.entries(ENDPOINTS)) {
      const [method = '', path = ''] = endpoint.split(' ');
      if (method !== 'GET' || door === 'public' || door === 'sender') continue;
      expect([endpoint, (await ask(method, path.replace('[id]', 'A'), key.headers)).status]).toEqual([endpoint, 403]);
    }
  });

  test('what it has left to be said after its end is not said once it is revoked', async () => {
    const gone = await access.token({ role: 'ingest' });
    const client = mqtt.connect(`mqtt://127.0.0.1:${server.gateway.mqttPort}`, {
      ...{ reconnectPeriod: 0, protocolVersion: 5, username: 'x', password: gone.token },
      will: { topic: 'tailrace/ingest/shop', payload: Buffer.from('{"message":"last will"}'), qos: 1, retain: false },
    });
    client.on('error', () => undefined);
    await new Promise((resolve) => client.once('connect', resolve));
    await access.revoke(gone);
    await until('its end', () => !client.connected, 5000);
    await send(access.headers, [{ message: 'after the will', service: 'shop' }]);
    const { text } = await ask('GET', '/api/events?q=will', access.headers);
    expect([text.includes('after the will'), text.includes('last will')]).toEqual([true, false]);
  });
});

describe('a sender that means harm', () => {
  const PATHS = [
    '/api/events',
    '/v1/logs',
    '/v1/metrics',
    '/v1/traces',
    '/loki/api/v1/push',
    '/gelf',
    '/services/collector',
    '/_bulk',
  ];
  const bytesOf = async (path: string, headers: Headers, body: Buffer | string) => {
    const response = await fetch(`${server.url}${path}`, {
      method: 'POST',
      headers: { ...JSON_TYPE, ...access.headers, ...headers },
      body: body as BodyInit,
    });
    return { status: response.status, text: await response.text() };
  };
  const DEEP = 200_000;
  const nested: Readonly<Record<string, string>> = {
    arrays: '['.repeat(DEEP) + ']'.repeat(DEEP),
    objects: `${'{"a":'.repeat(DEEP)}1${'}'.repeat(DEEP)}`,
    'an attribute': `{"message":"m","event":"m","short_message":"m","version":"1.1","host":"h","attributes":{"a":${'['.repeat(DEEP)}${']'.repeat(DEEP)}}}`,
  };
  // OTLP's own way to nest: a list within a list within a list.
  const list = `${'{"arrayValue":{"values":['.repeat(20_000)}{"stringValue":"x"}${']}}'.repeat(20_000)}`;
  const otlp = `{"resourceLogs":[{"scopeLogs":[{"logRecords":[{"body":${list}}]}]}]}`;

  test.each(PATHS)('nests without an end, and %s says so, or takes it as a text', async (path) => {
    for (const [name, body] of [...Object.entries(nested), ['lists of OTLP', otlp]]) {
      const { status, text } = await bytesOf(path, {}, body as string);
      expect([name, status < 500, text.slice(0, 100)]).toEqual([name, true, text.slice(0, 100)]);
    }
    expect((await ask('GET', '/healthz')).status).toBe(200);
  });

  test.each(PATHS)('packs what is large into what is small, and %s stops before it is unpacked', async (path) => {
    const bomb = gzipSync(Buffer.alloc(256 * 1024 * 1024, 32));
    const before = process.memoryUsage().rss;
    const { status } = await bytesOf(path, { 'Content-Encoding': 'gzip' }, bomb);
    // Lines of nothing but spaces are none; whatever is read whole is too much.
    expect([200, 204, 400, 413]).toContain(status);
    expect(process.memoryUsage().rss - before).toBeLessThan(400 * 1024 * 1024);
  });

  test('makes series without an end, and is told that they are in no chart', async () => {
    const small = await startInProcess('socket', { TAILRACE_SERIES_MAX: '20' });
    try {
      const metrics = Array.from({ length: 200 }, (_, n) => ({
        kind: 'metric',
        name: 'm',
        value: 1,
        attributes: { n: `${n}` },
      }));
      await fetch(`${small.url}/api/events`, { method: 'POST', headers: JSON_TYPE, body: JSON.stringify(metrics) });
      const page = (await (await fetch(`${small.url}/api/sources`)).json()) as { uncharted: { samples: number } };
      expect(page.uncharted.samples).toBe(180);
    } finally {
      await small.close();
    }
  });
});

test.each(['(a+)+$', '^(([a-z])+.)+[A-Z]([a-z])+$', '.*'.repeat(200), '\\'.repeat(500), '['.repeat(512)])(
  'a text that is looked for is no pattern: %.20s',
  async (q) => {
    await send(access.headers, [
      { message: `${'a'.repeat(100_000)}!`, service: 'long' },
      { message: `it says ${q}`, service: 'long' },
    ]);
    const { status, text } = await ask('GET', `/api/events?service=long&q=${encodeURIComponent(q)}`, access.headers);
    expect(status).toBe(200);
    for (const { message } of JSON.parse(text).events) expect(message).toContain(q);
    expect(JSON.parse(text).events.length).toBeGreaterThan(0);
  },
);

describe('behind https', () => {
  const https = { 'X-Forwarded-Proto': 'https' };

  test('a cookie that a neighbour has put there counts for nothing', async () => {
    const own = await logIn(server.url, { token: CLOSED.TAILRACE_ADMIN_TOKEN }, https);
    const planted = (await logIn(server.url, { token: CLOSED.TAILRACE_ADMIN_TOKEN })).cookie;
    const status = async (cookie: string, headers: Headers = https) =>
      (await ask('GET', '/api/audit', { ...headers, Cookie: cookie })).status;
    expect([await status(own.cookie), await status(planted), await status(planted, {})]).toEqual([200, 401, 200]);
    expect(await status(`${planted}; ${own.cookie}`)).toBe(200);
  });
});
