import { connect } from 'node:net';
import { deflateSync, gzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { openGelf } from './open-gelf.ts';
import { type Listening, until } from './testing/listening.ts';
import { openedListener, sendUdp } from './testing/opened-listener.ts';

const { open, close } = openedListener(openGelf);

function chunked(id: string, bytes: Buffer, size: number): Buffer[] {
  const count = Math.ceil(bytes.length / size);
  return Array.from({ length: count }, (_, index) => {
    const head = Buffer.concat([Buffer.from([0x1e, 0x0f]), Buffer.from(id.padEnd(8)), Buffer.from([index, count])]);
    return Buffer.concat([head, bytes.subarray(index * size, (index + 1) * size)]);
  });
}

const gelf = (message: string): Buffer => Buffer.from(JSON.stringify({ short_message: message, host: 'h', level: 4 }));
const row = (runtime: Listening) => runtime.senders.rows()[0];

test('by UDP: plain, gzip, zlib, and chunks of each in any order', async () => {
  const { journal, port } = await open();
  const long = 'x'.repeat(50_000);
  await sendUdp(port, [
    gelf('plain'),
    gzipSync(gelf('gzip')),
    deflateSync(gelf('zlib')),
    ...chunked('a', gelf(long), 1400).reverse(),
    ...chunked('b', gzipSync(gelf('compressed and chunked')), 20),
  ]);
  await until('all five', () => journal.events.length === 5);
  expect(journal.messages).toEqual(['plain', 'gzip', 'zlib', long, 'compressed and chunked']);
  expect(journal.events[0]).toMatchObject({ level: 'warn', service: 'h', attributes: { host: 'h' } });
});

test('by TCP: each ends with a NUL, the last may lack it', async () => {
  const { journal, port } = await open();
  connect(port, '127.0.0.1').end(
    Buffer.concat([gelf('one'), Buffer.from('\0\0'), gelf('two'), Buffer.from([0]), gelf('three')]),
  );
  await until('all three', () => journal.events.length === 3);
  expect(journal.messages).toEqual(['one', 'two', 'three']);
});

test('what is no GELF, what is too large and what never became whole is refused, and counted', async () => {
  const { journal, port, runtime } = await open();
  await sendUdp(port, [
    Buffer.from('not json'),
    gzipSync(Buffer.alloc(3 * 1024 * 1024)),
    Buffer.from([0x1e, 0x0f, 1]),
    ...chunked('lost', gelf('never whole'), 10).slice(1),
    gelf('good'),
  ]);
  connect(port, '127.0.0.1').end(
    Buffer.concat([Buffer.alloc(3 * 1024 * 1024, 'x'), Buffer.from([0]), gelf('good too')]),
  );
  await until('the good ones', () => journal.events.length === 2);
  await close();
  expect(journal.messages.sort()).toEqual(['good', 'good too']);
  expect(row(runtime)).toMatchObject({ accepted: 2, rejected: 5 });
});
