import { connect } from 'node:net';
import { median, startChild, waitForLine } from './child.ts';
import { ndjson } from './log-lines.ts';
import { type ServerUnderTest, startServer } from './server-under-test.ts';

export type ReplayResult = { readonly eventsPerSecond: number; readonly events: number };

/** Fills a journal, a few requests at a time. */
export async function fill(server: ServerUnderTest, events: number): Promise<void> {
  const perRequest = 5000;
  const headers = { 'Content-Type': 'application/x-ndjson' };
  const next = { index: 0 };
  const send = async (): Promise<void> => {
    while (next.index < events) {
      const from = next.index;
      next.index += perRequest;
      const body = ndjson(from, Math.min(perRequest, events - from));
      const response = await fetch(`${server.url}/api/events`, { method: 'POST', headers, body });
      if (!response.ok) throw new Error(`ingest answered ${response.status}: ${await response.text()}`);
      await response.arrayBuffer();
    }
  };
  await Promise.all([send(), send(), send(), send()]);
}

/** Reads a replay on a bare socket up to the `live` frame, and only counts what comes. */
function readReplay(port: number, from: string): Promise<{ events: number; seconds: number }> {
  return new Promise((resolve, reject) => {
    const startedAt = performance.now();
    const socket = connect(port, '127.0.0.1');
    let events = 0;
    let tail = '';
    socket.write(`GET /api/stream?from=${from} HTTP/1.1\r\nHost: localhost\r\n\r\n`);
    socket.on('data', (piece: Buffer) => {
      const text = tail + piece.toString('latin1');
      for (let at = text.indexOf('\nevent: log'); at !== -1; at = text.indexOf('\nevent: log', at + 1)) events += 1;
      tail = text.slice(-10);
      if (!text.includes('\nevent: live')) return;
      socket.destroy();
      resolve({ events, seconds: (performance.now() - startedAt) / 1000 });
    });
    socket.on('error', reject);
  });
}

/** The floor: the same number of events, encoded beforehand. */
export async function bareReplay(events: number, rounds: number): Promise<ReplayResult> {
  const server = startChild('dist/bench/bare-replay.mjs', [String(events)]);
  try {
    const match = await waitForLine(server, /ready: http:\/\/127\.0\.0\.1:(\d+)/);
    const rates: number[] = [];
    for (let round = 0; round < rounds; round += 1) {
      const read = await readReplay(Number(match[1]), 'now');
      rates.push(read.events / read.seconds);
    }
    return { eventsPerSecond: median(rates), events };
  } finally {
    await server.stop();
  }
}

/** A whole replay, several times; the ring either holds all of it or next to nothing. */
export async function replay(from: 'ring' | 'history', events: number, rounds: number): Promise<ReplayResult> {
  const ringEvents = from === 'ring' ? events + 1000 : 100;
  const server = await startServer({ TAILRACE_RING_EVENTS: String(ringEvents), TAILRACE_RING_BYTES: String(2 ** 30) });
  try {
    await fill(server, events);
    const page = (await (await fetch(`${server.url}/api/events?limit=1`)).json()) as { head: string };
    const epoch = page.head.split('.')[0];
    const rates: number[] = [];
    for (let round = 0; round < rounds; round += 1) {
      const read = await readReplay(server.port, `${epoch}.0`);
      if (read.events !== events) throw new Error(`expected ${events} events, got ${read.events}`);
      rates.push(read.events / read.seconds);
    }
    return { eventsPerSecond: median(rates), events };
  } finally {
    await server.stop();
  }
}
