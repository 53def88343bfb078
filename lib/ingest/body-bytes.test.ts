import { gzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { bodyBytes, encodingOf } from './body-bytes.ts';

const streamOf = (bytes: Uint8Array, pieceBytes = 1000) => {
  let at = 0;
  let cancelled = false;
  const stream = new ReadableStream<Uint8Array>({
    pull(controller) {
      if (at >= bytes.length) controller.close();
      else controller.enqueue(bytes.slice(at, at + pieceBytes));
      at += pieceBytes;
    },
    cancel() {
      cancelled = true;
    },
  });
  return { stream, isCancelled: () => cancelled };
};

async function read(
  stream: ReadableStream<Uint8Array> | null,
  encoding: string | null,
  bytesMax = 1e6,
): Promise<string> {
  const pieces: Buffer[] = [];
  for await (const piece of bodyBytes(stream, encodingOf(encoding), bytesMax)) pieces.push(Buffer.from(piece));
  return Buffer.concat(pieces).toString();
}

const text = 'hello '.repeat(2000);

test.each([null, '', 'identity', ' Identity '])('an encoding of %j is plain', async (encoding) => {
  expect(await read(streamOf(Buffer.from(text)).stream, encoding)).toBe(text);
});

test.each(['gzip', 'GZIP', 'x-gzip'])('%s is unpacked', async (encoding) => {
  expect(await read(streamOf(gzipSync(text), 7).stream, encoding)).toBe(text);
});

test('no body is no bytes', async () => {
  expect(await read(null, 'gzip')).toBe('');
});

test('a body is taken up to the limit and refused one byte beyond, and the sender is told to stop', async () => {
  expect(await read(streamOf(Buffer.alloc(5000)).stream, null, 5000)).toHaveLength(5000);
  const { stream, isCancelled } = streamOf(Buffer.alloc(50_000));
  await expect(read(stream, null, 4999)).rejects.toMatchObject({ code: 'body-too-large' });
  await expect.poll(isCancelled).toBe(true);
});

test('a small archive that holds much is stopped at the limit', async () => {
  const bomb = gzipSync(Buffer.alloc(50 * 1024 * 1024));
  expect(bomb.length).toBeLessThan(100_000);
  await expect(read(streamOf(bomb).stream, 'gzip', 100_000)).rejects.toMatchObject({ code: 'body-too-large' });
});

test.each<[string, Uint8Array]>([
  ['text', Buffer.from('{"message":"not gzip"}')],
  ['a truncated archive', gzipSync(text).subarray(0, 30)],
  ['a damaged archive', gzipSync(text).fill(0xff, 20, 40)],
])('%s sent as gzip is a bad request', async (_title, bytes) => {
  await expect(read(streamOf(bytes).stream, 'gzip')).rejects.toMatchObject({ code: 'bad-request' });
});

test('another encoding is refused by name', async () => {
  await expect(read(streamOf(Buffer.from(text)).stream, 'br')).rejects.toThrow(/gzip or none, got "br"/);
});

test.each([null, 'gzip'])('a connection that breaks (%s) is an error, not an end', async (encoding) => {
  const bytes = encoding ? gzipSync(text).subarray(0, 20) : Buffer.from('half');
  const stream = new ReadableStream<Uint8Array>({
    start(controller) {
      controller.enqueue(bytes);
    },
    pull(controller) {
      controller.error(new Error('socket hang up'));
    },
  });
  await expect(read(stream, encoding)).rejects.toThrow('socket hang up');
});
