import { request as httpRequest } from 'node:http';
import { connect } from 'node:net';
import { gzipSync } from 'node:zlib';
import { afterAll, describe, expect, test } from 'vitest';
import { CLOSED, logIn } from './support/access-client.ts';
import { type HeaderFields, JSON_TYPE, startClosed } from './support/closed-server.ts';
import { startInProcess } from './support/in-process-server.ts';
import { until } from './support/wait.ts';

const { server, access, ask, send } = await startClosed();
afterAll(() => server.close());

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
  const bytesOf = async (path: string, headers: HeaderFields, body: Buffer | string) => {
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
    const status = async (cookie: string, headers: HeaderFields = https) =>
      (await ask('GET', '/api/audit', { ...headers, Cookie: cookie })).status;
    expect([await status(own.cookie), await status(planted), await status(planted, {})]).toEqual([200, 401, 200]);
    expect(await status(`${planted}; ${own.cookie}`)).toBe(200);
  });
});
