// The floor: what `node:http` alone costs to send the same events to the same clients, 20 ms (or as given) in one write.
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { logLine } from './log-lines.ts';

const ratePerSecond = Number(process.argv[2] ?? 1000);
/** Nothing is sent before so many are there: a saturated server would take minutes to accept the rest. */
const clientsMin = Number(process.argv[3] ?? 1);
/** One write each 20 ms is more than a core can do for ten thousand clients. */
const writeEveryMs = Number(process.argv[4] ?? 20);
const clients = new Set<ServerResponse>();
let seq = 0;

const server = createServer((_req, res) => {
  res.writeHead(200, { 'Content-Type': 'text/event-stream', 'Cache-Control': 'no-cache' });
  res.flushHeaders();
  clients.add(res);
  res.on('close', () => clients.delete(res));
});

let due = 0;
let last = performance.now();
let started = false;
setInterval(() => {
  const now = performance.now();
  started ||= clients.size >= clientsMin;
  if (started) due += ((now - last) / 1000) * ratePerSecond;
  last = now;
  if (due < 1) return;
  let text = '';
  for (; due >= 1; due -= 1) {
    seq += 1;
    text += `id: AAAAAAAA.${seq}\nevent: log\ndata: {"position":"AAAAAAAA.${seq}","prev":"AAAAAAAA.${seq - 1}","time":"${new Date().toISOString()}",${logLine(seq).slice(1)}\n\n`;
  }
  const bytes = Buffer.from(text);
  for (const client of clients) client.write(bytes);
}, writeEveryMs);

server.listen({ port: 0, host: '127.0.0.1', backlog: 4096 }, () => {
  process.stdout.write(`ready: http://127.0.0.1:${(server.address() as AddressInfo).port}\n`);
});
