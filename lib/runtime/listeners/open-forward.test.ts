import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { gzipSync } from 'node:zlib';
import { decodeMulti, encode } from '@msgpack/msgpack';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { openForward } from './open-forward.ts';
import { type Listening, until } from './testing/listening.ts';
import { openedListener } from './testing/opened-listener.ts';

const { open } = openedListener(openForward);

/** A sender that shares no line with the server but the library of MessagePack. */
class Sender {
  readonly socket: Socket;
  readonly answers: unknown[] = [];
  isClosed = false;

  constructor(port: number) {
    this.socket = connect(port, '127.0.0.1');
    this.socket.on('error', () => undefined);
    this.socket.on('data', (bytes) => this.answers.push(...decodeMulti(bytes)));
    this.socket.on('close', () => {
      this.isClosed = true;
    });
  }

  send(...messages: unknown[]): void {
    this.socket.write(Buffer.concat(messages.map((message) => encode(message))));
  }
}

const entries = (count: number, from = 0): [number, { message: string }][] =>
  Array.from({ length: count }, (_, index) => [1_700_000_000, { message: `m${from + index}` }]);
const messages = (count: number, from = 0): string[] => entries(count, from).map(([, { message }]) => message);
const packed = (count: number): Buffer => Buffer.concat(entries(count).map((entry) => encode(entry)));
const row = (runtime: Listening) => runtime.senders.rows()[0];

test('each mode is stored, and acknowledged by its name when it is', async () => {
  const { journal, port, runtime } = await open();
  const sender = new Sender(port);
  sender.send(['t', 1, { message: 'single' }]);
  sender.send(['t', 1, { message: 'named' }, { chunk: 'c1' }]);
  sender.send(['t', entries(2)], null, ['t', entries(2), { chunk: 'c2' }]);
  sender.send(['t', packed(2), { chunk: 'c3' }], ['t', gzipSync(packed(2)), { chunk: 'c4', compressed: 'gzip' }]);
  await until('four acknowledgements', () => sender.answers.length === 4);
  await until('all events', () => journal.events.length === 10);
  expect(sender.answers).toEqual(expect.arrayContaining(['c1', 'c2', 'c3', 'c4'].map((ack) => ({ ack }))));
  expect(row(runtime)).toMatchObject({ protocol: 'forward', accepted: 10, rejected: 0, services: ['t'] });
  sender.socket.end();
});

test('a stream cut anywhere gives the same events', async () => {
  const { journal, port } = await open();
  const stream = Buffer.concat([encode(['t', entries(20), { chunk: 'x' }]), encode(['t', packed(20), {}])]);
  await fc.assert(
    fc.asyncProperty(fc.array(fc.nat(), { maxLength: 5 }), fc.nat(), async (cuts, run) => {
      journal.events.length = 0;
      const sender = new Sender(port);
      sender.socket.setNoDelay(true);
      const named = Buffer.from(stream);
      named[named.indexOf(Buffer.from([0xa1, 0x78])) + 1] = 0x30 + (run % 10);
      const places = [0, ...cuts.map((cut) => cut % named.length).sort((a, b) => a - b), named.length];
      for (let index = 1; index < places.length; index += 1) {
        sender.socket.write(named.subarray(places[index - 1], places[index]));
        await pause(1);
      }
      await until('the acknowledgement', () => sender.answers.length === 1);
      await until('the rest', () => journal.events.length >= 20);
      sender.socket.destroy();
      expect(new Set(journal.messages)).toEqual(new Set(messages(20)));
    }),
    { seed: 22, numRuns: 15 },
  );
});

test('nothing is acknowledged before it is durable', async () => {
  const { journal, port } = await open();
  let store = (): void => undefined;
  const gate = new Promise<void>((resolve) => {
    store = resolve;
  });
  journal.delay = () => gate;
  const sender = new Sender(port);
  sender.send(['t', entries(3), { chunk: 'c' }]);
  await pause(100);
  expect(sender.answers).toEqual([]);
  store();
  await until('the acknowledgement', () => sender.answers.length === 1);
  expect(journal.events).toHaveLength(3);
  sender.socket.destroy();
});

test('a chunk that comes again, on another line, is acknowledged and not stored again', async () => {
  const { journal, port } = await open();
  for (let turn = 0; turn < 3; turn += 1) {
    const sender = new Sender(port);
    sender.send(['t', gzipSync(packed(2500)), { chunk: 'same', compressed: 'gzip' }]);
    await until('the acknowledgement', () => sender.answers.length === 1);
    sender.socket.end();
  }
  expect(journal.messages).toEqual(messages(2500));
});

test('the same name for other events is another message', async () => {
  const { journal, port } = await open();
  const sender = new Sender(port);
  sender.send(['t', entries(1), { chunk: 'c' }]);
  await until('the first', () => sender.answers.length === 1);
  sender.send(['t', entries(1, 7), { chunk: 'c' }]);
  await until('the second', () => sender.answers.length === 2);
  expect(journal.messages).toEqual(['m0', 'm7']);
  sender.socket.end();
});

test('while the store is away a named chunk is not kept: the line is closed, and the sender brings it again', async () => {
  const { journal, port } = await open();
  journal.isAway = true;
  const sender = new Sender(port);
  sender.send(['t', entries(3), { chunk: 'c' }]);
  await until('the end of the line', () => sender.isClosed);
  expect(sender.answers).toEqual([]);
  journal.isAway = false;
  const again = new Sender(port);
  again.send(['t', entries(3), { chunk: 'c' }]);
  await until('the acknowledgement', () => again.answers.length === 1);
  expect(journal.messages).toEqual(messages(3));
  again.socket.end();
});

