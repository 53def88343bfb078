import { connect } from 'node:net';
import { request as httpRequest } from 'node:http';
import { test } from 'vitest';
import { AccessClient, CLOSED, logIn } from './support/access-client.ts';
import { startInProcess } from './support/in-process-server.ts';

test('probe', async () => {
  const server = await startInProcess('socket', { ...CLOSED, TAILRACE_MQTT_PORT: '0', TAILRACE_GRPC_PORT: '0' });
  const access = new AccessClient(server.url);
  const viewer = await access.token({ role: 'viewer', services: ['shop'] });
  const errors = await access.token({ role: 'viewer', level: 'error' });
  const post = (events: object[]) =>
    fetch(`${server.url}/api/events`, {
      method: 'POST',
      headers: { ...access.headers, 'Content-Type': 'application/json' },
      body: JSON.stringify(events),
    });
  await post([
    { message: 'secret one', service: 'bank' },
    { message: 'm', service: 'shop' },
    { kind: 'metric', name: 'gold', value: 1, service: 'bank' },
  ]);
  const get = async (path: string, headers: Record<string, string>) => {
    const r = await fetch(`${server.url}${path}`, { headers, redirect: 'manual' });
    return `${r.status} ${(await r.text()).slice(0, 300)}`;
  };
  for (const path of [
    '/api/services',
    '/api/events',
    '/api/events?service=bank',
    '/api/events?q=secret',
    '/api/metrics/query',
    '/api/metrics/query?service=bank',
    '/api/metrics/query?name=gold',
    '/metrics',
    '/api/poll?wait=0&from=-1h',
    '/api/poll?wait=0&from=-1h&service=bank',
  ]) {
    console.log(path, '\n  shop:', await get(path, viewer.headers), '\n  err:', await get(path, errors.headers));
  }
  // unfinished bodies
  const { port } = new URL(server.url);
  const loris = (head: string, tick: string) =>
    new Promise<string>((resolve) => {
      const s = connect(Number(port), '127.0.0.1');
      let got = '';
      const t0 = Date.now();
      s.on('data', (d) => {
        got += d;
      });
      s.on('error', () => undefined);
      s.write(head);
      const t = setInterval(() => s.write(tick), 500);
      const end = (why: string) => {
        clearInterval(t);
        s.destroy();
        resolve(`${why} after ${Date.now() - t0} ms: ${got.split('\r\n')[0]}`);
      };
      s.on('close', () => end('closed'));
      setTimeout(() => end('still open'), 15_000);
    });
  const out = await Promise.all([
    loris(
      'POST /api/login HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n',
      '1\r\n \r\n',
    ),
    loris(
      'POST /v1/logs HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n',
      '1\r\n \r\n',
    ),
    loris(
      'POST /api/events HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/x-ndjson\r\nTransfer-Encoding: chunked\r\n\r\n',
      '1\r\n \r\n',
    ),
    loris(
      'POST /api/connections/AAAA/ack HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n',
      '1\r\n \r\n',
    ),
    loris('GET /api/stream HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n', '1\r\n \r\n'),
    loris('POST /nonsense HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n', '1\r\n \r\n'),
    loris(
      'GET /api/ws HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n',
      '',
    ),
    loris(
      'GET /api/x HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n',
      '',
    ),
    loris(
      'GET /mqtt HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Protocol: mqtt\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n',
      '',
    ),
  ]);
  console.log(out.join('\n'));
  void httpRequest;
  void logIn;
  await server.close();
}, 60_000);
