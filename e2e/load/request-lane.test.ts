import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { RequestLane } from './request-lane.ts';

let server: Server;
let lane: RequestLane;
let connections = 0;
beforeEach(async () => {
  connections = 0;
  server = createServer((req, res) => {
    if (req.url === '/empty') res.writeHead(204).end();
    else if (req.url === '/last') res.writeHead(200, { Connection: 'close' }).end('bye');
    else if (req.url === '/broken') res.socket?.destroy();
    else req.pipe(res);
  });
  server.on('connection', () => {
    connections += 1;
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  lane = new RequestLane({ host: '127.0.0.1', port: (server.address() as AddressInfo).port });
});
afterEach(() => {
  lane.close();
  server.closeAllConnections();
  server.close();
});

test('one connection carries one request after the other, with and without a body in the answer', async () => {
  const statuses = [];
  for (const path of ['/a', '/empty', '/b', '/empty']) {
    const { head, body } = await lane.post(path, 'text/plain', path);
    statuses.push([head.status, body]);
    expect(lane.isBusy).toBe(false);
  }
  expect(statuses).toEqual([
    [200, '/a'],
    [204, ''],
    [200, '/b'],
    [204, ''],
  ]);
  expect(connections).toBe(1);
});

test('after an answer that is the last, or a connection that broke, the next request has a new one', async () => {
  expect((await lane.post('/last', 'text/plain', '')).body).toBe('bye');
  await expect(lane.post('/broken', 'text/plain', '')).rejects.toThrow();
  expect((await lane.post('/a', 'text/plain', 'again')).body).toBe('again');
  expect(connections).toBe(3);
});
