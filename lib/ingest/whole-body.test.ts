import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { compressSync } from 'snappy';
import { afterEach, expect, test, vi } from 'vitest';
import type { ContentCoding } from './body-bytes.ts';
import { ByteGate } from './byte-gate.ts';
import { readWhole } from './whole-body.ts';

const MIB = 1024 * 1024;

function streamOf(bytes: Uint8Array, pieceBytes = 64 * 1024): ReadableStream<Uint8Array> {
  let at = 0;
  return new ReadableStream({
    pull(controller) {
      if (at < bytes.length) controller.enqueue(bytes.slice(at, at + pieceBytes));
      else controller.close();
      at += pieceBytes;
    },
  });
}

type Asked = {
  encoding?: ContentCoding;
  contentLength?: number;
  bytesMax?: number;
  gate?: ByteGate;
  waitMsMax?: number;
};

function read(body: ReadableStream<Uint8Array> | Uint8Array | null, asked: Asked = {}) {
  const { encoding = 'identity', contentLength = 0, bytesMax = MIB, gate = new ByteGate(8 * MIB) } = asked;
  const line = { bytes: 0 };
  const onBytes = (bytes: number): void => {
    line.bytes += bytes;
  };
  const stream = body instanceof Uint8Array ? streamOf(body) : body;
  const { waitMsMax = 60_000 } = asked;
  const whole = readWhole({ body: stream, encoding, contentLength, bytesMax, gate, onBytes, waitMsMax });
  return { whole, gate, line };
}

const text = Buffer.from('hello '.repeat(20_000));

afterEach(() => {
  vi.useRealTimers();
});

test.each<[ContentCoding, Uint8Array]>([
  ['identity', text],
  ['gzip', gzipSync(text)],
  ['snappy', compressSync(text)],
])('a body of %s comes out as it went in, and is held until it is released', async (encoding, bytes) => {
  const { whole, gate, line } = read(bytes, { encoding });
  const { body, release } = await whole;
  expect(body.equals(text)).toBe(true);
  expect(gate.held).toBeGreaterThanOrEqual(text.length);
  expect(line.bytes).toBe(bytes.length);
  release();
  release();
  expect(gate.held).toBe(0);
});

test('no body is an empty one', async () => {
  for (const encoding of ['identity', 'gzip', 'snappy'] as const) {
    expect((await read(null, { encoding }).whole).body).toHaveLength(0);
  }
});

test('a body that says it is too large is not read at all', async () => {
  const { whole, line, gate } = read(text, { contentLength: MIB + 1 });
  await expect(whole).rejects.toMatchObject({ code: 'body-too-large' });
  expect([line.bytes, gate.held]).toEqual([0, 0]);
});

test.each([0, 5, Number.NaN])('a Content-Length of %d that is a lie changes nothing', async (contentLength) => {
  await expect(read(new Uint8Array(MIB + 1), { contentLength }).whole).rejects.toMatchObject({
    code: 'body-too-large',
  });
  expect((await read(text, { contentLength }).whole).body).toHaveLength(text.length);
});

test('an archive that holds more than it may is stopped, and gives back what it held', async () => {
  const { whole, gate } = read(gzipSync(new Uint8Array(64 * MIB)), { encoding: 'gzip' });
  await expect(whole).rejects.toMatchObject({ code: 'body-too-large' });
  expect(gate.held).toBe(0);
});

test('snappy that promises more than it may is refused before it is opened', async () => {
  const bomb = Buffer.from([0xff, 0xff, 0xff, 0xff, 0x0f, 0x00]);
  const { whole, gate } = read(bomb, { encoding: 'snappy' });
  await expect(whole).rejects.toMatchObject({ code: 'body-too-large' });
  expect(gate.held).toBe(0);
});

test.each([
  ['promises less than it holds', Buffer.concat([Buffer.from([5]), compressSync(text).subarray(3)])],
  ['promises more than it holds', Buffer.concat([Buffer.from([0x80, 0x80, 0x04]), compressSync('a').subarray(1)])],
  ['has a length without end', Buffer.alloc(100, 0xff)],
  ['is something else', Buffer.from('{"streams":[]}')],
])('snappy that %s is a bad request', async (_title, bytes) => {
  const { whole, gate } = read(bytes, { encoding: 'snappy' });
  await expect(whole).rejects.toMatchObject({ code: 'bad-request' });
  expect(gate.held).toBe(0);
});

test('whatever bytes come as gzip or snappy, they are a body or an error of the sender, and nothing stays held', async () => {
  const property = fc.asyncProperty(
    fc.uint8Array({ maxLength: 300 }),
    fc.constantFrom('gzip', 'snappy' as const),
    async (bytes, encoding) => {
      const { whole, gate } = read(bytes, { encoding });
      await whole.then(
        ({ release }) => release(),
        ({ code }) => expect(['bad-request', 'body-too-large']).toContain(code),
      );
      expect(gate.held).toBe(0);
    },
  );
  await fc.assert(property, { seed: 20260101, numRuns: 300 });
});

test('where there is no room the sender is told to come again, and its first pieces are given back', async () => {
  const gate = new ByteGate(100_000);
  gate.take(30_000);
  await expect(read(text, { gate }).whole).rejects.toMatchObject({ code: 'storage-overloaded', retryAfterS: 1 });
  expect(gate.held).toBe(30_000);
  await expect(read(compressSync(text), { gate, encoding: 'snappy' }).whole).rejects.toMatchObject({
    code: 'storage-overloaded',
  });
  expect(gate.held).toBe(30_000);
});

test.each(['identity', 'gzip'] as const)(
  'a body of %s that stops coming gives its memory to others',
  async (encoding) => {
    const state = { cancelled: false };
    const drip = new ReadableStream<Uint8Array>({
      start: (controller) =>
        controller.enqueue(encoding === 'gzip' ? gzipSync(text).subarray(0, 40) : text.subarray(0, 40)),
      cancel() {
        state.cancelled = true;
      },
    });
    const { whole, gate } = read(drip, { encoding, waitMsMax: 30 });
    await expect(whole).rejects.toMatchObject({ code: 'storage-overloaded', retryAfterS: 1 });
    expect(gate.held).toBe(0);
    await expect.poll(() => state.cancelled).toBe(true);
  },
);

test('a body that comes in time leaves no timer behind', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  const { release } = await read(text).whole;
  release();
  await read(Buffer.from('x'), { encoding: 'gzip' }).whole.catch(() => undefined);
  expect(vi.getTimerCount()).toBe(0);
});

test('a line that breaks is told as such', async () => {
  const broken = new ReadableStream<Uint8Array>({
    pull: (controller) => controller.error(new Error('socket hang up')),
  });
  await expect(read(broken).whole).rejects.toThrow('the body broke off: socket hang up');
});
