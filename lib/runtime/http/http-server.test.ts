import { once } from 'node:events';
import type { Server } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import { makeHttpServer } from './http-server.ts';

let server: Server | undefined;
afterEach(() => {
  server?.closeAllConnections();
  server?.close();
});

const HEAD = 'POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n';
const PIECE = '1\r\nx\r\n';

/** Sends a head and then a byte now and then; resolves to what came when the line was cut or `enough` says so. */
async function trickle(url: Server, enough: (answer: string) => boolean): Promise<{ answer: string; isCut: boolean }> {
  const socket = connect((url.address() as AddressInfo).port, '127.0.0.1');
  let answer = '';
  socket.on('data', (bytes) => (answer += bytes)).on('error', () => undefined);
  socket.write(HEAD);
  const timer = setInterval(() => socket.write(PIECE), 10);
  const cut = once(socket, 'close').then(() => true);
  const done = new Promise<boolean>((resolve) => {
    const look = setInterval(() => {
      if (!enough(answer)) return;
      clearInterval(look);
      resolve(false);
    }, 10);
    void cut.then(() => clearInterval(look));
  });
  const isCut = await Promise.race([cut, done]);
  clearInterval(timer);
  socket.destroy();
  return { answer, isCut };
}

test('who has its answer and sends on without an end is cut off', async () => {
  server = makeHttpServer((_req, res) => res.writeHead(401).end('no'), 150).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { answer, isCut } = await trickle(server, () => false);
  expect([isCut, answer.startsWith('HTTP/1.1 401')]).toEqual([true, true]);
});

test('a body that is still being read may take as long as it likes', async () => {
  let bytes = 0;
  server = makeHttpServer((req, res) => {
    req.on('data', (piece: Buffer) => {
      bytes += piece.length;
      if (bytes === 40) res.writeHead(200).end('enough');
    });
  }, 50).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { answer } = await trickle(server, (text) => text.includes('enough'));
  expect(answer.startsWith('HTTP/1.1 200')).toBe(true);
});

test('a line that has sent all of its body stays for the next request', async () => {
  server = makeHttpServer((req, res) => req.resume().once('end', () => res.end('ok')), 50).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const socket = connect((server.address() as AddressInfo).port, '127.0.0.1');
  let answers = '';
  socket.on('data', (bytes) => (answers += bytes));
  const ask = (): boolean => socket.write('POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\n\r\nx');
  ask();
  await new Promise((resolve) => setTimeout(resolve, 150));
  ask();
  await new Promise((resolve) => setTimeout(resolve, 100));
  expect(answers.match(/HTTP\/1\.1 200/g)).toHaveLength(2);
  socket.destroy();
});
