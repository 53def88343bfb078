import { request as httpRequest } from 'node:http';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ROUTES } from '@/lib/runtime/gateway/plain-routes.ts';
import { mqttAddress, probeGrpc, probeMqtt, probeOtlp, probeWebSocket, wsUrl } from './access-probes.ts';
import {
  type Door,
  ENDPOINTS,
  PAGES,
  pagesOnDisk,
  routesOnDisk,
  VISITORS,
  type Visitor,
  verdict,
} from './access-table.ts';
import { AccessClient, bearer, CLOSED } from './support/access-client.ts';
import { type InProcessServer, startInProcess } from './support/in-process-server.ts';
import { ServerProcess } from './support/server-process.ts';
import { until } from './support/wait.ts';

type Headers = Readonly<Record<string, string>>;

/** Somebody of each kind; the last use of the administrator's is to make them. */
async function makeVisitors(url: string): Promise<Record<Visitor, Headers>> {
  const access = new AccessClient(url);
  const gone = await access.token({ role: 'admin' });
  await access.revoke(gone);
  const late = await access.token({ role: 'admin', days: 0.2 / 86_400 });
  const made = {
    none: {},
    wrong: bearer(`trl_${'x'.repeat(43)}`),
    expired: late.headers,
    revoked: gone.headers,
    ingest: (await access.token({ role: 'ingest' })).headers,
    viewer: (await access.token({ role: 'viewer' })).headers,
    restricted: (await access.token({ role: 'viewer', services: ['shop'] })).headers,
    operator: (await access.token({ role: 'operator' })).headers,
    admin: (await access.token({ role: 'admin' })).headers,
  };
  await until('a token to expire', async () => (await statusOf(url, 'GET', '/api/audit', late.headers)) === 401);
  return made;
}

/** Only the head of the answer: some have no end. */
function statusOf(url: string, method: string, path: string, headers: Headers): Promise<number> {
  return new Promise((resolve, reject) => {
    const req = httpRequest(`${url}${path}`, { method, headers }, (res) => {
      resolve(res.statusCode ?? 0);
      res.on('error', () => undefined);
      res.destroy();
    });
    req.once('error', reject).end();
  });
}

function isRefused(status: number): boolean {
  return status === 401 || status === 403;
}

function expectVerdict(status: number, visitor: Visitor, door: Door, where: string): void {
  const expected = verdict(visitor, door);
  const got = isRefused(status) ? status : 'in';
  expect(`${where} for ${visitor}: ${got}`).toBe(`${where} for ${visitor}: ${expected}`);
  // Let in means served, or refused for what was asked.
  if (got === 'in') expect(status, where).toBeLessThan(500);
}

test('every endpoint on disk stands in the table, and everything in the table is on disk', () => {
  const found = routesOnDisk().map(({ endpoint }) => endpoint);
  expect(found.sort()).toEqual(Object.keys(ENDPOINTS).sort());
  expect(pagesOnDisk().sort()).toEqual(Object.keys(PAGES).sort());
});

