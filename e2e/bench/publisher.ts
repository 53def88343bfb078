// Sends events at a steady rate, a request every 20 ms on a kept connection.
import { Agent, request } from 'node:http';
import { ndjson } from './log-lines.ts';

const [port, ratePerSecond] = [Number(process.argv[2]), Number(process.argv[3])];
const agent = new Agent({ keepAlive: true, maxSockets: 4 });
let [index, due, last] = [0, 0, performance.now()];

setInterval(() => {
  const now = performance.now();
  due += ((now - last) / 1000) * ratePerSecond;
  last = now;
  const count = Math.floor(due);
  if (count === 0) return;
  due -= count;
  const body = ndjson(index, count);
  index += count;
  const options = { port, host: '127.0.0.1', path: '/api/events', method: 'POST', agent };
  const headers = { 'Content-Type': 'application/x-ndjson', 'Content-Length': Buffer.byteLength(body) };
  const sending = request({ ...options, headers }, (response) => response.resume());
  sending.on('error', (error) => process.stderr.write(`publisher: ${error.message}\n`));
  sending.end(body);
}, 20);
