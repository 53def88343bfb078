import { connect } from 'node:net';
import { expect, test } from 'vitest';
import { NO_FAULTS } from './support/continuity-ledger.ts';
import { EventFactory } from './support/events.ts';
import { startInProcess } from './support/in-process-server.ts';
import { publish } from './support/ingest-client.ts';
import { Random } from './support/random.ts';
import { SseClient } from './support/sse-client.ts';
import { until } from './support/wait.ts';

const BACKLOG = 100_000;
const SLOW_BYTES_PER_SECOND = 10_000;

/** Reads so many bytes a second and leaves the rest in the kernel: the window closes. */
function readSlowly(url: string, lastEventId: string) {
  const { port, host } = new URL(url);
  const socket = connect(Number(port), '127.0.0.1');
  const reader = { bytes: 0, ended: false, stop: () => clearInterval(timer) };
  socket.write(`GET /api/stream HTTP/1.1\r\nHost: ${host}\r\nLast-Event-ID: ${lastEventId}\r\n\r\n`);
  socket.on('error', () => undefined);
  socket.on('close', () => {
    reader.ended = true;
  });
  const timer = setInterval(() => {
    const piece = (socket.read(Math.min(socket.readableLength, SLOW_BYTES_PER_SECOND / 10)) ?? Buffer.of()) as Buffer;
    reader.bytes += piece.length;
  }, 100);
  return {
    ...reader,
    socket,
    get taken() {
      return reader.bytes;
    },
    get gone() {
      return reader.ended;
    },
  };
}

test('a replay of 100,000 events to a client that reads 10 KB/s costs little and holds up nobody', async () => {
  const server = await startInProcess('socket', { TAILRACE_RING_EVENTS: '2000', TAILRACE_SLOW_MS: '600000' });
  const factory = new EventFactory(new Random(61));
  for (let sent = 0; sent < BACKLOG; sent += 10_000) await publish(server.url, factory.many(10_000));
  const { journal, hub } = server.runtime;
  const slow = readSlowly(server.url, `${journal.epoch}.0`);
  const live = new SseClient(server.url, { keepFrames: false });
  try {
    await until('both', () => hub.connections === 2 && live.ledger.cursor >= 0);
    await until('the slow one to be held back', () => {
      const [session] = [...hub.sessions.values()];
      return session?.life.activity === 'replaying' && session.writer.ready === false;
    });
    const [session] = [...hub.sessions.values()];
    // It has a place to resume, a bounded queue, and no page of the history waits in memory for it.
    expect(session?.cursor).toBeLessThan(BACKLOG);
    expect(session?.writer.queuedBytes).toBeLessThan(1024 * 1024);
    // Others at full speed, live and in a replay of their own, while it reads on.
    const replayed = new SseClient(server.url, {
      headers: { 'Last-Event-ID': `${journal.epoch}.0` },
      keepFrames: false,
    });
    await replayed.events(BACKLOG, 40_000);
    expect(replayed.ledger.faults).toEqual(NO_FAULTS);
    replayed.close();
    for (let round = 1; round <= 20; round += 1) {
      await publish(server.url, factory.many(500));
      await live.events(round * 500);
    }
    expect(live.ledger.faults).toEqual(NO_FAULTS);
    expect(slow.gone).toBe(false);
    expect(slow.taken).toBeGreaterThan(0);
    expect(session?.life.activity).toBe('replaying');
  } finally {
    slow.stop();
    slow.socket.destroy();
    live.close();
    await until('the hub to be empty', () => hub.connections === 0);
    expect(server.runtime.ledger.leaked).toBe(0);
    await server.close();
  }
});
