import { once } from 'node:events';
import { connect } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { gzipSync } from 'node:zlib';
import { compressSync } from 'snappy';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { lokiProtobuf } from '@/lib/ingest/testing/loki-bodies.ts';
import { writeRequestV1, writeRequestV2 } from '@/lib/ingest/testing/remote-write-bodies.ts';
import { type InProcessServer, startInProcess } from './support/in-process-server.ts';
import { readJournal } from './support/read-journal.ts';

const PUSH = '/loki/api/v1/push';
const WRITE = '/api/v1/write';
const PROTOBUF = { 'Content-Type': 'application/x-protobuf' };
const V2 = {
  'Content-Type': 'application/x-protobuf;proto=io.prometheus.write.v2.Request',
  'Content-Encoding': 'snappy',
};
const JSON_TYPE = { 'Content-Type': 'application/json' };

let server: InProcessServer;
beforeAll(async () => {
  server = await startInProcess('socket', { TAILRACE_INGEST_JSON_BYTES: '100000' });
});
afterAll(() => server.close());

function post(path: string, body: string | Buffer, headers: Record<string, string>): Promise<Response> {
  return fetch(server.url + path, {
    method: 'POST',
    headers,
    body: typeof body === 'string' ? body : new Uint8Array(body),
  });
}

function lokiJson(app: string, lines: readonly string[]): string {
  const values = lines.map((line) => [`${Date.now()}000000`, line]);
  return JSON.stringify({ streams: [{ stream: { app }, values }] });
}

const seconds = () => Math.floor(Date.now() / 1000);

test('JSON as it is and in gzip, protobuf in snappy with and without saying so', async () => {
  const snappy = (line: string) =>
    compressSync(lokiProtobuf([{ labels: '{app="ways"}', lines: [{ seconds: seconds(), line }] }]));
  const answers = [
    await post(PUSH, lokiJson('ways', ['plain']), JSON_TYPE),
    await post(PUSH, gzipSync(lokiJson('ways', ['gzip'])), { ...JSON_TYPE, 'Content-Encoding': 'gzip' }),
    await post(PUSH, snappy('snappy'), PROTOBUF),
    await post(PUSH, snappy('named'), { ...PROTOBUF, 'Content-Encoding': 'snappy' }),
  ];
  expect(answers.map(({ status }) => status)).toEqual([204, 204, 204, 204]);
  const events = await readJournal(server.url, 'service=ways');
  expect(events.map((event) => 'message' in event && event.message)).toEqual(['plain', 'gzip', 'snappy', 'named']);
});

test('a body that comes again is stored once', async () => {
  const body = lokiJson('again', ['a', 'b']);
  const statuses = await Promise.all([1, 2, 3].map(async () => (await post(PUSH, body, JSON_TYPE)).status));
  expect(statuses).toEqual([204, 204, 204]);
  expect(await readJournal(server.url, 'service=again')).toHaveLength(2);
  const request = compressSync(
    writeRequestV1([{ labels: { __name__: 'n', job: 'twice' }, samples: [{ value: 1, timeMs: Date.now() }] }]),
  );
  for (let time = 0; time < 3; time += 1) expect((await post(WRITE, request, PROTOBUF)).status).toBe(204);
  expect(await readJournal(server.url, 'service=twice')).toHaveLength(1);
});

test('remote write 2 is told what was written, also when it is a part', async () => {
  const timeMs = Date.now();
  const good = { labels: { __name__: 'good', job: 'v2' }, samples: [{ value: 1, timeMs }] };
  const answer = await post(WRITE, compressSync(writeRequestV2([good])), V2);
  expect(answer.status).toBe(204);
  expect(answer.headers.get('X-Prometheus-Remote-Write-Samples-Written')).toBe('1');
  const part = await post(
    WRITE,
    compressSync(
      writeRequestV2([
        { ...good, samples: [{ value: 2, timeMs }] },
        { labels: {}, samples: [{ value: 1, timeMs }] },
      ]),
    ),
    V2,
  );
  expect(part.status).toBe(400);
  expect(part.headers.get('X-Prometheus-Remote-Write-Samples-Written')).toBe('1');
  expect(await part.text()).toContain('1 stored, 1 refused');
  expect(await readJournal(server.url, 'service=v2')).toHaveLength(2);
});

