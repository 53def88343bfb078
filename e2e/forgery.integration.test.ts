import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { NO_FAULTS } from './support/continuity-ledger.ts';
import { type InProcessServer, startInProcess, type Transport } from './support/in-process-server.ts';
import { post } from './support/ingest-client.ts';
import { SseClient } from './support/sse-client.ts';

/** What would end a line, a frame, a chunk or a document if it were ever written as it is. */
const HOSTILE = [
  'a\nid: forged.1\nevent: bye\ndata: {}\n\n',
  'a\r\n\r\nevent: stream\r\ndata: {"state":"reset"}\r\n\r\n',
  'a\rdata: forged\r\r',
  '\ufeffevent: log',
  'nul\u0000inside',
  '\u0085next\u2028line\u2029paragraph',
  '0\r\n\r\nHTTP/1.1 200 OK\r\n\r\n',
  '</script><script>alert(1)</script>',
  'lone \ud800 surrogate',
  '\u001b[31mred\u001b[0m \u0007',
  '":"}\\"}',
  '__proto__',
  ': comment\nretry: 1\n\n',
];

const KNOWN = new Set(['stream', 'live', 'log', 'metric', 'heartbeat']);

/** Every text field of both kinds, and the names of attributes, once per hostile string. */
function hostileEvents(): Record<string, unknown>[] {
  return HOSTILE.flatMap((text) => [
    { kind: 'log', message: text },
    { kind: 'log', message: 'm', service: text, level: text, traceId: text.slice(0, 60), spanId: text.slice(0, 60) },
    { kind: 'log', message: 'm', attributes: { [text]: text, nested: { [text]: [text] } }, [text]: text },
    { kind: 'metric', name: text, value: 1, unit: text.slice(0, 30), service: text, attributes: { [text]: text } },
  ]);
}

describe.each<Transport>(['socket', 'web'])('on the %s transport', (transport) => {
  let server: InProcessServer;
  beforeAll(async () => {
    server = await startInProcess(transport, { TAILRACE_HEARTBEAT_MS: '400' });
  });
  afterAll(() => server.close());

  test('nothing that a sender writes becomes a frame, a field or a line of its own', async () => {
    const live = new SseClient(server.url);
    await live.first('live');
    const events = hostileEvents();
    const { status, answer } = await post(server.url, JSON.stringify(events), { type: 'application/json' });
    expect([status, answer.rejected]).toEqual([200, 0]);
    const replay = new SseClient(server.url, { query: `?from=${server.runtime.journal.epoch}.0` });
    for (const client of [live, replay]) {
      await client.events(events.length);
      client.close();
      expect(client.ledger.faults).toEqual(NO_FAULTS);
      expect(client.ledger.events).toBe(events.length);
      expect(client.frames.every(({ event }) => KNOWN.has(event))).toBe(true);
      expect(client.text).not.toContain('\r');
      expect(client.text).not.toContain('\u0000');
      expect(client.text).not.toContain('\ufeff\n');
      for (const line of client.text.split('\n')) expect(line).toMatch(/^(?:|(?:id|event|data|retry): .+)$/su);
    }
    const [first] = replay.named('log');
    expect(first?.['message']).toBe(HOSTILE[0]);
  });

  test('hostile cursors and filters are answered in order, and end no process', async () => {
    for (const text of [...HOSTILE, '%', '%00', '../../etc/passwd', 'x'.repeat(4000)]) {
      const value = encodeURIComponent(text.toWellFormed());
      const cursor = new SseClient(server.url, { query: `?lastEventId=${value}` });
      expect(await cursor.first('stream')).toMatchObject({ state: 'reset', reason: 'malformed' });
      cursor.close();
      for (const name of ['from', 'level', 'kind', 'speed']) {
        const response = await fetch(`${server.url}/api/stream?${name}=${value}`);
        expect(response.status).toBe(400);
        const problem = (await response.json()) as { detail: string };
        expect(problem.detail.length).toBeLessThan(400);
      }
      if (text.length > 500) continue;
      const filtered = new SseClient(server.url, { query: `?q=${value}&service=${value.slice(0, 200)}` });
      expect((await filtered.first('stream'))['state']).toBe('live');
      filtered.close();
    }
  });
});
