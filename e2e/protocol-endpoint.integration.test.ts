import { once } from 'node:events';
import { connect } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { BODIES_BYTES_MAX } from '@/lib/runtime/reception-side.ts';
import { FaultyStore } from './support/faulty-store.ts';
import { type InProcessServer, startInProcess } from './support/in-process-server.ts';
import { until } from './support/wait.ts';

const MIB = 1024 * 1024;

/** What both protocols must do with the same trouble. */
const PROTOCOLS = [
  {
    protocol: 'elasticsearch',
    path: '/elasticsearch/_bulk',
    bodyOf: (message: string) => `{"create":{}}\n${JSON.stringify({ message })}\n`,
    bytesMax: 32 * MIB,
    /** What an answer that refuses holds. */
    refusal: { error: { reason: expect.any(String) }, status: expect.any(Number) },
  },
  {
    protocol: 'splunk',
    path: '/services/collector/event',
    bodyOf: (message: string) => JSON.stringify({ event: message }),
    bytesMax: 8 * MIB,
    refusal: { text: expect.any(String), code: expect.any(Number), detail: expect.any(String) },
  },
] as const;

const store = new FaultyStore();
let server: InProcessServer;
beforeAll(async () => {
  const environment = { TAILRACE_HELD_EVENTS_MAX: '0', TAILRACE_BREAKER_COOLDOWN_MS: '200' };
  server = await startInProcess('socket', environment, { wrapHistory: store.wrap });
});
afterAll(() => server.close());

const headSeq = (): number => server.runtime.journal.headSeq;
const held = (): number => server.runtime.bodyGate.held;
const rowOf = (protocol: string) => server.runtime.senders.rows().find((row) => row.protocol === protocol);

async function send(path: string, body: BodyInit, headers: Record<string, string> = {}) {
  const response = await fetch(server.url + path, { method: 'POST', body, headers });
  return { status: response.status, headers: response.headers, answer: await response.json() };
}

/** A connection that writes what it likes. */
async function dial(head: string) {
  const { hostname, port } = new URL(server.url);
  const socket = connect(Number(port), hostname);
  socket.on('error', () => undefined);
  await once(socket, 'connect');
  socket.write(head);
  let text = '';
  socket.setEncoding('utf8').on('data', (piece: string) => {
    text += piece;
  });
  return { socket, answer: () => text };
}

test.each(PROTOCOLS)(
  '$protocol: gzip is taken, and the sender’s row has what came over the line',
  async ({ protocol, path, bodyOf }) => {
    const before = headSeq();
    const body = gzipSync(bodyOf('x'.repeat(5000)));
    expect((await send(path, new Uint8Array(body), { 'Content-Encoding': 'gzip' })).status).toBe(200);
    expect(headSeq()).toBe(before + 1);
    expect(rowOf(protocol)).toMatchObject({ requests: 1, accepted: 1, bytes: body.length });
  },
);

test.each(PROTOCOLS)('$protocol: 10 MB that would be 10 GB are 413 in its own words', async ({ path, refusal }) => {
  const bomb = gzipSync(new Uint8Array(64 * MIB));
  const bombs = Buffer.concat(Array.from({ length: 160 }, () => bomb));
  const before = process.memoryUsage().rss;
  const { status, answer } = await send(path, new Uint8Array(bombs), { 'Content-Encoding': 'gzip' });
  expect(status).toBe(413);
  expect(answer).toMatchObject(refusal);
  expect(process.memoryUsage().rss - before).toBeLessThan(400 * MIB);
  expect(held()).toBe(0);
});

test.each(PROTOCOLS)(
  '$protocol: one byte more than the limit is 413, as many as it are not',
  async ({ path, bodyOf, bytesMax }) => {
    const padded = (bytes: number): string => bodyOf('m').padEnd(bytes, '\n');
    expect((await send(path, padded(bytesMax))).status).toBe(200);
    expect((await send(path, padded(bytesMax + 1))).status).toBe(413);
    expect(held()).toBe(0);
  },
);

test.each(PROTOCOLS)('$protocol: a client that leaves in the middle leaves nothing', async ({ protocol, path }) => {
  const [before, failed] = [headSeq(), rowOf(protocol)?.failed ?? 0];
  const head = `POST ${path} HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000000\r\n\r\n`;
  const lines = await Promise.all(Array.from({ length: 20 }, () => dial(head + 'x'.repeat(50_000))));
  await until('the beginnings to be held', () => held() >= 20 * 50_000);
  for (const { socket } of lines) socket.destroy();
  await until('what was held to be let go', () => held() === 0);
  await until('every one to be counted', () => rowOf(protocol)?.failed === failed + 20);
  expect(headSeq()).toBe(before);
});

