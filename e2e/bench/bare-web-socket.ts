// The floor of WebSocket: the `ws` library alone, one message of JSON to everybody each 20 ms.
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { WebSocketServer } from 'ws';
import { EventTexts } from './event-texts.ts';

const texts = new EventTexts(Number(process.argv[2] ?? 1000));
const http = createServer();
const server = new WebSocketServer({ server: http, perMessageDeflate: false });

setInterval(() => {
  const due = texts.next();
  if (due.length === 0) return;
  const message = Buffer.from(`[${due.map((data) => `{"event":"log","data":${data}}`).join(',')}]`);
  for (const client of server.clients) client.send(message, { binary: false });
}, 20);

http.listen({ port: 0, host: '127.0.0.1', backlog: 4096 }, () => {
  process.stdout.write(`ready: http://127.0.0.1:${(http.address() as AddressInfo).port}\n`);
});
