// The floor of a replay: `node:http` writing frames that were encoded beforehand, as fast as the socket takes them.
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { logLine } from './log-lines.ts';

const events = Number(process.argv[2] ?? 200_000);
const EVENTS_PER_WRITE = 1000;

const frames: Buffer[] = [];
for (let seq = 1; seq <= events; seq += EVENTS_PER_WRITE) {
  let text = '';
  for (let at = seq; at < seq + EVENTS_PER_WRITE; at += 1) {
    text += `id: AAAAAAAA.${at}\nevent: log\ndata: {"position":"AAAAAAAA.${at}","prev":"AAAAAAAA.${at - 1}",${logLine(at).slice(1)}\n\n`;
  }
  frames.push(Buffer.from(text));
}

const server = createServer((_req, res) => {
  res.writeHead(200, { 'Content-Type': 'text/event-stream' });
  let next = 0;
  const pump = (): void => {
    while (next < frames.length) {
      next += 1;
      if (!res.write(frames[next - 1])) {
        res.once('drain', pump);
        return;
      }
    }
    res.end('\nevent: live\ndata: {}\n\n');
  };
  pump();
});
server.listen(0, '127.0.0.1', () => {
  process.stdout.write(`ready: http://127.0.0.1:${(server.address() as AddressInfo).port}\n`);
});
