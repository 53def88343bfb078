import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { decodeMulti, encode } from '@msgpack/msgpack';
import { median, rssPeakBytes, sleep, waitForLine } from './child.ts';
import { logLine } from './log-lines.ts';
import { readMetric, type ServerUnderTest, startServer } from './server-under-test.ts';

export type ListenerResult = { readonly eventsPerSecond: number; readonly rssPeakMb: number };

const CONNECTIONS = 4;
const EVENTS_PER_CHUNK = 1000;
/** Chunks that a sender of Fluent forward has unacknowledged. */
const CHUNKS_IN_FLIGHT = 4;

type Fields = { message: string; service: string; level: string; attributes: Record<string, unknown> };
const fieldsOf = (index: number): Fields => JSON.parse(logLine(index)) as Fields;

function syslogLine(index: number): string {
  const { message, service, attributes } = fieldsOf(index);
  const params = Object.entries(attributes).map(([name, value]) => ` ${name}="${value}"`);
  return `<134>1 ${new Date().toISOString()} bench ${service} 42 - [b@1${params.join('')}] ${message}\n`;
}

/** Durable events a second by lines of RFC 5424 over TCP, whose senders are held back as the disk allows. */
export async function syslogTcp(seconds: number): Promise<ListenerResult> {
  const lines = Array.from({ length: 20_000 }, (_, index) => syslogLine(index));
  const pieces = Array.from({ length: 20 }, (_, index) =>
    Buffer.from(lines.slice(index * 1000, (index + 1) * 1000).join('')),
  );
  return measure('syslog', seconds, async (socket, isRunning) => {
    for (let turn = 0; isRunning(); turn += 1) {
      if (!socket.write(pieces[turn % pieces.length] as Buffer)) await once(socket, 'drain');
    }
  });
}

/** Durable events a second by chunks of Fluent forward, each acknowledged. */
export async function forwardAcks(seconds: number): Promise<ListenerResult> {
  const entries = Array.from({ length: 20 }, (_, index) =>
    Buffer.concat(
      Array.from({ length: EVENTS_PER_CHUNK }, (_entry, at) => {
        const { message, service, level, attributes } = fieldsOf(index * EVENTS_PER_CHUNK + at);
        return encode([Math.floor(Date.now() / 1000), { log: message, service, level, ...attributes }]);
      }),
    ),
  );
  let connections = 0;
  return measure('forward', seconds, async (socket, isRunning) => {
    const name = `${Date.now()}-${connections++}`;
    let acknowledged = 0;
    socket.on('data', (bytes) => {
      for (const _answer of decodeMulti(bytes)) acknowledged += 1;
      socket.emit('acknowledged');
    });
    for (let turn = 0; isRunning(); turn += 1) {
      socket.write(encode(['bench', entries[turn % entries.length], { chunk: `${name}-${turn}` }]));
      while (turn - acknowledged >= CHUNKS_IN_FLIGHT) await once(socket, 'acknowledged');
    }
  });
}

type Send = (socket: Socket, isRunning: () => boolean) => Promise<void>;

async function measure(listener: 'syslog' | 'forward', seconds: number, send: Send): Promise<ListenerResult> {
  const server = await startServer({
    [`TAILRACE_${listener.toUpperCase()}_PORT`]: '0',
    TAILRACE_INGEST_RATE: '10000000',
  });
  try {
    const port = Number((await waitForLine(server, new RegExp(`${listener} [^:]+:(\\d+)`)))[1]);
    const sockets = Array.from({ length: CONNECTIONS }, () => connect(port, '127.0.0.1'));
    let running = true;
    // Still waiting for a drain or an acknowledgement when the sockets are destroyed.
    for (const socket of sockets) void send(socket, () => running).catch(() => undefined);
    await sleep(2000);
    const perSecond: number[] = [];
    for (let second = 0; second < seconds; second += 1) {
      const [before, startedAt] = [await acceptedBy(server), performance.now()];
      await sleep(1000);
      perSecond.push((((await acceptedBy(server)) - before) / (performance.now() - startedAt)) * 1000);
    }
    running = false;
    for (const socket of sockets) socket.destroy();
    return { eventsPerSecond: median(perSecond), rssPeakMb: rssPeakBytes(server.pid) / 1e6 };
  } finally {
    await server.stop();
  }
}

function acceptedBy(server: ServerUnderTest): Promise<number> {
  return readMetric(server, 'tailrace_ingest_accepted_events_total');
}
