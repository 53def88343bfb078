import { request } from 'node:http';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { EventFactory, toNdjson } from './support/events.ts';
import { post, publish } from './support/ingest-client.ts';
import { Random } from './support/random.ts';
import { ServerProcess } from './support/server-process.ts';
import { until } from './support/wait.ts';

const MIB = 1024 * 1024;
const LIMITS = { TAILRACE_INGEST_STREAM_BYTES: String(1024 * MIB), TAILRACE_RETENTION_BYTES: String(4096 * MIB) };

let server: ServerProcess;
beforeAll(async () => {
  server = await ServerProcess.start({ environment: LIMITS });
});
afterAll(() => server.stop());

/** Gives the same bytes again and again, as fast as they are taken. */
function endless(piece: Uint8Array, bytes: number, onPull?: () => void): ReadableStream<Uint8Array> {
  let left = bytes;
  return new ReadableStream(
    {
      pull(controller) {
        onPull?.();
        if (left <= 0) return controller.close();
        left -= piece.length;
        controller.enqueue(piece);
      },
    },
    { highWaterMark: 1 },
  );
}

async function head(): Promise<number> {
  const page = (await (await fetch(`${server.url}/api/events?limit=1`)).json()) as { head: string };
  return Number(page.head.split('.')[1]);
}

describe('bodies that are too large', () => {
  test('a body that says it is too large is refused before it is read', async () => {
    const body = 'x'.repeat(9 * MIB);
    const { status, answer } = await post(server.url, body, { type: 'application/json' });
    expect([status, answer.code, answer.accepted]).toEqual([413, 'body-too-large', 0]);
  });

  test('a gigabyte without line ends is passed through, not held, and refused', async () => {
    const before = server.residentBytes;
    let peak = 0;
    const piece = new Uint8Array(MIB).fill(0x78);
    const body = endless(piece, 1100 * MIB, () => {
      peak = Math.max(peak, server.residentBytes);
    });
    const refused = await post(server.url, body).catch(() => undefined);
    if (refused) expect([refused.status, refused.answer.code]).toEqual([413, 'body-too-large']);
    expect(peak - before).toBeLessThan(200 * MIB);
    expect((await fetch(`${server.url}/readyz`)).status).toBe(200);
  });

  test('a small archive of a gigabyte is refused, and cost little', async () => {
    const before = server.residentBytes;
    const bomb = gzipSync(Buffer.alloc(64 * MIB, ' '));
    const bombs = Buffer.concat(Array.from({ length: 17 }, () => bomb));
    const { status, answer } = await postGzip(bombs);
    expect([status, answer.code]).toEqual([413, 'body-too-large']);
    expect(server.residentBytes - before).toBeLessThan(200 * MIB);
  });

  test('large events are stored however many come in one body', async () => {
    const message = 'm'.repeat(200_000);
    const events = Array.from({ length: 700 }, () => ({ message }));
    const answer = await publish(server.url, events);
    expect(answer.rejected).toBe(0);
  });
});

describe('bodies that are fine', () => {
  test('200,000 lines are stored with one request, in order', async () => {
    const { accepted, first, last } = await publish(server.url, new EventFactory(new Random(81)).many(200_000));
    expect(accepted).toBe(200_000);
    expect(Number(last?.split('.')[1]) - Number(first?.split('.')[1]) + 1).toBe(200_000);
  });

  test('gzip is accepted', async () => {
    const events = new EventFactory(new Random(82)).many(3000);
    const { status, answer } = await postGzip(gzipSync(toNdjson(events)));
    expect([status, answer.accepted]).toEqual([200, 3000]);
  });

  test('a partly valid body is stored in part, and each error names its line', async () => {
    const body = '{"message":"one"}\nnot json\n{"kind":"metric","name":"m"}\n\n{"message":"two"}\n';
    const { status, answer } = await post(server.url, body);
    expect([status, answer.accepted, answer.rejected]).toEqual([200, 2, 2]);
    expect(answer.errors.map(({ line }) => line)).toEqual([2, 3]);
  });
});

describe('bodies that are not', () => {
  test('a body in which nothing is valid is 400, with at most twenty errors spelled out', async () => {
    const { status, answer } = await post(server.url, '[]\n'.repeat(50));
    expect([status, answer.code, answer.rejected, answer.errors.length]).toEqual([400, 'nothing-accepted', 50, 20]);
  });

  test.each(['text/html', 'application/x-www-form-urlencoded', ''])('type %j is 415', async (type) => {
    const { status, answer } = await post(server.url, '{}', { type });
    expect([status, answer.code]).toEqual([415, 'unsupported-media-type']);
  });

  test('an unknown encoding is 415, broken gzip is 400', async () => {
    const send = (encoding: string, body: BodyInit) =>
      fetch(`${server.url}/api/events`, {
        method: 'POST',
        headers: { 'Content-Type': 'application/json', 'Content-Encoding': encoding },
        body,
      });
    expect((await send('br', '{}')).status).toBe(415);
    expect((await send('gzip', 'not gzip at all')).status).toBe(400);
    const cut = gzipSync('{"message":"whole"}');
    expect((await send('gzip', new Uint8Array(cut.subarray(0, cut.length - 9)))).status).toBe(400);
  });
});

test('a body that breaks off keeps what was stored, and a retry with its key completes it exactly', async () => {
  const before = await head();
  const events = new EventFactory(new Random(83)).many(20_000);
  const body = toNdjson(events);
  await breakOff(body.slice(0, Math.floor(body.length * 0.7)), 'broken-off');
  await until('a part to be stored', async () => (await head()) > before);
  const answer = await publish(server.url, events, { key: 'broken-off' });
  expect(answer.accepted).toBe(20_000);
  expect(await head()).toBe(before + 20_000);
  const again = await publish(server.url, events, { key: 'broken-off' });
  expect([again.first, again.last]).toEqual([answer.first, answer.last]);
  expect(await head()).toBe(before + 20_000);
});

/** Sends a beginning and then resets the connection. */
async function breakOff(beginning: string, key: string): Promise<void> {
  const headers = { 'Content-Type': 'application/x-ndjson', 'Idempotency-Key': key };
  const outgoing = request(`${server.url}/api/events`, { method: 'POST', headers });
  outgoing.on('error', () => undefined);
  await new Promise<void>((resolve) => outgoing.write(beginning, () => resolve()));
  outgoing.destroy();
}

async function postGzip(body: Buffer) {
  const response = await fetch(`${server.url}/api/events`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/x-ndjson', 'Content-Encoding': 'gzip' },
    body: new Uint8Array(body),
  });
  return { status: response.status, answer: (await response.json()) as { accepted: number; code?: string } };
}
