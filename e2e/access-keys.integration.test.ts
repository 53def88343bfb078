import mqtt from 'mqtt';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ENDPOINTS } from './access-table.ts';
import type { Made } from './support/access-client.ts';
import { type HeaderFields, JSON_TYPE, startClosed } from './support/closed-server.ts';
import { until } from './support/wait.ts';

const { server, access, ask, send } = await startClosed();
afterAll(() => server.close());

describe('a key that may send for one service', () => {
  let key: Made;
  beforeAll(async () => {
    key = await access.token({ role: 'ingest', services: ['shop'] });
  });

  const now = Date.now();
  const otlp = {
    resourceLogs: [
      {
        resource: { attributes: [{ key: 'service.name', value: { stringValue: 'bank' } }] },
        scopeLogs: [{ logRecords: [{ timeUnixNano: `${now}000000`, body: { stringValue: 'forged otlp' } }] }],
      },
    ],
  };
  const loki = { streams: [{ stream: { service_name: 'bank' }, values: [[`${now}000000`, 'forged loki']] }] };
  const bulk = '{"create":{"_index":"x"}}\n{"message":"forged elastic","service":{"name":"bank"}}\n';
  const NDJSON = { 'Content-Type': 'application/x-ndjson' };
  const TRIES: readonly [name: string, path: string, headers: HeaderFields, body: string][] = [
    ['a service twice', '/api/events', JSON_TYPE, '{"message":"forged","service":"shop","service":"bank"}'],
    ['a proto', '/api/events', JSON_TYPE, '{"message":"forged","__proto__":{"service":"bank"},"service":"bank"}'],
    ['spaces', '/api/events', JSON_TYPE, '{"message":"forged","service":" bank "}'],
    ['none', '/api/events', JSON_TYPE, '{"message":"forged","kind":"log"}'],
    ['a metric', '/api/events', NDJSON, '{"kind":"metric","name":"forged","value":1,"service":"bank"}\n'],
    ['the query', '/api/events?service=bank', { 'Content-Type': 'text/plain' }, 'forged line\n'],
    ['OTLP', '/v1/logs', JSON_TYPE, JSON.stringify(otlp)],
    ['Loki', '/loki/api/v1/push', JSON_TYPE, JSON.stringify(loki)],
    ['GELF', '/gelf', JSON_TYPE, '{"version":"1.1","host":"h","short_message":"forged gelf","_service":"bank"}'],
    ['Splunk', '/services/collector', JSON_TYPE, '{"event":"forged","fields":{"service":"bank"}}'],
    ['Splunk raw', '/services/collector/raw?source=bank&sourcetype=bank', {}, 'forged raw'],
    ['Elasticsearch', '/_bulk', NDJSON, bulk],
  ];

  test.each(TRIES)('sends for no other by %s', async (_, path, headers, body) => {
    await ask('POST', path, { ...headers, ...key.headers }, body);
    const { events } = JSON.parse((await ask('GET', '/api/events?q=forged&limit=1000', access.headers)).text);
    expect(events.filter(({ service }: { service: string }) => service !== 'shop')).toEqual([]);
  });

  test('the same bodies are stored for whoever may send them', async () => {
    for (const [, path, headers, body] of TRIES) await ask('POST', path, { ...headers, ...access.headers }, body);
    const { events } = JSON.parse((await ask('GET', '/api/events?q=forged&limit=1000', access.headers)).text);
    expect(events.filter(({ service }: { service: string }) => service !== 'shop').length).toBeGreaterThan(6);
  });

  test('reads nothing by it, and learns of nobody', async () => {
    for (const [endpoint, door] of Object.entries(ENDPOINTS)) {
      const [method = '', path = ''] = endpoint.split(' ');
      if (method !== 'GET' || door === 'public' || door === 'sender') continue;
      expect([endpoint, (await ask(method, path.replace('[id]', 'A'), key.headers)).status]).toEqual([endpoint, 403]);
    }
  });

  test('what it has left to be said after its end is not said once it is revoked', async () => {
    const gone = await access.token({ role: 'ingest' });
    const client = mqtt.connect(`mqtt://127.0.0.1:${server.gateway.mqttPort}`, {
      ...{ reconnectPeriod: 0, protocolVersion: 5, username: 'x', password: gone.token },
      will: { topic: 'tailrace/ingest/shop', payload: Buffer.from('{"message":"last will"}'), qos: 1, retain: false },
    });
    client.on('error', () => undefined);
    await new Promise((resolve) => client.once('connect', resolve));
    await access.revoke(gone);
    await until('its end', () => !client.connected, 5000);
    await send(access.headers, [{ message: 'after the will', service: 'shop' }]);
    const { text } = await ask('GET', '/api/events?q=will', access.headers);
    expect([text.includes('after the will'), text.includes('last will')]).toEqual([true, false]);
  });
});