test.each(PROTOCOLS)(
  '$protocol: a body that is shorter than it says is waited for, and whole when it comes',
  async ({ path, bodyOf }) => {
    const before = headSeq();
    const body = bodyOf('late');
    const { socket, answer } = await dial(
      `POST ${path} HTTP/1.1\r\nHost: localhost\r\nContent-Length: ${body.length}\r\n\r\n`,
    );
    for (const character of body) {
      socket.write(character);
      await pause(1);
    }
    await until('the answer', () => answer().startsWith('HTTP/1.1 200'));
    socket.destroy();
    expect(headSeq()).toBe(before + 1);
  },
);

test.each(PROTOCOLS)(
  '$protocol: what stands behind the length that was given is no part of the body',
  async ({ path, bodyOf }) => {
    const before = headSeq();
    const body = bodyOf('whole');
    const head = `POST ${path} HTTP/1.1\r\nHost: localhost\r\nContent-Length: ${body.length}\r\n\r\n`;
    const { socket } = await dial(`${head}${body}${bodyOf('smuggled')}`);
    // Node cuts a line on which something comes that is no request.
    await once(socket.resume(), 'close');
    expect(headSeq()).toBeLessThanOrEqual(before + 1);
    const page = await (await fetch(`${server.url}/api/events?limit=2`)).text();
    expect(page).not.toContain('smuggled');
  },
);

test.each(PROTOCOLS)(
  '$protocol: where too many bodies are in memory the next is told to come again',
  async ({ path, bodyOf, refusal }) => {
    const { bodyGate } = server.runtime;
    bodyGate.take(BODIES_BYTES_MAX);
    const refused = await send(path, bodyOf('m'));
    bodyGate.release(BODIES_BYTES_MAX);
    expect([refused.status, refused.headers.get('Retry-After')]).toEqual([503, '1']);
    expect(refused.answer).toMatchObject(refusal);
    expect((await send(path, bodyOf('m'))).status).toBe(200);
  },
);

test.each(PROTOCOLS)(
  '$protocol: a store that is away is 503 with a time to come back, and is back',
  async ({ protocol, path, bodyOf, refusal }) => {
    const [before, failed] = [headSeq(), rowOf(protocol)?.failed ?? 0];
    store.isDown = true;
    const refused = await send(path, bodyOf('m'));
    store.isDown = false;
    expect(refused.status).toBe(503);
    expect(Number(refused.headers.get('Retry-After'))).toBeGreaterThan(0);
    expect(refused.answer).toMatchObject(refusal);
    expect(rowOf(protocol)?.failed).toBe(failed + 1);
    await until('the store to be asked again', async () => (await send(path, bodyOf('m'))).status === 200);
    expect(headSeq()).toBe(before + 1);
    expect(held()).toBe(0);
  },
);

test.each(PROTOCOLS)('$protocol: an Idempotency-Key makes a retry harmless', async ({ path, bodyOf, protocol }) => {
  const before = headSeq();
  const headers = { 'Idempotency-Key': `key-${protocol}` };
  for (let time = 0; time < 3; time += 1) expect((await send(path, bodyOf('once'), headers)).status).toBe(200);
  expect(headSeq()).toBe(before + 1);
});

test.each(PROTOCOLS)(
  '$protocol: who has sent more than it may is 429 with a time to come back',
  async ({ protocol, path, bodyOf, refusal }) => {
    const slow = await startInProcess('socket', { TAILRACE_INGEST_RATE: '10' });
    try {
      const post = () => fetch(slow.url + path, { method: 'POST', body: bodyOf('m').repeat(30) });
      expect((await post()).status).toBe(200);
      const refused = await post();
      expect(refused.status).toBe(429);
      expect(Number(refused.headers.get('Retry-After'))).toBeGreaterThan(0);
      expect(await refused.json()).toMatchObject(refusal);
      expect(slow.runtime.senders.rows()).toMatchObject([
        { protocol, requests: 2, accepted: 30, limited: 1, failed: 0 },
      ]);
    } finally {
      await slow.close();
    }
  },
);