test.each([
  ['no snappy', PUSH, Buffer.from('garbage'), PROTOBUF, 400, /not valid snappy/],
  ['no protobuf', PUSH, compressSync('garbage'), PROTOBUF, 400, /not a logproto.PushRequest/],
  ['no protobuf', WRITE, compressSync('garbage'), PROTOBUF, 400, /not a prometheus.WriteRequest/],
  ['a bomb of snappy', PUSH, compressSync(Buffer.alloc(1_500_000)), PROTOBUF, 413, /at most 100000 bytes, got 1500000/],
  [
    'a bomb of gzip',
    PUSH,
    gzipSync(Buffer.alloc(50_000_000)),
    { ...JSON_TYPE, 'Content-Encoding': 'gzip' },
    413,
    /at most 100000/,
  ],
  ['a large body', PUSH, Buffer.alloc(200_000, ' '), JSON_TYPE, 413, /at most 100000/],
  ['no JSON', PUSH, Buffer.from('{"streams":'), JSON_TYPE, 400, /not valid JSON/],
  ['another type', PUSH, Buffer.from('x'), { 'Content-Type': 'text/plain' }, 415, /expected Content-Type/],
  [
    'another message',
    WRITE,
    Buffer.from('x'),
    { 'Content-Type': 'application/x-protobuf;proto=other' },
    415,
    /expected Content-Type/,
  ],
  [
    'zstd',
    WRITE,
    Buffer.from('x'),
    { ...PROTOBUF, 'Content-Encoding': 'zstd' },
    415,
    /gzip, snappy or none, got "zstd"/,
  ],
])('%s at %s is answered in words', async (_title, path, body, headers, status, says) => {
  const answer = await post(path, body, headers);
  expect(answer.status).toBe(status);
  expect(answer.headers.get('Content-Type')).toContain('text/plain');
  expect(await answer.text()).toMatch(says);
});

test('a connection that is cut in the middle of a body leaves nothing behind', async () => {
  const head = (await readJournal(server.url)).length;
  const body = compressSync(lokiProtobuf([{ labels: '{app="cut"}', lines: [{ seconds: seconds(), line: 'x' }] }]));
  const socket = connect(Number(new URL(server.url).port), '127.0.0.1');
  await once(socket, 'connect');
  const request = `POST ${PUSH} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/x-protobuf\r\nContent-Length: ${body.length}\r\n\r\n`;
  socket.write(request);
  socket.write(body.subarray(0, body.length - 3));
  await pause(100);
  socket.destroy();
  await pause(100);
  expect(await readJournal(server.url)).toHaveLength(head);
  expect((await post(PUSH, body, PROTOBUF)).status).toBe(204);
});

test('Loki is ready when the journal is', async () => {
  const ready = await fetch(`${server.url}/ready`);
  expect(ready.status).toBe(200);
  expect(await ready.text()).toBe('ready\n');
});

test('an address in debt is told when to come again', async () => {
  const limited = await startInProcess('socket', { TAILRACE_INGEST_RATE: '10' });
  const send = (lines: readonly string[]) =>
    fetch(limited.url + PUSH, { method: 'POST', headers: JSON_TYPE, body: lokiJson('much', lines) });
  try {
    expect((await send(Array.from({ length: 50 }, String))).status).toBe(204);
    const refused = await send(['one']);
    expect(refused.status).toBe(429);
    expect(Number(refused.headers.get('Retry-After'))).toBeGreaterThan(0);
  } finally {
    await limited.close();
  }
});
