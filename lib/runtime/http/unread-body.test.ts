import { once } from 'node:events';
import { createServer } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { limitUnread } from './unread-body.ts';

const PASS_MS_MAX = 150;
const server = createServer((req, res) => {
  limitUnread(req, res, PASS_MS_MAX);
  res.writeHead(401, { 'Content-Length': 2 }).end('no');
});
beforeAll(async () => {
  server.requestTimeout = 0;
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
});

/** A request whose body is the test's to send. */
async function begin(contentLength: number) {
  const socket = connect((server.address() as AddressInfo).port, '127.0.0.1').on('error', () => undefined);
  const state = { answers: 0, isClosed: false };
  socket.on('data', (bytes) => {
    state.answers += bytes.toString().split('HTTP/1.1 401').length - 1;
  });
  socket.once('close', () => {
    state.isClosed = true;
  });
  const head = (): boolean => socket.write(`POST / HTTP/1.1\r\nHost: x\r\nContent-Length: ${contentLength}\r\n\r\n`);
  head();
  await expect.poll(() => state.answers).toBe(1);
  return { socket, state, head };
}

test('a client that goes on sending long after its answer, a byte at a time, is cut', async () => {
  const { socket, state } = await begin(1_000_000);
  const trickle = setInterval(() => socket.write('x'), 10);
  await expect.poll(() => state.isClosed, { timeout: 5000 }).toBe(true);
  clearInterval(trickle);
});

test('one that has sent all in time keeps its connection', async () => {
  const { socket, state, head } = await begin(10);
  socket.write('0123456789');
  await pause(2 * PASS_MS_MAX);
  head();
  await expect.poll(() => state.answers).toBe(2);
  socket.destroy();
});
