// Many streams in one cheap process: sockets that count events, and some of them that check continuity and delay.
import { connect, type Socket } from 'node:net';

const [port, count, path, seconds] = [
  Number(process.argv[2]),
  Number(process.argv[3]),
  process.argv[4] ?? '/',
  Number(process.argv[5]),
];
/** Reading every byte of a million events a second would make the client the bottleneck. */
const CHECKED = Math.min(10, count);

const delaysMs: number[] = [];
let [bytes, lost, repeated, events, open] = [0, 0, 0, 0, 0];
let measuring = false;
const sockets: Socket[] = [];
const cursors = new Map<number, number>();

function check(index: number, text: string): void {
  const nowUs = (performance.timeOrigin + performance.now()) * 1000;
  for (const match of text.matchAll(/"position":"\w+\.(\d+)","prev":"\w+\.(\d+)"[^\n]*?@(\d+)@/g)) {
    const [position, prev, sentUs] = [Number(match[1]), Number(match[2]), Number(match[3])];
    const cursor = cursors.get(index);
    if (cursor !== undefined) {
      if (prev > cursor) lost += prev - cursor;
      if (position <= cursor) repeated += 1;
    }
    cursors.set(index, position);
    if (!measuring) continue;
    events += 1;
    delaysMs.push((nowUs - sentUs) / 1000);
  }
}

function openOne(index: number): Promise<void> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    sockets.push(socket);
    let rest = '';
    socket.write(`GET ${path} HTTP/1.1\r\nHost: localhost\r\nAccept: text/event-stream\r\n\r\n`);
    socket.once('data', () => {
      open += 1;
      resolve();
    });
    socket.on('data', (piece: Buffer) => {
      if (measuring) bytes += piece.length;
      if (index >= CHECKED) return;
      rest += piece.toString('latin1');
      const end = rest.lastIndexOf('\n\n');
      if (end === -1) return;
      check(index, rest.slice(0, end));
      rest = rest.slice(end);
    });
    socket.on('error', () => resolve());
  });
}

for (let index = 0; index < count; index += 50) {
  await Promise.all(Array.from({ length: Math.min(50, count - index) }, (_, offset) => openOne(index + offset)));
}
process.stdout.write(`open ${open}\n`);
await new Promise((resolve) => setTimeout(resolve, 2000));
measuring = true;
process.stdout.write('measuring\n');
await new Promise((resolve) => setTimeout(resolve, seconds * 1000));
measuring = false;
delaysMs.sort((a, b) => a - b);
const at = (share: number): number => delaysMs[Math.floor(delaysMs.length * share)] ?? Number.NaN;
const result = { open, bytes, lost, repeated, perClient: events / CHECKED, p50Ms: at(0.5), p99Ms: at(0.99) };
process.stdout.write(`result ${JSON.stringify(result)}\n`);
for (const socket of sockets) socket.destroy();
process.exit(0);
