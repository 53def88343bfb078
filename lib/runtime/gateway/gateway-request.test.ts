import { createServer, type Server } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { GatewayRequest } from './gateway-request.ts';
import { refuseUpgrade } from './refuse-upgrade.ts';

let server: Server;
beforeEach(async () => {
  server = createServer({ IncomingMessage: GatewayRequest }, async (req, res) => {
    let body = '';
    for await (const piece of req) body += piece;
    res.end(`${req.method} ${body}`);
  });
  server.on('upgrade', (_req, socket) => refuseUpgrade(socket, '404 Not Found'));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
});
afterEach(async () => {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});

/** What the server answers to these bytes, until it closes or the text has come. */
function say(text: string) {
  const said = { text: '', ended: false };
  const socket = connect((server.address() as AddressInfo).port, '127.0.0.1');
  socket.on('data', (piece) => {
    said.text += piece.toString();
  });
  socket.on('close', () => {
    said.ended = true;
  });
  socket.on('error', () => undefined);
  socket.write(text);
  return { said, socket };
}
const H2C = 'Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABkAAQAAP__\r\n';

test('a request that would rather have HTTP/2 is answered, with its body, and the next one too', async () => {
  const { said, socket } = say(`POST / HTTP/1.1\r\nHost: x\r\n${H2C}Content-Length: 5\r\n\r\nhello`);
  await vi.waitFor(() => expect(said.text).toContain('POST hello'));
  socket.write(`GET / HTTP/1.1\r\nHost: x\r\n${H2C}\r\n`);
  await vi.waitFor(() => expect(said.text).toMatch(/GET $/));
  expect(said.text.match(/HTTP\/1\.1 200 OK/g)).toHaveLength(2);
  socket.destroy();
});

test('one that wants a WebSocket is an upgrade, and one that is refused ends the connection on both sides', async () => {
  const { said } = say('GET / HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: WebSocket\r\n\r\n');
  await vi.waitFor(() => expect(said.ended).toBe(true));
  expect(said.text).toMatch(/^HTTP\/1\.1 404 Not Found\r\n/);
});

test('a client that resets the connection while it is being refused does no harm', async () => {
  const errors: unknown[] = [];
  const onError = (error: unknown): void => void errors.push(error);
  process.on('uncaughtException', onError);
  const request = 'GET / HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n';
  for (let round = 0; round < 50; round += 1)
    say(request).socket.once('connect', function reset(this: unknown) {
      setImmediate(() => (this as { resetAndDestroy(): void }).resetAndDestroy());
    });
  await vi.waitFor(
    () =>
      new Promise<void>((resolve, reject) => {
        server.getConnections((_error, count) => (count === 0 ? resolve() : reject(new Error(`${count} are open`))));
      }),
  );
  process.off('uncaughtException', onError);
  expect(errors).toEqual([]);
});
