import { deflateSync, gzipSync } from 'node:zlib';
import gelfPro from 'gelf-pro';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type InProcessServer, startInProcess } from './support/in-process-server.ts';
import { storedEvents, untilOfService } from './support/stored-events.ts';

let server: InProcessServer;
beforeAll(async () => {
  server = await startInProcess('socket', { TAILRACE_GELF_PORT: '0' });
});
afterAll(async () => {
  await server.close();
  expect(server.runtime.ledger.heldTotal).toBe(0);
});

const eventsOf = (service: string, count: number) => untilOfService(server.url, service, count);

describe('gelf-pro', () => {
  const port = () => server.listeners.ports.gelf ?? 0;

  test.each(['udp', 'tcp'] as const)(
    'by %s: levels, fields, an error with its stack, and a text that needs chunks',
    async (adapter) => {
      const service = `pro-${adapter}`;
      gelfPro.setConfig({
        adapterName: adapter,
        adapterOptions: { host: '127.0.0.1', port: port() },
        fields: { service, region: 'eu' },
      });
      // Incompressible: as chunks even after compression.
      const long = Array.from({ length: 20_000 }, (_, n) => ((n * 2654435761) % 4294967296).toString(36)).join('');
      gelfPro.message('a warning', 4, { user: { id: 5 } });
      gelfPro.message(new Error('deep inside'), 3);
      gelfPro.message(long, 6);
      const events = await eventsOf(service, 3);
      const byLevel = (level: string) => events.find((event) => event.level === level);
      expect(byLevel('warn')).toMatchObject({ message: 'a warning', attributes: { region: 'eu', user_id: 5 } });
      expect(byLevel('error')?.message).toMatch(/^Error: deep inside\n {4}at /);
      expect(byLevel('info')?.message).toBe(long);
      expect(events).toHaveLength(3);
    },
  );
});

describe('POST /gelf', () => {
  const post = (body: BodyInit, headers: Record<string, string> = {}) =>
    fetch(`${server.url}/gelf`, { method: 'POST', body, headers });
  const message = (service: string) =>
    JSON.stringify({ version: '1.1', host: 'h', short_message: 'by HTTP', _service: service });

  test.each<[string, BodyInit, Record<string, string>]>([
    ['plain', message('plain'), {}],
    ['gzipped', new Uint8Array(gzipSync(message('gzipped'))), { 'Content-Encoding': 'gzip' }],
    ['deflated', new Uint8Array(deflateSync(message('deflated'))), { 'Content-Encoding': 'deflate' }],
  ])('%s: 202 without a body, when it is stored', async (service, body, headers) => {
    const response = await post(body, headers);
    expect([response.status, await response.text()]).toEqual([202, '']);
    expect(await storedEvents(server.url, `&service=${service}`)).toMatchObject([{ message: 'by HTTP' }]);
  });

  test('what is no GELF is 400 with a reason', async () => {
    const response = await post('not json');
    expect(response.status).toBe(400);
    expect(((await response.json()) as { error: string }).error).toContain('expected a GELF message');
  });
});
