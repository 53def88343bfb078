import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync } from 'node:fs';
import { expect, test } from 'vitest';
import { WsClient } from './conformance/clients/ws-client.ts';
import { NO_FAULTS } from './support/continuity-ledger.ts';
import { EventFactory } from './support/events.ts';
import { publish } from './support/ingest-client.ts';
import { Random } from './support/random.ts';
import { ServerProcess } from './support/server-process.ts';
import { until } from './support/wait.ts';

const STREAMS = 200;

/** Clients of the npm package `ws` in a process of its own, which can be frozen as a whole. They acknowledge nothing. */
const CLIENT = `
  const { WebSocket } = require('ws');
  let open = 0;
  for (let index = 0; index < ${STREAMS}; index += 1) {
    const ws = new WebSocket('ws://127.0.0.1:' + process.argv[1] + '/api/ws');
    ws.once('message', () => { open += 1; if (open === ${STREAMS}) console.log('open'); });
    ws.on('error', () => undefined);
  }
`;

test('WebSockets of a client that has been frozen are found by the pongs that fail to come, and freed', async () => {
  const server = await ServerProcess.start({ environment: { TAILRACE_HEARTBEAT_MS: '500', TAILRACE_MISSES_MAX: '3' } });
  const descriptors = (): number => readdirSync(`/proc/${server.pid}/fd`).length;
  const before = descriptors();
  const awake = new WsClient(server.url);
  const child = spawn(process.execPath, ['-e', CLIENT, new URL(server.url).port], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  try {
    await once(child.stdout, 'data');
    child.kill('SIGSTOP');
    await awake.first('live');
    expect(await server.metric('tailrace_connections')).toBe(STREAMS + 1);
    await publish(server.url, new EventFactory(new Random(5)).many(200));
    await until('the frozen ones to be freed', async () => (await server.metric('tailrace_connections')) === 1, 15_000);
    const closed = await (await fetch(`${server.url}/metrics`)).text();
    expect(closed).toMatch(new RegExp(`tailrace_streams_closed_total\\{reason="heartbeat-missed"\\} ${STREAMS}\\b`));
    await until('the descriptors', () => descriptors() <= before + 10, 20_000);
    await until('the ledger', async () => (await server.metric('tailrace_leaked_resources')) === 0);
    await awake.events(200);
    expect(awake.ledger.faults).toEqual(NO_FAULTS);
    // It has said nothing but what its library says by itself, for longer than the others were waited for.
    expect(awake.connections).toBe(1);
    expect(awake.closeCode).toBeUndefined();
  } finally {
    child.kill('SIGKILL');
    awake.close();
    await server.stop();
  }
});
