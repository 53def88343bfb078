import { once } from 'node:events';
import { type ClientHttp2Session, connect } from 'node:http2';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { CLIENTS, PROMPT_MS, STREAMS, urlFor } from './proxies-bench.ts';
import { NO_FAULTS } from './support/continuity-ledger.ts';
import { type InProcessServer, startInProcess } from './support/in-process-server.ts';
import { publish } from './support/ingest-client.ts';
import { type Edit, PROXY_NAMES, type ProxyName, type ProxyOptions, ProxyProcess, whyNot } from './support/proxies.ts';
import { SseClient } from './support/sse-client.ts';
import { until } from './support/wait.ts';

let server: InProcessServer;
let proxy: ProxyProcess | undefined;

beforeEach(async () => {
  // So rare that nothing in these tests is a heartbeat's doing.
  // nginx without a word in its configuration asks for the name of its upstream: a stranger's, where this machine alone may come in.
  const environment = { TAILRACE_HEARTBEAT_MS: '600000', TAILRACE_GRPC_PORT: '0', TAILRACE_ACCESS: 'open' };
  server = await startInProcess('socket', environment);
});
afterEach(async () => {
  await proxy?.stop();
  proxy = undefined;
  await server.close();
});

async function start(name: ProxyName, options: Partial<ProxyOptions>): Promise<ProxyProcess> {
  const { grpcPort: upstreamGrpcPort } = server.gateway;
  proxy = await ProxyProcess.start(name, { upstream: server.url, upstreamGrpcPort, ...options });
  return proxy;
}

function titleOf(name: ProxyName): string {
  const reason = whyNot(name);
  return reason ? `${name} (${reason})` : name;
}

/** nginx as most people have it: `proxy_pass` and nothing else. */
const BARE: readonly Edit[] = [
  [/\n +proxy_(http_version|buffering|set_header|cache|read_timeout|send_timeout)\b[^\n]*/g, ''],
];
/** The server's wish not to be buffered is not heard either. */
const BUFFERING: readonly Edit[] = [
  ...BARE,
  [/proxy_pass http:\/\/tailrace;/g, 'proxy_pass http://tailrace; proxy_ignore_headers X-Accel-Buffering;'],
];

describe.skipIf(whyNot('nginx'))(titleOf('nginx'), () => {
  test('without a word in its configuration it hands on at once what says that it is not to be buffered', async () => {
    const { url } = await start('nginx', { edits: BARE });
    const client = new SseClient(url);
    try {
      await client.first('live');
      for (let count = 1; count <= 3; count += 1) {
        await publish(url, [{ message: `event ${count}` }]);
        await client.events(count, PROMPT_MS);
      }
      // HTTP/1.0 towards Tailrace, which then may not send chunks.
      expect(client.ledger.faults).toEqual(NO_FAULTS);
    } finally {
      client.close();
    }
  });

  test('one that buffers all the same is found out: nothing arrives while the stream is open', async () => {
    const { url } = await start('nginx', { edits: BUFFERING });
    const client = new SseClient(url);
    try {
      await until('the stream to be open', () => server.runtime.hub.connections === 1);
      await publish(server.url, [{ message: 'held back' }]);
      await expect(client.events(1, PROMPT_MS)).rejects.toThrow('in vain');
      expect(client.ledger.cursor).toBe(-1);
      // It was on its way: at the close it is there.
      void server.runtime.hub.drain(0);
      await client.events(1);
      expect(client.ledger.events).toBe(1);
    } finally {
      client.close();
    }
  });
});

describe.each(PROXY_NAMES)('%s', (name) => {
  const reason = whyNot(name);
  test.skipIf(reason)(`a client that leaves is known to have left at once ${reason ?? ''}`, async () => {
    const { hub } = server.runtime;
    const running = await start(name, {});
    for (const stream of STREAMS) {
      const client = new CLIENTS[stream](urlFor(stream, running));
      await until(`the stream to be open (${stream})`, () => hub.connections === 1);
      client.close();
      await until(`its end to be known (${stream})`, () => hub.connections === 0, PROMPT_MS);
    }
  });
});

const STREAMS_OF_ONE_CONNECTION = 20;

/** A browser opens six connections over HTTP/1.1; over HTTP/2 all tabs share one. */
async function openTabs(session: ClientHttp2Session): Promise<{ text: string }[]> {
  return Promise.all(
    Array.from({ length: STREAMS_OF_ONE_CONNECTION }, async () => {
      const tab = { text: '' };
      const stream = session.request({ ':path': '/api/stream', accept: 'text/event-stream' });
      stream.setEncoding('utf8').on('data', (text: string) => {
        tab.text += text;
      });
      stream.on('error', () => undefined);
      const [headers] = await once(stream, 'response');
      expect(headers[':status']).toBe(200);
      return tab;
    }),
  );
}

describe.each<ProxyName>(['nginx', 'haproxy'])('%s', (name) => {
  const reason = whyNot(name);
  test.skipIf(reason)(`with its TLS lines one connection carries many streams ${reason ?? ''}`, async () => {
    const { ports } = await start(name, { tls: true });
    const session = connect(`https://127.0.0.1:${ports.https}`, { rejectUnauthorized: false });
    session.on('error', () => undefined);
    try {
      const tabs = await openTabs(session);
      expect(server.runtime.hub.connections).toBe(STREAMS_OF_ONE_CONNECTION);
      await until('all to be live', () => tabs.every(({ text }) => text.includes('event: live')));
      await publish(server.url, [{ message: 'to every tab' }]);
      await until('all to have it', () => tabs.every(({ text }) => text.includes('to every tab')), PROMPT_MS);
    } finally {
      session.destroy();
    }
    await until('the server to know that all have left', () => server.runtime.hub.connections === 0);
  });
});
