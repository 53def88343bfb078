import { expect, test } from 'vitest';
import { EventFactory } from './support/events.ts';
import { startInProcess, VIA_WEB } from './support/in-process-server.ts';
import { publish } from './support/ingest-client.ts';
import { Random } from './support/random.ts';
import { SseClient } from './support/sse-client.ts';

/** The bytes of the events alone: control frames name the connection and the time. */
function payload(client: SseClient): string[] {
  return client.text.split('\n\n').filter((frame) => /^id: .*\nevent: (?:log|metric)\n/.test(frame));
}

/** A stream whose ring was overtaken goes on from a position that it was told, which need not be an event's. */
function withoutPrev(frames: readonly string[]): string[] {
  return frames.map((frame) => frame.replace(/"prev":"[^"]*",/, ''));
}

const RINGS: readonly [string, string, typeof withoutPrev][] = [
  ['from memory', '50000', (frames) => [...frames]],
  ['from the history', '300', withoutPrev],
];

test.each(RINGS)('both transports send the same bytes, live and replayed (%s)', async (_, ring, comparable) => {
  const server = await startInProcess('socket', { TAILRACE_RING_EVENTS: ring });
  const open = (query: string, web: boolean) =>
    new SseClient(server.url, { query, ...(web && { headers: { [VIA_WEB]: '1' } }) });
  try {
    const live = [open('?level=info', false), open('?level=info', true)];
    for (const client of live) await client.first('live');
    const start = live[0]?.ledger.lastEventId;
    const events = new EventFactory(new Random(99)).many(5000);
    const matching = events.filter(({ level }) => level !== undefined && !['trace', 'debug'].includes(level)).length;
    await publish(server.url, events);
    const replayed = [open(`?level=info&from=${start}`, false), open(`?level=info&from=${start}`, true)];
    for (const client of [...live, ...replayed]) {
      await client.events(matching);
      client.close();
    }
    const [reference, ...others] = [...live, ...replayed].map((client) => comparable(payload(client)));
    expect(reference).toHaveLength(matching);
    for (const other of others) expect(other).toEqual(reference);
  } finally {
    await server.close();
  }
});
