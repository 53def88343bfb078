// Many streams over one transport in one cheap process: counts bytes, and checks continuity and delay on some of them.

import { Agent, get } from 'node:http';
import { connect, type Socket } from 'node:net';
import { Client, type ClientReadableStream, credentials } from '@grpc/grpc-js';
import { generate } from 'mqtt-packet';

const [kind, port, count, seconds] = [
  process.argv[2] ?? 'sse',
  Number(process.argv[3]),
  Number(process.argv[4]),
  Number(process.argv[5]),
];
const query = process.argv[6] ?? '';
const CHECKED = Math.min(10, count);
const EVENT = /"position":"\w+\.(\d+)","prev":"\w+\.(\d+)"[^\n]*?@(\d+)@/g;

const delaysMs: number[] = [];
let [lost, repeated, events] = [0, 0, 0];
let measuring = false;

/** Reads one connection: events are found by their own words, whatever stands between them. */
class Checker {
  readonly #isChecked: boolean;
  #rest = '';
  cursor: number | undefined;

  constructor(index: number) {
    this.#isChecked = index < CHECKED;
  }

  take(piece: Uint8Array): void {
    if (!this.#isChecked) return;
    this.#rest += Buffer.from(piece.buffer, piece.byteOffset, piece.byteLength).toString('latin1');
    const nowUs = (performance.timeOrigin + performance.now()) * 1000;
    let end = 0;
    for (const match of this.#rest.matchAll(EVENT)) {
      end = match.index + match[0].length;
      const [position, prev] = [Number(match[1]), Number(match[2])];
      if (this.cursor !== undefined && prev > this.cursor) lost += prev - this.cursor;
      if (this.cursor !== undefined && position <= this.cursor) repeated += 1;
      this.cursor = position;
      if (!measuring) continue;
      events += 1;
      delaysMs.push((nowUs - Number(match[3])) / 1000);
    }
    this.#rest = this.#rest.slice(end);
  }
}

/** Resolves with the first byte that is no answer to what was written. */
function onSocket(index: number, greetings: readonly (string | Buffer)[]): Promise<void> {
  return new Promise((resolve, reject) => {
    const socket: Socket = connect(port, '127.0.0.1');
    const checker = new Checker(index);
    let answers = 0;
    socket.write(greetings[0] ?? '');
    socket.on('data', (piece: Buffer) => {
      checker.take(piece);
      answers += 1;
      const next = greetings[answers];
      if (next !== undefined) socket.write(next);
      if (answers === greetings.length) resolve();
    });
    socket.on('error', reject);
  });
}

const http = (path: string, more = ''): string =>
  `GET ${path}${query} HTTP/1.1\r\nHost: localhost:${port}\r\n${more}\r\n`;
const UPGRADE =
  'Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n';

const openers: Readonly<Record<string, (index: number) => Promise<void>>> = {
  sse: (index) => onSocket(index, [http('/api/stream')]),
  http: (index) => onSocket(index, [http('/api/poll', '')]),
  ws: (index) => onSocket(index, [http('/api/ws', UPGRADE)]),
  mqtt: (index) =>
    onSocket(index, [
      generate({
        cmd: 'connect',
        clientId: `swarm-${index}`,
        protocolVersion: 4,
        protocolId: 'MQTT',
        clean: true,
        keepalive: 600,
      }),
      generate({ cmd: 'subscribe', messageId: 1, subscriptions: [{ topic: 'tailrace/logs/#', qos: 0 }] }),
    ]),
  poll: async (index) => void pollForEver(index),
  grpc: (index) => callGrpc(index),
};

async function callGrpc(index: number): Promise<void> {
  const client = new Client(`127.0.0.1:${port}`, credentials.createInsecure(), { 'grpc.use_local_subchannel_pool': 1 });
  const bytes = (value: Buffer): Buffer => value;
  const call: ClientReadableStream<Buffer> = client.makeServerStreamRequest(
    '/tailrace.v1.Tailrace/Subscribe',
    bytes,
    bytes,
    Buffer.alloc(0),
  );
  // Protobuf says an event in other words: only what arrives is counted here, its continuity is the tests' business.
  const checker = new Checker(index);
  await new Promise<void>((resolve, reject) => {
    call.on('data', (message: Buffer) => {
      checker.take(message);
      if (measuring && index < CHECKED) delaysMs.push(...sentTimes(message));
      resolve();
    });
    call.on('error', reject);
  });
}

/** The log lines carry when they were sent between two `@`. */
function sentTimes(message: Buffer): number[] {
  const nowUs = (performance.timeOrigin + performance.now()) * 1000;
  const times = [...message.toString('latin1').matchAll(/@(\d{15,17})@/g)].map(
    (match) => (nowUs - Number(match[1])) / 1000,
  );
  events += times.length;
  return times;
}

const agent = new Agent({ keepAlive: true, maxSockets: Number.POSITIVE_INFINITY });

async function pollForEver(index: number): Promise<void> {
  const checker = new Checker(index);
  const once = (cursor: string | undefined): Promise<string | undefined> =>
    new Promise((resolve, reject) => {
      const headers = cursor === undefined ? {} : { 'Last-Event-ID': cursor };
      const request = get({ port, host: '127.0.0.1', path: `/api/poll${query}`, agent, headers }, (response) => {
        let text = '';
        response.on('data', (piece: Buffer) => {
          checker.take(piece);
          text += piece.toString('latin1');
        });
        response.on('end', () =>
          resolve(/"(?:position|id)":"([\w.]+)"(?!.*"(?:position|id)":")/s.exec(text)?.[1] ?? cursor),
        );
      });
      request.on('error', reject);
    });
  for (let cursor: string | undefined; ; ) cursor = await once(cursor);
}

const open = openers[kind];
if (!open) throw new Error(`expected one of ${Object.keys(openers).join(', ')}, got ${kind}`);
for (let index = 0; index < count; index += 50) {
  await Promise.all(Array.from({ length: Math.min(50, count - index) }, (_, offset) => open(index + offset)));
}
process.stdout.write(`open ${count}\n`);
await new Promise((resolve) => setTimeout(resolve, 2000));
measuring = true;
process.stdout.write('measuring\n');
await new Promise((resolve) => setTimeout(resolve, seconds * 1000));
measuring = false;
delaysMs.sort((a, b) => a - b);
const at = (share: number): number => delaysMs[Math.floor(delaysMs.length * share)] ?? Number.NaN;
process.stdout.write(
  `result ${JSON.stringify({ lost, repeated, perClient: events / CHECKED, p50Ms: at(0.5), p99Ms: at(0.99) })}\n`,
);
process.exit(0);
