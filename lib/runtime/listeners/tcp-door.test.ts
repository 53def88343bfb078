import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { afterEach, expect, test } from 'vitest';
import { NulFramer } from '@/lib/ingest/nul-framer.ts';
import { FramedLine } from './framed-line.ts';
import { OPEN_POLICY } from './listener.ts';
import { SenderLines } from './sender-lines.ts';
import { TCP_LIMITS, TcpDoor, type TcpLimits } from './tcp-door.ts';
import { type Listening, listening, until } from './testing/listening.ts';

let opened: { runtime: Listening; lines: SenderLines; door: TcpDoor } | undefined;

async function open(limits: Partial<TcpLimits>) {
  const runtime = listening();
  const lines = new SenderLines(runtime, 'test', OPEN_POLICY);
  const door = new TcpDoor(
    lines,
    (_socket, address) =>
      new FramedLine(lines, address, new NulFramer(1000), (line, { bytes }) =>
        line.push({ kind: 'log', message: bytes.toString() }, bytes.length),
      ),
    { ...TCP_LIMITS, ...limits },
  );
  opened = { runtime, lines, door };
  return { ...opened, port: await door.listen(0, '127.0.0.1') };
}

afterEach(async () => {
  if (!opened) return;
  const { runtime, lines, door } = opened;
  await door.close();
  await lines.close();
  expect(runtime.ledger.leaks).toEqual([]);
  expect(runtime.ledger.heldTotal).toBe(0);
});

async function connected(port: number): Promise<Socket> {
  const socket = connect(port, '127.0.0.1').on('error', () => undefined);
  await once(socket, 'connect');
  return socket.resume();
}

test('beyond its number of connections an address is refused, and has its place back when one ends', async () => {
  const { door, port, lines, runtime } = await open({ ofAddressMax: 2 });
  const [first] = [await connected(port), await connected(port)];
  await until('both', () => door.connections === 2);
  const third = await connected(port);
  await once(third, 'close');
  expect(door.connections).toBe(2);
  first?.end();
  await until('a place', () => door.connections === 1);
  const fourth = await connected(port);
  fourth.end('in\0');
  await until('its message', () => runtime.journal.messages.includes('in'));
  lines.log.flush();
  expect(runtime.told).toEqual([expect.objectContaining({ msg: 'refused: this address has 2 connections already' })]);
});

test('beyond the number of all connections everybody is refused', async () => {
  const { door, port } = await open({ connectionsMax: 1 });
  await connected(port);
  await until('it', () => door.connections === 1);
  await once(await connected(port), 'close');
  expect(door.connections).toBe(1);
});

test('a page in a browser can forge no message by sending HTTP to the port', async () => {
  const { port, lines, runtime } = await open({});
  const socket = await connected(port);
  const closed = once(socket, 'close');
  socket.write('POST /x HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: text/plain\r\n\r\nforged\0');
  await closed;
  const other = await connected(port);
  other.end('GET is a word, and HTTP/1.1 is another\0');
  await until('the message', () => runtime.journal.events.length === 1);
  expect(runtime.journal.messages).toEqual(['GET is a word, and HTTP/1.1 is another']);
  lines.log.flush();
  expect(runtime.told).toEqual([expect.objectContaining({ msg: expect.stringContaining('refused: this is HTTP') })]);
});

test('a message that does not come to its end is kept as far as it came, and its line is closed', async () => {
  const { port, runtime } = await open({ messageMs: 300 });
  const socket = await connected(port);
  const closed = once(socket, 'close');
  const drip = setInterval(() => socket.write('x'), 50);
  await closed;
  clearInterval(drip);
  await until('what came', () => runtime.journal.events.length === 1);
  expect(runtime.journal.messages[0]).toMatch(/^x+$/);
}, 10_000);

test('one that sends message after message, always with the next begun, is not slow', async () => {
  const { port, runtime, door } = await open({ messageMs: 300 });
  const socket = await connected(port);
  for (let turn = 0; turn < 40; turn += 1) {
    socket.write(`rest of one\0begin of the next, `);
    await pause(50);
  }
  expect(door.connections).toBe(1);
  expect(runtime.journal.events.length).toBeGreaterThan(30);
}, 10_000);

test('a silent line is closed after the idle time, one that is held back is not', async () => {
  const { port, runtime, door } = await open({ idleMs: 300, messageMs: 300 });
  const silent = await connected(port);
  runtime.journal.isAway = true;
  const held = await connected(port);
  held.write(`${'y'.repeat(900)}\0`.repeat(20_000));
  await once(silent, 'close');
  await pause(1500);
  expect(door.connections).toBe(1);
  runtime.journal.isAway = false;
  held.end();
  await until('all of it', () => runtime.journal.events.length === 20_000, 20_000);
}, 30_000);
