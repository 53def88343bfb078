import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { OPEN_POLICY } from './listener.ts';
import { openSyslog } from './open-syslog.ts';
import { type Listening, listening, until } from './testing/listening.ts';
import { openedListener, sendUdp } from './testing/opened-listener.ts';

const { open, close } = openedListener(openSyslog);

async function connected(port: number): Promise<Socket> {
  const socket = connect(port, '127.0.0.1');
  socket.on('error', () => undefined);
  await once(socket, 'connect');
  return socket;
}

const numbered = (count: number, from = 0): string[] =>
  Array.from({ length: count }, (_, index) => `message ${from + index}`);
const lines = (messages: readonly string[]): string =>
  messages.map((message) => `<134>1 - h app - - - ${message}\n`).join('');
const row = (runtime: Listening) => runtime.senders.rows().find(({ address }) => address === '127.0.0.1');

test('both ports are one, and a stream cut anywhere gives every message in its order', async () => {
  const { journal, port } = await open();
  await fc.assert(
    fc.asyncProperty(fc.array(fc.nat(), { minLength: 1, maxLength: 6 }), fc.boolean(), async (cuts, isCounted) => {
      const from = journal.events.length;
      const expected = numbered(50, from).map((message, index) =>
        isCounted && index % 3 === 0 ? `${message}\nmore` : message,
      );
      const stream = Buffer.from(
        expected
          .map((message, index) => {
            const text = `<134>1 - h app - - - ${message}`;
            return isCounted && index % 3 === 0 ? `${Buffer.byteLength(text)} ${text}` : `${text}\n`;
          })
          .join(''),
      );
      const socket = await connected(port);
      socket.setNoDelay(true);
      const places = [0, ...cuts.map((cut) => cut % stream.length).sort((a, b) => a - b), stream.length];
      for (let index = 1; index < places.length; index += 1) {
        socket.write(stream.subarray(places[index - 1], places[index]));
        await pause(1);
      }
      socket.end();
      await until('all of them', () => journal.events.length >= from + 50);
      expect(journal.messages.slice(from)).toEqual(expected);
    }),
    { seed: 21, numRuns: 25 },
  );
});

test('datagrams are gathered: a flood is not an append each', async () => {
  const { journal, port, runtime } = await open();
  await sendUdp(
    port,
    numbered(500).map((message) => `<134>Oct 11 22:14:15 h app: ${message}`),
  );
  await until('all of them', () => journal.events.length === 500);
  expect(journal.messages).toEqual(numbered(500));
  expect(journal.appends).toBeLessThan(250);
  expect(row(runtime)).toMatchObject({ protocol: 'syslog', accepted: 500, rejected: 0, services: ['app'] });
});

test('half a message at the end is kept, whether the line is closed or reset, and counts as cut when it was counted', async () => {
  const { journal, port, runtime } = await open();
  const closed = await connected(port);
  closed.end('<134>1 - h app - - - whole\n<134>1 - h app - - - ha');
  await until('the first', () => journal.events.length === 2);
  const reset = await connected(port);
  reset.write('100 <134>1 - h app - - - hal');
  await pause(50);
  reset.resetAndDestroy();
  await until('the second', () => journal.events.length === 3);
  expect(journal.messages).toEqual(['whole', 'ha', 'hal']);
  expect(row(runtime)?.truncated).toBe(1);
});

test('of a frame over the limit the beginning is kept and counted, and the next is whole', async () => {
  const { journal, port, runtime } = await open();
  const socket = await connected(port);
  const long = 'x'.repeat(300_000);
  socket.end(
    `<134>1 - h app - - - ${long}\n${`${long.length + 21} `}<134>1 - h app - - - ${long}<134>1 - h app - - - next\n`,
  );
  await until('all of them', () => journal.events.length === 3);
  expect(journal.messages.map((message) => message.length)).toEqual([262_144 - 21, 262_144 - 21, 4]);
  expect(journal.events[0]).toMatchObject({ attributes: { truncatedFromBytes: 300_021 } });
  expect(row(runtime)).toMatchObject({ truncated: 2, rejected: 0 });
});

test('garbage is text, and nothing is missing', async () => {
  const { journal, port } = await open();
  const socket = await connected(port);
  socket.end(Buffer.concat([Buffer.from([0xff, 0xfe, 0x80, 0x01, 0x0a]), Buffer.from('GET / HTTP/1.1\r\n\r\n')]));
  await sendUdp(port, [Buffer.from([0xff]), '', '\n', '<999>x']);
  await until('all of them', () => journal.events.length >= 4);
  expect(journal.messages.sort()).toEqual(['<999>x', 'GET / HTTP/1.1', 'ÿ', 'ÿþ€␁']);
});

test('while the store is away a connection is held back within a bound, and afterwards everything is stored once', async () => {
  const { journal, port, runtime } = await open();
  journal.isAway = true;
  const socket = await connected(port);
  const count = 60_000;
  const stream = Buffer.from(lines(numbered(count)));
  socket.end(stream);
  await pause(700);
  const { bytes = 0 } = row(runtime) ?? {};
  expect(bytes).toBeGreaterThan(0);
  expect(bytes).toBeLessThan(stream.length / 2);
  await pause(200);
  expect(row(runtime)?.bytes, 'nothing more is read').toBe(bytes);
  journal.isAway = false;
  await until('all of them', () => journal.events.length >= count, 60_000);
  expect(journal.messages).toEqual(numbered(count));
  expect(row(runtime)).toMatchObject({ accepted: count, rejected: 0, failed: 0 });
}, 90_000);

