import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync } from 'node:fs';
import { expect, test } from 'vitest';
import { NO_FAULTS } from './support/continuity-ledger.ts';
import { EventFactory } from './support/events.ts';
import { publish } from './support/ingest-client.ts';
import { Random } from './support/random.ts';
import { ServerProcess } from './support/server-process.ts';
import { SseClient } from './support/sse-client.ts';
import { until } from './support/wait.ts';

const STREAMS = 500;

/** A client in a process of its own, which can be frozen as a whole: holds streams and never reads them to their end. */
const CLIENT = `
  const { connect } = require('node:net');
  let open = 0;
  for (let index = 0; index < ${STREAMS}; index += 1) {
    const socket = connect(Number(process.argv[1]), '127.0.0.1');
    socket.once('data', () => { open += 1; if (open === ${STREAMS}) console.log('open'); });
    socket.on('error', () => undefined);
    socket.write('GET /api/stream?ack=1 HTTP/1.1\\r\\nHost: localhost\\r\\n\\r\\n');
  }
`;

test('500 half-open connections of a client that has been frozen are found by their missing word and freed', async () => {
  const server = await ServerProcess.start({ environment: { TAILRACE_HEARTBEAT_MS: '500', TAILRACE_MISSES_MAX: '3' } });
  const descriptors = (): number => readdirSync(`/proc/${server.pid}/fd`).length;
  const before = descriptors();
  const native = new SseClient(server.url);
  const port = new URL(server.url).port;
  const child = spawn(process.execPath, ['-e', CLIENT, port], { stdio: ['ignore', 'pipe', 'inherit'] });
  try {
    await once(child.stdout, 'data');
    // The line is whole, the kernel acknowledges every byte: only the process behind it does not live.
    child.kill('SIGSTOP');
    expect(await server.metric('tailrace_connections')).toBe(STREAMS + 1);
    await publish(server.url, new EventFactory(new Random(5)).many(200));
    await until('the frozen ones to be freed', async () => (await server.metric('tailrace_connections')) === 1, 15_000);
    const closed = await (await fetch(`${server.url}/metrics`)).text();
    expect(closed).toMatch(new RegExp(`tailrace_streams_closed_total\\{reason="heartbeat-missed"\\} ${STREAMS}\\b`));
    // A goodbye that nobody takes may linger for some seconds, not for ever.
    await until('the descriptors', () => descriptors() <= before + 10, 20_000);
    await until('the ledger', async () => (await server.metric('tailrace_leaked_resources')) === 0);
    await native.events(200);
    expect(native.ledger.faults).toEqual(NO_FAULTS);
    expect(native.connections).toBe(1);
  } finally {
    child.kill('SIGKILL');
    native.close();
    await server.stop();
  }
});
