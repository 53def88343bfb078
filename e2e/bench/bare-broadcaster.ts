// The floor: what `node:http` alone costs to send the same events to the same clients, 20 ms (or as given) in one write.
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { EventTexts } from './event-texts.ts';

const texts = new EventTexts(Number(process.argv[2] ?? 1000));
/** Nothing is sent before so many are there: a saturated server would take minutes to accept the rest. */
const clientsMin = Number(process.argv[3] ?? 1);
/** One write each 20 ms is more than a core can do for ten thousand clients. */
const writeEveryMs = Number(process.argv[4] ?? 20);
/** Each client gets one heartbeat so often, from a timer common to all; 0: none. */
const heartbeatMs = Number(process.argv[5] ?? 0);
const HEARTBEAT_STEP_MS = 100;
const clients = new Set<ServerResponse>();

const server = createServer((_req, res) => {
  res.writeHead(200, { 'Content-Type': 'text/event-stream', 'Cache-Control': 'no-cache' });
  res.flushHeaders();
  clients.add(res);
  res.on('close', () => clients.delete(res));
});

setInterval(() => {
  // Asked in any case, or everything since the start would be due at once when the last client has come.
  const due = texts.next();
  if (due.length === 0 || clients.size < clientsMin) return;
  const frames = due.map((data) => `id: ${data.slice(13, data.indexOf('"', 13))}\nevent: log\ndata: ${data}\n\n`);
  const bytes = Buffer.from(frames.join(''));
  for (const client of clients) client.write(bytes);
}, writeEveryMs);

const stepsOfAll = Math.max(1, Math.round(heartbeatMs / HEARTBEAT_STEP_MS));
let step = 0;
function beat(): void {
  step += 1;
  const now = new Date().toISOString();
  const bytes = Buffer.from(`id: AAAAAAAA.0\nevent: heartbeat\ndata: {"time":"${now}","head":"AAAAAAAA.0"}\n\n`);
  let index = 0;
  for (const client of clients) {
    if (index++ % stepsOfAll === step % stepsOfAll) client.write(bytes);
  }
}
if (heartbeatMs > 0) setInterval(beat, HEARTBEAT_STEP_MS);

server.listen({ port: 0, host: '127.0.0.1', backlog: 4096 }, () => {
  process.stdout.write(`ready: http://127.0.0.1:${(server.address() as AddressInfo).port}\n`);
});
