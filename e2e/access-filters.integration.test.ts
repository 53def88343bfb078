import { Metadata } from '@grpc/grpc-js';
import mqtt from 'mqtt';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { ENDPOINTS } from './access-table.ts';
import { grpcStub } from './conformance/clients/grpc-client.ts';
import { CLOSED, logIn, type Made } from './support/access-client.ts';
import { type HeaderFields, JSON_TYPE, startClosed } from './support/closed-server.ts';
import { SseClient } from './support/sse-client.ts';
import { until } from './support/wait.ts';

const { server, access, ask, send } = await startClosed();
afterAll(() => server.close());

describe('a viewer who sees one service', () => {
  let viewer: Made;
  let errors: Made;
  beforeAll(async () => {
    viewer = await access.token({ role: 'viewer', services: ['shop'] });
    errors = await access.token({ role: 'viewer', level: 'error' });
    const made = Array.from({ length: 20 }, (_, n) => [
      { message: `hidden ${n}`, service: 'hidden-bank', level: 'fatal', attributes: { q: 'hidden-value' } },
      { kind: 'metric', name: 'hidden-gold', value: n, service: 'hidden-bank', attributes: { vault: 'hidden-vault' } },
      { message: `shown ${n}`, service: 'shop', level: 'info' },
      { message: `shown too ${n}`, service: 'till', level: 'error' },
      { kind: 'metric', name: 'sales', value: n, service: 'shop' },
    ]);
    await send(access.headers, made.flat());
  });

  const HIDDEN = /hidden/;
  /** Whatever might go round a filter: cursors, times, words, repeats, other spellings. */
  async function wishes(): Promise<string[]> {
    const page = JSON.parse((await ask('GET', '/api/events?limit=40', access.headers)).text);
    const hidden = page.events.find(({ service }: { service: string }) => service === 'hidden-bank').position as string;
    const [epoch = '', seq = '0'] = hidden.split('.');
    const [before, after] = [`${epoch}.${Number(seq) + 1}`, `${epoch}.${Number(seq) - 1}`];
    const filters = [
      '',
      'service=hidden-bank',
      'service=shop&service=hidden-bank',
      'service=&service=hidden-bank',
      'q=hidden',
    ];
    filters.push(
      'level=trace',
      'level=fatal',
      'kind=metric',
      'service=*',
      'service=%25',
      'topics=%23',
      'topics[]=%23',
      'sees=',
    );
    const pages = [
      'limit=5000',
      `before=${before}&limit=1`,
      `after=${after}&limit=1`,
      `before=${before}&after=${after}`,
    ];
    const starts = [
      'from=-1h',
      `from=${after}`,
      `lastEventId=${after}`,
      `last_event_id=${after}`,
      'from=-1h&speed=1000',
    ];
    return filters.flatMap((filter) => [
      ...pages.map((more) => `/api/events?${filter}&${more}`),
      ...starts.map((more) => `/api/poll?wait=0&${filter}&${more}`),
      `/api/metrics/query?${filter}&from=-1h`,
      `/api/metrics/query?${filter}&from=-1h&name=hidden-gold`,
    ]);
  }

  test('reads nothing else, whatever it asks, where it asks from, and whichever words it looks for', async () => {
    const all = [...(await wishes()), '/api/services'];
    let seen = 0;
    for (const path of all) {
      const { status, text } = await ask('GET', path, viewer.headers);
      expect([200, 400], `${path}: ${status}`).toContain(status);
      expect(HIDDEN.test(text.replaceAll(decodeURIComponent(path), '')), `${path}: ${text.slice(0, 300)}`).toBe(false);
      if (text.includes('shown') || text.includes('sales')) seen += 1;
    }
    // The questions are such as are answered.
    expect(seen).toBeGreaterThan(20);
    const everything = await Promise.all(all.map((path) => ask('GET', path, access.headers)));
    expect(everything.filter(({ text }) => HIDDEN.test(text)).length).toBeGreaterThan(20);
  });

  test('asks for what is not there, and for what it may not see, and gets the same answer', async () => {
    const same = async (path: (service: string) => string) => {
      const [one, other] = await Promise.all(
        ['hidden-bank', 'no-such-one'].map((service) => ask('GET', path(service), viewer.headers)),
      );
      const plain = ({ status, text }: { status: number; text: string }) =>
        [status, text.replaceAll(/"(connectionId|time)":"[^"]*"|"(fromMs|toMs)":\d+/g, '')].join(' ');
      expect(plain(one as never)).toBe(plain(other as never));
    };
    await same((service) => `/api/events?service=${service}`);
    await same((service) => `/api/events?service=shop&service=${service}`);
    await same((service) => `/api/metrics/query?service=${service}`);
    await same((service) => `/api/poll?wait=0&from=-1h&service=${service}`);
  });

  test('who sees a level on is told of no service that has not reached it', async () => {
    const services = async (made: Made) => JSON.parse((await ask('GET', '/api/services', made.headers)).text).services;
    await send(access.headers, [{ kind: 'metric', name: 'm', value: 1, service: 'only-metrics' }]);
    expect(await services(errors)).not.toContain('only-metrics');
    expect(await services(errors)).not.toContain('shop');
    expect(await services(errors)).toEqual(expect.arrayContaining(['hidden-bank', 'till']));
    expect(await services(viewer)).toEqual(['shop']);
  });

  test('is told nothing that is counted over everybody', async () => {
    const inspected = Object.entries(ENDPOINTS).filter(([, door]) => door === 'inspect');
    expect(inspected.length).toBeGreaterThan(5);
    for (const [endpoint] of [...inspected, ['GET /metrics']]) {
      const [method = '', path = ''] = String(endpoint).split(' ');
      const { status, text } = await ask(method, path.replace('[id]', 'AAAAAAAA'), viewer.headers);
      expect([endpoint, status]).toEqual([endpoint, 403]);
      if (method !== 'HEAD')
        expect(JSON.parse(text).detail).toMatch(/^"viewer \d+" sees a part of the events only, and this tells of all$/);
    }
  });

  test('streams that are resumed behind hidden events, or changed on the way, bring none', async () => {
    const head = JSON.parse((await ask('GET', '/api/events?limit=1', access.headers)).text).head as string;
    const start = `${head.split('.')[0]}.0`;
    const sse = new SseClient(server.url, {
      headers: { ...viewer.headers, 'Last-Event-ID': start },
      query: '?service=hidden-bank',
    });
    const ws = new WebSocket(`${server.url.replace('http', 'ws')}/api/ws?from=-1h`, { headers: viewer.headers });
    let told = '';
    ws.on('message', (data) => {
      told += data;
    });
    await new Promise((resolve) => ws.once('open', resolve));
    for (const query of ['service=hidden-bank&from=-1h', 'q=hidden&from=-1h', `lastEventId=${start}`]) {
      ws.send(JSON.stringify({ type: 'subscribe', query }));
    }
    await sse.first('stream');
    await send(access.headers, [
      { message: 'hidden', service: 'hidden-bank' },
      { message: 'the end', service: 'shop' },
    ]);
    await until('the end', () => told.includes('the end'));
    expect(HIDDEN.test(told.replaceAll(/"(service|q)=hidden[^"]*"/g, ''))).toBe(false);
    expect(sse.named('log')).toEqual([]);
    ws.terminate();
    sse.close();
  });

  test('over gRPC it reads no more, by whichever metadata it comes', async () => {
    const stub = grpcStub(`127.0.0.1:${server.gateway.grpcPort}`);
    type Query = (request: object, metadata: Metadata, done: (error: unknown, page: unknown) => void) => void;
    const query = stub.Query.bind(stub) as unknown as Query;
    const page = (names: HeaderFields, request: object = {}) =>
      new Promise<string>((resolve) => {
        const metadata = new Metadata();
        for (const [name, value] of Object.entries(names)) metadata.add(name, value);
        query({ limit: 1000, ...request }, metadata, (error, found) => resolve(JSON.stringify(error ?? found)));
      });
    const shown = await page(viewer.headers, { filter: { services: ['hidden-bank', 'shop'] } });
    expect([shown.includes('shown'), HIDDEN.test(shown)]).toEqual([true, false]);
    for (const names of [
      { token: viewer.token },
      { 'x-authorization': `Bearer ${viewer.token}` },
      { ':authority': viewer.token },
      { 'x-forwarded-for': '127.0.0.1', host: 'localhost', 'x-tailrace-peer': '127.0.0.1' },
    ]) {
      expect(await page(names).catch(String), JSON.stringify(names)).not.toContain('shown');
    }
    // Two credentials: the first counts, and never both.
    const both = new Metadata();
    both.add('authorization', `Bearer ${viewer.token}`);
    both.add('authorization', access.headers['Authorization'] ?? '');
    const told = await new Promise<string>((resolve) =>
      query({ limit: 1000 }, both, (error, found) => resolve(JSON.stringify(error ?? found))),
    );
    expect(HIDDEN.test(told)).toBe(false);
    stub.close();
  });

  test('over MQTT it gets no retained value, no topic of the broker and nothing of a session that another has left', async () => {
    const open = (made: Made, clientId: string, clean: boolean) =>
      mqtt.connect(`mqtt://127.0.0.1:${server.gateway.mqttPort}`, {
        ...{ reconnectPeriod: 0, protocolVersion: 5, clientId, clean, username: 'x', password: made.token },
        properties: { sessionExpiryInterval: 600 },
      });
    const admin = await access.token({ role: 'admin' });
    const before = open(admin, 'shared', true);
    await before.subscribeAsync(['tailrace/logs/#', 'tailrace/metrics/#'], { qos: 1 });
    await before.endAsync();
    await send(access.headers, [{ message: 'hidden while away', service: 'hidden-bank' }]);
    const after = open(viewer, 'shared', false);
    const topics: string[] = [];
    after.on('message', (topic, payload) => topics.push(`${topic} ${payload}`));
    after.on('error', () => undefined);
    await new Promise((resolve) => after.once('connect', resolve));
    await after.subscribeAsync(
      ['#', '$SYS/#', '+/+/+/+', 'tailrace/metrics/hidden-bank/#', 'tailrace/+/hidden-bank/+'],
      { qos: 1 },
    );
    await send(access.headers, [
      { message: 'hidden again', service: 'hidden-bank' },
      { kind: 'metric', name: 'hidden-gold', value: 9, service: 'hidden-bank' },
      { message: 'the end', service: 'shop' },
    ]);
    await until('the end', () => topics.some((topic) => topic.includes('the end')));
    expect(topics.filter((topic) => HIDDEN.test(topic))).toEqual([]);
    expect(topics.filter((topic) => topic.startsWith('$'))).toEqual([]);
    after.end(true);
  });

  test('speaks for nobody else\u2019s stream', async () => {
    const stream = new SseClient(server.url, { headers: access.headers });
    const { connectionId } = (await stream.first('stream')) as { connectionId: string };
    const body = JSON.stringify({ position: 'AAAAAAAA.1' });
    const path = `/api/connections/${connectionId}/ack`;
    expect((await ask('POST', path, { ...JSON_TYPE, ...viewer.headers }, body)).status).toBe(404);
    expect((await ask('POST', path, { ...JSON_TYPE, ...access.headers }, body)).status).toBe(204);
    stream.close();
  });

  test('logs in without an end, and neither the others\u2019 logins nor what was done are gone', async () => {
    const { cookie } = await logIn(server.url, { token: CLOSED.TAILRACE_ADMIN_TOKEN });
    for (let n = 0; n < 120; n += 1) await logIn(server.url, { token: viewer.token });
    expect((await ask('GET', '/api/audit', { Cookie: cookie })).status).toBe(200);
    const { sessions } = JSON.parse((await ask('GET', '/api/access', { Cookie: cookie })).text);
    expect(sessions.filter(({ by }: { by: string }) => by === 'token')).toHaveLength(50);
  });
});
