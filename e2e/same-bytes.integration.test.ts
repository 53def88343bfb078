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

test('both transports send the same bytes, live and replayed, whatever the cut between memory and history', async () => {
  const server = await startInProcess('socket', { TAILRACE_RING_EVENTS: '300' });
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
    const [reference, ...others] = [...live, ...replayed].map(payload);
    expect(reference).toHaveLength(matching);
    for (const other of others) expect(other).toEqual(reference);
  } finally {
    await server.close();
  }
});