test('while the store is away, what is not named waits, and its sender is held back', async () => {
  const { journal, port, runtime } = await open();
  journal.isAway = true;
  const sender = new Sender(port);
  const count = 60_000;
  for (let from = 0; from < count; from += 1000)
    sender.send(...entries(1000, from).map(([time, record]) => ['t', time, record]));
  sender.socket.end();
  let [bytes, sinceMs] = [0, 0];
  await until('it to be read no more', () => {
    const read = row(runtime)?.bytes ?? 0;
    if (read !== bytes) [bytes, sinceMs] = [read, Date.now()];
    return bytes > 0 && Date.now() - sinceMs > 500;
  });
  expect(bytes).toBeLessThan(sender.socket.bytesWritten / 2);
  journal.isAway = false;
  await until('all of them', () => journal.events.length === count, 30_000);
  expect(journal.messages).toEqual(messages(count));
}, 40_000);

test('a chunk in which some records are none is acknowledged: sent again they would be none again', async () => {
  const { journal, port, runtime } = await open();
  const sender = new Sender(port);
  sender.send(['t', [...entries(1), [1, 'no record']], { chunk: 'c' }]);
  await until('the acknowledgement', () => sender.answers.length === 1);
  expect(journal.messages).toEqual(['m0']);
  expect(row(runtime)).toMatchObject({ accepted: 1, rejected: 1 });
  sender.socket.end();
});

test.each<[string, Buffer]>([
  ['HTTP', Buffer.from('GET / HTTP/1.1\r\n\r\n')],
  ['a byte that is never used', Buffer.from([0x92, 0xc1])],
  ['a message that would be too large', Buffer.from([0x92, 0xa1, 0x74, 0xc6, 0x7f, 0xff, 0xff, 0xff])],
  ['another compression', Buffer.from(encode(['t', Buffer.from('x'), { compressed: 'zstd', chunk: 'c' }]))],
])('%s ends the line, and is told', async (_title, bytes) => {
  const { port, runtime } = await open();
  const sender = new Sender(port);
  sender.socket.write(bytes);
  await until('the end of the line', () => sender.isClosed);
  expect(sender.answers).toEqual([]);
  expect(row(runtime)).toMatchObject({ failed: 1, lastError: { says: expect.stringMatching(/./) } });
});

test('a line that ends in the middle of a message is told', async () => {
  const { port, runtime } = await open();
  new Sender(port).socket.end(Buffer.from(encode(['t', entries(3), { chunk: 'c' }])).subarray(0, 20));
  await until('it', () => row(runtime)?.failed === 1);
  expect(row(runtime)?.lastError?.says).toContain('in the middle of a message');
});

test.each([
  ['that are acknowledged', (n: number) => ({ chunk: `c${n}` })],
  ['that are not', () => ({})],
])('batches of one line %s are stored in its order, however large each is', async (_title, option) => {
  const { journal, port } = await open();
  const sender = new Sender(port);
  const sizes = [250, 1, 3, 120, 1, 2, 99, 100, 1];
  let count = 0;
  const numbered = (): [number, object] => [1_700_000_000, { message: `m${count++}` }];
  const batches = sizes.map((size, n) => {
    const batch = Array.from({ length: size }, numbered);
    // Some have to be unpacked first.
    const zipped = gzipSync(Buffer.concat(batch.map((entry) => encode(entry))));
    return n % 3 === 0 ? ['t', zipped, { ...option(n), compressed: 'gzip' }] : ['t', batch, option(n)];
  });
  sender.send(...batches);
  await until('all of them', () => journal.messages.length === count);
  expect(journal.messages).toEqual(Array.from({ length: count }, (_, n) => `m${n}`));
});

test('whoever has not shown the key holds no memory', async () => {
  const { port, runtime } = await open({ forwardSharedKey: () => 'secret' });
  const stranger = new Sender(port);
  // The head of a message of 1 MB, and its beginning.
  stranger.socket.write(
    Buffer.concat([Buffer.from([0x93, 0xa1, 0x74, 0xc6, 0, 0x0f, 0x42, 0x40]), Buffer.alloc(8000)]),
  );
  await until('the end of the line', () => stranger.isClosed);
  expect(row(runtime)).toMatchObject({ failed: 1, lastError: { says: expect.stringContaining('shared key') } });
});

test('with a shared key nothing is taken before the handshake', async () => {
  const { journal, port } = await open({ forwardSharedKey: () => 'secret' });
  const stranger = new Sender(port);
  stranger.send(['t', entries(1)]);
  await until('the end of the line', () => stranger.isClosed);
  expect(stranger.answers).toEqual([
    ['HELO', expect.any(Object)],
    ['PONG', false, expect.stringContaining('PING'), '', ''],
  ]);
  const sender = new Sender(port);
  await until('HELO', () => sender.answers.length === 1);
  const [, { nonce }] = sender.answers[0] as [string, { nonce: Uint8Array }];
  const digest = createHash('sha512').update('salt').update('me').update(nonce).update('secret').digest('hex');
  sender.send(['PING', 'me', 'salt', digest, '', ''], ['t', entries(1), { chunk: 'c' }]);
  await until('PONG and the acknowledgement', () => sender.answers.length === 3);
  expect((sender.answers[1] as unknown[]).slice(0, 2)).toEqual(['PONG', true]);
  expect(sender.answers[2]).toEqual({ ack: 'c' });
  expect(journal.messages).toEqual(['m0']);
  sender.socket.end();
  await once(sender.socket, 'close');
});