test('every route handler names the door of the table', () => {
  for (const { endpoint, source } of routesOnDisk()) {
    const [method = '', path = ''] = endpoint.split(' ');
    const door = ENDPOINTS[endpoint];
    if (path === '/healthz' || path === '/readyz') continue;
    // Some methods share the handler of another.
    const handler = new RegExp(`export const ${method} = (\\w+)`).exec(source)?.[1] ?? method;
    const body = source.slice(source.indexOf(`function ${handler}(`));
    expect(/respond\('(\w+)'/.exec(body)?.[1], endpoint).toBe(door);
  }
});

test('what is served without Next asks the same as the table', () => {
  const served = Object.entries(ROUTES).filter(([endpoint]) => endpoint !== 'GET /metrics');
  for (const [endpoint, [door]] of served) {
    // HEAD of a stream is not a handler of its own everywhere.
    const named = ENDPOINTS[endpoint.replace(':id', '[id]')] ?? ENDPOINTS[endpoint.replace('HEAD', 'GET')];
    expect(door, endpoint).toBe(named);
  }
  // Elasticsearch and Splunk have many paths below one: they are served by their beginning.
  const single = Object.keys(ENDPOINTS).filter((endpoint) => !endpoint.includes('[[...path]]'));
  const missing = single.filter((endpoint) => !(endpoint.replace('[id]', ':id') in ROUTES));
  expect(missing).toEqual([]);
});

/** What ends the server's readiness comes last. */
const IN_ORDER = Object.entries(ENDPOINTS).sort(
  ([a], [b]) => Number(a.includes('drain')) - Number(b.includes('drain')),
);
const pathOf = (path: string): string =>
  path
    .replace('[id]', 'AAAAAAAA')
    .replace('elasticsearch/[[...path]]', 'elasticsearch/_bulk')
    .replace('collector/[[...path]]', 'collector/ack');

describe.each(['socket', 'web'] as const)('without Next, by %s', (transport) => {
  let server: InProcessServer;
  let visitors: Record<Visitor, Headers>;
  beforeAll(async () => {
    server = await startInProcess(transport, CLOSED);
    visitors = await makeVisitors(server.url);
  });
  afterAll(() => server.close());

  test.each(IN_ORDER)('%s is a matter of "%s"', async (endpoint, door) => {
    const [method = '', path = ''] = endpoint.split(' ');
    for (const visitor of VISITORS) {
      const status = await statusOf(server.url, method, pathOf(path), visitors[visitor]);
      expectVerdict(status, visitor, door, endpoint);
    }
  });
});

describe('the other transports', () => {
  let server: InProcessServer;
  let visitors: Record<Visitor, Headers>;
  beforeAll(async () => {
    server = await startInProcess('socket', { ...CLOSED, TAILRACE_MQTT_PORT: '0', TAILRACE_GRPC_PORT: '0' });
    visitors = await makeVisitors(server.url);
  });
  afterAll(() => server.close());

  /** Asked of each visitor: `in`, or the word of the protocol for why not. */
  const PROBES: Readonly<Record<string, [door: Door, probe: (headers: Headers) => Promise<'in' | 401 | 403>]>> = {
    'WebSocket /api/ws': ['view', (headers) => probeWebSocket(server.url, headers)],
    'MQTT SUBSCRIBE over TCP': ['view', (headers) => probeMqtt(mqttAddress(server), headers, 'subscribe')],
    'MQTT PUBLISH over TCP': ['send', (headers) => probeMqtt(mqttAddress(server), headers, 'publish')],
    'MQTT SUBSCRIBE over WebSocket': ['view', (headers) => probeMqtt(`${wsUrl(server)}/mqtt`, headers, 'subscribe')],
    'MQTT PUBLISH over WebSocket': ['send', (headers) => probeMqtt(`${wsUrl(server)}/mqtt`, headers, 'publish')],
    'gRPC Subscribe': ['view', (headers) => probeGrpc(server, headers, 'Subscribe')],
    'gRPC Query': ['view', (headers) => probeGrpc(server, headers, 'Query')],
    'gRPC PublishBatch': ['send', (headers) => probeGrpc(server, headers, 'PublishBatch')],
    'OTLP logs over gRPC': ['send', (headers) => probeOtlp(server, headers, 'logs')],
    'OTLP metrics over gRPC': ['send', (headers) => probeOtlp(server, headers, 'metrics')],
    'OTLP traces over gRPC': ['send', (headers) => probeOtlp(server, headers, 'traces')],
    'gRPC Publish': ['send', (headers) => probeGrpc(server, headers, 'Publish')],
  };

  test.each(Object.entries(PROBES))('%s', async (name, [door, probe]) => {
    for (const visitor of VISITORS) {
      const got = await probe(visitors[visitor]);
      expect(`${name} for ${visitor}: ${got}`).toBe(`${name} for ${visitor}: ${verdict(visitor, door)}`);
    }
  });

  test('a stream of the operations pages ends with the token that it came by', async () => {
    const access = new AccessClient(server.url);
    const made = await access.token({ role: 'viewer' });
    const response = await fetch(`${server.url}/api/connections/stream`, { headers: made.headers });
    const reader = response.body?.getReader();
    expect((await reader?.read())?.done).toBe(false);
    await access.revoke(made);
    await until('its end', async () => (await reader?.read())?.done === true, 5000);
  });
});

describe('the real server, bound to every address', () => {
  let server: ServerProcess;
  let visitors: Record<Visitor, Headers>;
  beforeAll(async () => {
    const environment = { HOST: '0.0.0.0', TAILRACE_ADMIN_TOKEN: CLOSED.TAILRACE_ADMIN_TOKEN };
    server = await ServerProcess.start({ environment });
    visitors = await makeVisitors(server.url);
  });
  afterAll(() => server.stop());

  test.each(IN_ORDER.filter(([endpoint]) => !endpoint.includes('drain')))('%s: "%s"', async (endpoint, door) => {
    const [method = '', path = ''] = endpoint.split(' ');
    for (const visitor of VISITORS) {
      const status = await statusOf(server.url, method, pathOf(path), visitors[visitor]);
      expectVerdict(status, visitor, door, endpoint);
    }
  });

  test('the address that page and text share asks for both', async () => {
    for (const visitor of VISITORS) {
      const status = await statusOf(server.url, 'GET', '/metrics', { Accept: 'text/plain', ...visitors[visitor] });
      expectVerdict(status, visitor, 'inspect', '/metrics');
    }
  });

  test.each(Object.entries(PAGES))('the page %s is a matter of "%s"', async (path, door) => {
    // A program that does not say that it wants a page is a stranger all the same.
    const { status } = await fetch(`${server.url}${path}`, { headers: { Accept: 'image/png' }, redirect: 'manual' });
    expect(status).toBe(path === '/metrics' ? 401 : path === '/login' ? 200 : 307);
    for (const visitor of VISITORS) {
      const response = await fetch(`${server.url}${path}`, {
        headers: { Accept: 'text/html', ...visitors[visitor] },
        redirect: 'manual',
      });
      const text = await response.text();
      const expected = verdict(visitor, door);
      const to = response.headers.get('location') ?? '';
      if (expected === 401)
        expect([response.status, to], visitor).toEqual([307, `/login?next=${encodeURIComponent(path)}`]);
      else if (expected === 403) expect([visitor, text.includes('You may not see this page')]).toEqual([visitor, true]);
      else
        expect([visitor, response.status < 400, text.includes('You may not see this page')]).toEqual([
          visitor,
          true,
          false,
        ]);
    }
  });
});
