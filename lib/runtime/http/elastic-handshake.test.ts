import { expect, test } from 'vitest';
import { isElasticPath } from './elastic-endpoint.ts';
import { answerHandshake } from './elastic-handshake.ts';

const ask = (method: string, path: string, isReady = true) =>
  answerHandshake({ method, path, host: 'logs.example:3000', isReady });

test.each([
  ['GET', '/'],
  ['HEAD', '/'],
  ['GET', '/_license'],
  ['GET', '/_xpack'],
  ['GET', '/_ilm/policy/filebeat'],
  ['PUT', '/_ilm/policy/filebeat'],
  ['HEAD', '/_index_template/logs'],
  ['PUT', '/_component_template/logs'],
  ['GET', '/_template/logstash'],
  ['PUT', '/_data_stream/filebeat-8'],
  ['GET', '/_ingest/pipeline/x'],
  ['GET', '/_nodes/http'],
  ['GET', '/_cluster/health'],
  ['GET', '/_alias/filebeat'],
  ['GET', '/_logstash/pipeline'],
  ['POST', '/_all/_refresh'],
  ['HEAD', '/logstash'],
])('%s %s is answered as Elasticsearch', async (method, path) => {
  const response = ask(method, path);
  expect(response?.status).toBe(200);
  expect(response?.headers.get('X-Elastic-Product')).toBe('Elasticsearch');
});

test.each([
  ['GET', '/_search'],
  ['POST', '/_security/user'],
  ['GET', '/my-index'],
  ['DELETE', '/my-index'],
])('%s %s is nothing that can be answered', (method, path) => {
  expect(ask(method, path)).toBeUndefined();
});

test('what is created is acknowledged, what is looked for is there', async () => {
  expect(await ask('PUT', '/_index_template/x')?.json()).toEqual({ acknowledged: true });
  expect(await ask('GET', '/_index_template/x')?.json()).toEqual({ index_templates: [] });
});

test('the cluster’s health is the server’s', async () => {
  expect(await ask('GET', '/_cluster/health')?.json()).toMatchObject({ status: 'green' });
  expect(await ask('GET', '/_cluster/health', false)?.json()).toMatchObject({ status: 'red' });
});

test('a client that looks for other nodes finds the address that it came by', async () => {
  expect(await ask('GET', '/_nodes/_all/http')?.json()).toMatchObject({
    nodes: { tailrace: { http: { publish_address: 'logs.example:3000' } } },
  });
});

test.each([
  ['/elasticsearch', true],
  ['/elasticsearch/anything', true],
  ['/insert/elasticsearch/_bulk', true],
  ['/_bulk', true],
  ['/_bulk/', true],
  ['/my-index/_bulk', true],
  ['/', false],
  ['/logs', false],
  ['/_next/static/x.js', false],
  ['/elasticsearching', false],
  ['/api/events', false],
  ['/a/b/_bulk', false],
])('%s is one of Elasticsearch’s paths: %s', (path, is) => {
  expect(isElasticPath(path)).toBe(is);
});