test('a sender that resets a held-back line loses nothing of what had been read', async () => {
  const { journal, port, runtime } = await open();
  journal.isAway = true;
  const socket = await connected(port);
  socket.write(lines(numbered(40_000)));
  await pause(300);
  socket.resetAndDestroy();
  await pause(100);
  const { bytes = 0 } = row(runtime) ?? {};
  journal.isAway = false;
  await until('the line to be empty', () => runtime.ledger.held('listener') === 1, 30_000);
  const stored = journal.messages;
  const whole = Math.floor(stored.length * 0.99);
  expect(stored.slice(0, whole)).toEqual(numbered(whole));
  const again = row(runtime)?.bytes ?? 0;
  expect(again).toBeGreaterThanOrEqual(bytes);
  expect(Buffer.byteLength(lines(stored))).toBeGreaterThanOrEqual(again - 1);
}, 60_000);

test('datagrams that there is no room for are counted for their sender and told, and none is unaccounted for', async () => {
  const { journal, port, runtime } = await open();
  journal.isAway = true;
  const text = 'y'.repeat(8000);
  const count = 3000;
  const datagrams = Array.from({ length: count }, (_, n) => `<134>Oct 11 22:14:15 h app: ${n} ${text}`);
  for (let at = 0; at < count; at += 100) {
    await sendUdp(port, datagrams.slice(at, at + 100));
    await pause(5);
  }
  await pause(100);
  journal.isAway = false;
  await close();
  const told = runtime.told
    .filter(({ msg }) => msg.includes('given up'))
    .reduce((sum, { count: lost = 0 }) => sum + lost, 0);
  const rows = runtime.senders.rows();
  const dropped = rows.find(({ address }) => address === 'unknown')?.rejected ?? 0;
  const { accepted = 0, rejected = 0 } = row(runtime) ?? {};
  expect(rejected).toBeGreaterThan(0);
  expect(told).toBe(rejected);
  expect(accepted).toBe(journal.events.length);
  expect(accepted + rejected + dropped).toBe(count);
}, 30_000);

test('a sender that sends more than it may is held back, not refused', async () => {
  const { journal, port, runtime } = await open({}, 1000);
  const socket = await connected(port);
  const startedAt = performance.now();
  socket.end(lines(numbered(2500)));
  await until('all of them', () => journal.events.length === 2500, 20_000);
  expect(performance.now() - startedAt).toBeGreaterThan(400);
  expect(row(runtime)).toMatchObject({ accepted: 2500, rejected: 0 });
}, 30_000);

test('strangers are refused by both, and the log is told', async () => {
  const { journal, port, runtime } = await open({ mayReach: () => false });
  const socket = await connected(port);
  const closed = once(socket, 'close');
  socket.write(lines(['x']));
  socket.resume();
  await closed;
  await sendUdp(port, ['<13>x']);
  await pause(50);
  await close();
  expect([journal.events.length, runtime.senders.rows()]).toEqual([0, []]);
  expect(runtime.told).toEqual([expect.objectContaining({ msg: expect.stringContaining('may not send'), count: 2 })]);
});

test('closed while the store is away: what is not stored is counted as lost, and told', async () => {
  const { journal, port, runtime } = await open();
  journal.isAway = true;
  const socket = await connected(port);
  socket.write(lines(numbered(100)));
  await sendUdp(port, ['<13>x']);
  await pause(100);
  const startedAt = performance.now();
  await close();
  expect(performance.now() - startedAt).toBeLessThan(8000);
  expect(row(runtime)).toMatchObject({ accepted: 0, rejected: 101 });
  expect(runtime.told.some(({ msg, count }) => msg.includes('lost') && count === 101)).toBe(true);
});

test('closed while lines come in: everything that was taken is stored', async () => {
  const { journal, port } = await open();
  const socket = await connected(port);
  socket.resume();
  socket.write(lines(numbered(1000)));
  await until('the first', () => journal.events.length > 0);
  await close();
  expect(journal.messages).toEqual(numbered(1000));
});

test('a taken port is an error, and nothing is held', async () => {
  const other = createServer().listen(0, '127.0.0.1');
  await once(other, 'listening');
  const address = other.address();
  const runtime = listening();
  const taken = typeof address === 'object' && address ? address.port : 0;
  await expect(openSyslog(runtime, taken, OPEN_POLICY)).rejects.toMatchObject({ code: 'EADDRINUSE' });
  expect(runtime.ledger.heldTotal).toBe(0);
  other.close();
});

test('text in JSON is looked into where the policy says how', async () => {
  const understand = (text: string) =>
    text.startsWith('{') ? (JSON.parse(text) as { message: string }) : { message: text };
  const { journal, port } = await open({ understand });
  await sendUdp(port, ['<30>1 - h app - - - {"message":"inner","level":"error"}']);
  await until('it', () => journal.events.length === 1);
  expect(journal.events[0]).toMatchObject({ message: 'inner', level: 'error', service: 'app' });
});
