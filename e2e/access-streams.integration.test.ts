import mqtt, { type MqttClient } from 'mqtt';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { GrpcClient, grpcStub } from './conformance/clients/grpc-client.ts';
import { AccessClient, CLOSED, type Made } from './support/access-client.ts';
import { type InProcessServer, startInProcess } from './support/in-process-server.ts';
import { SseClient } from './support/sse-client.ts';
import { until } from './support/wait.ts';

/** What is taken back has to be felt within 5 s. */
const FELT_MS = 5000;
const SETTINGS = { ...CLOSED, TAILRACE_MQTT_PORT: '0', TAILRACE_GRPC_PORT: '0', TAILRACE_HEARTBEAT_MS: '60000' };

let server: InProcessServer;
let access: AccessClient;
const opened: { close(): void }[] = [];

beforeAll(async () => {
  server = await startInProcess('socket', SETTINGS);
  access = new AccessClient(server.url);
});
afterAll(() => server.close());
afterEach(() => {
  for (const each of opened.splice(0)) each.close();
});

async function send(headers: Readonly<Record<string, string>>, events: readonly object[]): Promise<Response> {
  return fetch(`${server.url}/api/events`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json', ...headers },
    body: JSON.stringify(events),
  });
}

/** A stream that tells which services it was sent, and how it ended. */
type Line = { readonly services: string[]; isLive(): boolean; end(): string | undefined; close(): void };

function sse(made: Made, query = ''): Line {
  const client = new SseClient(server.url, { headers: made.headers, query });
  return {
    get services() {
      return client.named('log').map((event) => String(event['service']));
    },
    isLive: () => client.named('stream').length > 0,
    end: () => client.named('bye').map(({ reason }) => String(reason))[0],
    close: () => client.close(),
  };
}

function lines(made: Made, query = ''): Line {
  const abort = new AbortController();
  let text = '';
  void fetch(`${server.url}/api/poll?follow=1&${query.slice(1)}`, { headers: made.headers, signal: abort.signal })
    .then(async (response) => {
      for await (const bytes of response.body ?? []) text += Buffer.from(bytes).toString();
    })
    .catch(() => undefined);
  const frames = () => text.split('\n').flatMap((line) => (line.trim() ? [JSON.parse(line)] : []));
  return {
    get services() {
      return frames().flatMap(({ event, data }) => (event === 'log' ? [String(data.service)] : []));
    },
    isLive: () => frames().some(({ event }) => event === 'stream'),
    end: () => frames().find(({ event }) => event === 'bye')?.data.reason,
    close: () => abort.abort(),
  };
}

function webSocket(made: Made, query = ''): Line & { readonly ws: WebSocket } {
  const ws = new WebSocket(`${server.url.replace('http', 'ws')}/api/ws${query}`, { headers: made.headers });
  const frames: { event: string; data: Record<string, unknown> }[] = [];
  ws.on('message', (data) => frames.push(...JSON.parse(String(data))));
  ws.on('error', () => undefined);
  return {
    ws,
    get services() {
      return frames.flatMap(({ event, data }) => (event === 'log' ? [String(data['service'])] : []));
    },
    isLive: () => frames.some(({ event }) => event === 'stream'),
    end: () => frames.flatMap(({ event, data }) => (event === 'bye' ? [String(data['reason'])] : []))[0],
    close: () => ws.terminate(),
  };
}

function grpc(made: Made, query = ''): Line {
  const client = new GrpcClient(`http://127.0.0.1:${server.gateway.grpcPort}`, { headers: made.headers, query });
  return {
    get services() {
      return client.frames.flatMap(({ event, data }) => (event === 'log' ? [String(JSON.parse(data).service)] : []));
    },
    isLive: () => client.frames.some(({ event }) => event === 'stream'),
    end: () => client.status?.metadata.get('tailrace-reason').map(String)[0],
    close: () => client.close(),
  };
}

type MqttLine = Line & { readonly client: MqttClient; readonly granted: number[] };

function mqttLine(made: Made, _query = '', topics: string[] = ['tailrace/logs/#'], version: 4 | 5 = 5): MqttLine {
  const client = mqtt.connect(`mqtt://127.0.0.1:${server.gateway.mqttPort}`, {
    ...{ reconnectPeriod: 0, protocolVersion: version, username: 'anybody', password: made.token },
  });
  const services: string[] = [];
  const granted: number[] = [];
  let end: string | undefined;
  client.on('error', () => undefined);
  client.on('message', (topic) => services.push(topic.split('/')[2] ?? ''));
  client.on('disconnect', ({ reasonCode }) => {
    end = reasonCode === 0x87 ? 'token-expired' : String(reasonCode);
  });
  client.on('packetreceive', (packet) => {
    if (packet.cmd === 'suback') granted.push(...packet.granted.map(Number));
  });
  client.on('connect', () => client.subscribe(topics, { qos: 1 }, () => undefined));
  return {
    ...{ client, granted, services },
    isLive: () => granted.length > 0,
    end: () => end,
    close: () => client.end(true),
  };
}

const OPEN: Readonly<Record<string, (made: Made, query?: string) => Line>> = {
  SSE: sse,
  'HTTP lines': lines,
  WebSocket: webSocket,
  gRPC: grpc,
  MQTT: mqttLine,
};

async function live(open: (made: Made, query?: string) => Line, made: Made, query?: string): Promise<Line> {
  const line = open(made, query);
  opened.push(line);
  await until('the stream to be open', () => line.isLive());
  return line;
}

describe.each(Object.entries(OPEN))('%s', (_, open) => {
  test('a token that is revoked ends its stream, and nobody else\u2019s', async () => {
    const [gone, stays] = [await access.token({ role: 'viewer' }), await access.token({ role: 'viewer' })];
    const [one, other] = [await live(open, gone), await live(open, stays)];
    await access.revoke(gone);
    await until('the goodbye', () => one.end() !== undefined, FELT_MS);
    expect(one.end()).toBe('token-expired');
    expect(other.end()).toBeUndefined();
    await send(access.headers, [{ message: 'after', service: 'shop' }]);
    await until('the other to go on', () => other.services.includes('shop'));
    expect(one.services).toEqual([]);
  });

  test('a token that expires ends its stream', async () => {
    const line = await live(open, await access.token({ role: 'viewer', days: 2 / 86_400 }));
    await until('the goodbye', () => line.end() !== undefined, 2000 + FELT_MS);
    expect(line.end()).toBe('token-expired');
  });

  test('what a viewer may see is not widened by what its client asks for', async () => {
    const made = await access.token({ role: 'viewer', services: ['shop'], level: 'warn' });
    const all = await live(open, made);
    const wide = await live(open, made, '?service=bank&service=shop');
    const none = await live(open, made, '?service=bank&level=trace');
    const events = ['bank', 'shop'].flatMap((service) =>
      ['info', 'error'].map((level) => ({ message: `${service} ${level}`, service, level })),
    );
    await send(access.headers, [...events, { message: 'last', service: 'shop', level: 'fatal' }]);
    await until('the events', () => all.services.length >= 2 && wide.services.length >= 2);
    expect(all.services).toEqual(['shop', 'shop']);
    expect(wide.services).toEqual(['shop', 'shop']);
    // MQTT has no query: what its client asks for is tried below.
    if (open !== OPEN['MQTT']) expect(none.services).toEqual([]);
  });
});

describe('in the middle of a stream', () => {
  test('a WebSocket that asks for more gets what its owner may see', async () => {
    const made = await access.token({ role: 'viewer', services: ['shop'] });
    const line = webSocket(made, '?service=shop');
    opened.push(line);
    await until('the stream', () => line.isLive());
    line.ws.send(JSON.stringify({ type: 'subscribe', query: 'service=bank&service=shop' }));
    line.ws.send(JSON.stringify({ type: 'subscribe', query: '' }));
    await send(access.headers, [
      { message: 'm', service: 'bank' },
      { message: 'm', service: 'shop' },
    ]);
    await until('its event', () => line.services.length > 0);
    expect(line.services).toEqual(['shop']);
  });

  test('topics and last values of MQTT show nothing beyond it', async () => {
    const metric = (service: string) => ({ kind: 'metric', name: 'm', value: 1, service });
    await send(access.headers, [metric('bank'), metric('shop')]);
    const made = await access.token({ role: 'viewer', services: ['shop'] });
    const topics = ['tailrace/metrics/#', 'tailrace/metrics/bank/m', 'tailrace/logs/bank/+', '#'];
    const line = mqttLine(made, '', topics);
    opened.push(line);
    await until('the last values', () => line.services.includes('shop'));
    await send(access.headers, [metric('bank'), { message: 'm', service: 'bank' }, metric('shop')]);
    await until('the new value', () => line.services.filter((service) => service === 'shop').length > 1);
    expect(line.services).not.toContain('bank');
  });

  test('pages, charts and names of services show nothing beyond it', async () => {
    await send(access.headers, [
      { message: 'm', service: 'bank', level: 'error' },
      { message: 'm', service: 'shop', level: 'info' },
      { kind: 'metric', name: 'm', value: 1, service: 'bank' },
      { kind: 'metric', name: 'm', value: 1, service: 'shop' },
    ]);
    const ask = async (made: Made, path: string) =>
      (await (await fetch(`${server.url}${path}`, { headers: made.headers })).json()) as Record<string, unknown>;
    const servicesIn = (list: unknown): string[] => [
      ...new Set((list as { service: string }[]).map(({ service }) => service)),
    ];
    const made = await access.token({ role: 'viewer', services: ['shop'] });
    expect(servicesIn((await ask(made, '/api/events?limit=500'))['events'])).toEqual(['shop']);
    expect((await ask(made, '/api/events?service=bank'))['events']).toEqual([]);
    expect(servicesIn((await ask(made, '/api/metrics/query?service=shop&service=bank'))['series'])).toEqual(['shop']);
    expect((await ask(made, '/api/metrics/query?service=bank'))['series']).toEqual([]);
    expect((await ask(made, '/api/services'))['services']).toEqual(['shop']);
    const loud = await access.token({ role: 'viewer', level: 'error' });
    expect((await ask(loud, '/api/metrics/query'))['series']).toEqual([]);
    const page = (await ask(loud, '/api/events?limit=500'))['events'] as { level?: string }[];
    expect(page.length).toBeGreaterThan(0);
    expect(page.every(({ level }) => level === 'error' || level === 'fatal')).toBe(true);
  });

  test('a query over gRPC shows nothing beyond it', async () => {
    const made = await access.token({ role: 'viewer', services: ['shop'] });
    const stub = grpcStub(`127.0.0.1:${server.gateway.grpcPort}`);
    const { Metadata } = await import('@grpc/grpc-js');
    const metadata = new Metadata();
    metadata.set('authorization', `Bearer ${made.token}`);
    type Ask = (
      request: object,
      metadata: object,
      done: (error: unknown, answer: { events: { service: string }[] }) => void,
    ) => void;
    const query = stub.Query.bind(stub) as unknown as Ask;
    const answer = await new Promise<{ events: { service: string }[] }>((resolve, reject) => {
      query({ filter: { services: [] }, limit: 500 }, metadata, (error, page) =>
        error ? reject(error) : resolve(page),
      );
    });
    stub.close();
    expect([...new Set(answer.events.map(({ service }) => service))]).toEqual(['shop']);
  });
});

describe('senders', () => {
  test('an ingest key sends for its services, and for no other', async () => {
    const key = await access.token({ role: 'ingest', services: ['shop'] });
    const answer = await (
      await send(key.headers, [
        { message: 'm', service: 'shop' },
        { message: 'm', service: 'bank' },
      ])
    ).json();
    expect(answer).toMatchObject({ accepted: 1, rejected: 1 });
    const [error] = (answer as { errors: { error: string }[] }).errors;
    expect(error?.error).toContain('may not write for "bank"');
    const row = server.runtime.senders.rows().find(({ credential }) => credential?.startsWith('ingest'));
    expect(row).toMatchObject({ protocol: 'events', accepted: 1, rejected: 1 });
  });

  test.each([
    ['Basic', (token: string) => ({ Authorization: `Basic ${Buffer.from(`x:${token}`).toString('base64')}` })],
    ['Splunk', (token: string) => ({ Authorization: `Splunk ${token}` })],
    ['ApiKey', (token: string) => ({ Authorization: `ApiKey ${Buffer.from(`id:${token}`).toString('base64')}` })],
    ['X-API-Key', (token: string) => ({ 'X-API-Key': token })],
  ])('a key comes by %s as well', async (_, headersOf) => {
    const { token } = await access.token({ role: 'ingest' });
    expect((await send(headersOf(token), [{ message: 'm' }])).status).toBe(200);
    expect((await send(headersOf(`${token.slice(0, -1)}!`), [{ message: 'm' }])).status).toBe(401);
  });

  test('never by the address, which gets into every log', async () => {
    const { token } = await access.token({ role: 'admin' });
    expect((await fetch(`${server.url}/api/events?token=${token}&access_token=${token}`)).status).toBe(401);
  });

  test('MQTT takes what may be sent and no more: who may look may not send, and the other way round', async () => {
    const sender = mqttLine(await access.token({ role: 'ingest', services: ['shop'] }));
    const viewer = mqttLine(await access.token({ role: 'viewer' }));
    opened.push(sender, viewer);
    await until('the answers', () => sender.granted.length > 0 && viewer.granted.length > 0);
    expect([sender.granted, viewer.granted]).toEqual([[0x87], [1]]);
    const publish = (line: MqttLine, service: string) =>
      new Promise<number | undefined>((resolve) => {
        line.client.publish(`tailrace/ingest/${service}`, '{"message":"m"}', { qos: 1 }, (error) =>
          resolve((error as { code?: number } | undefined)?.code),
        );
      });
    expect(await publish(sender, 'shop')).toBeUndefined();
    expect(await publish(sender, 'bank')).toBe(0x99);
    expect(await publish(viewer, 'shop')).toBe(0x87);
  });

  test.each([
    [5, 0x86],
    [4, 4],
  ] as const)('MQTT %i refuses a wrong token with the word that it has for it', async (version, code) => {
    const client = mqtt.connect(`mqtt://127.0.0.1:${server.gateway.mqttPort}`, {
      ...{ reconnectPeriod: 0, protocolVersion: version, username: 'x', password: 'wrong' },
    });
    opened.push({ close: () => client.end(true) });
    const error = await new Promise<{ code?: number }>((resolve) => client.once('error', resolve as () => void));
    expect(error.code).toBe(code);
  });

  test('nobody takes over the line of somebody else by its client id', async () => {
    const connectAs = (made: Made) =>
      mqtt.connect(`mqtt://127.0.0.1:${server.gateway.mqttPort}`, {
        ...{ reconnectPeriod: 0, protocolVersion: 5, clientId: 'mine', username: 'x', password: made.token },
      });
    const own = await access.token({ role: 'viewer' });
    const first = connectAs(own);
    opened.push({ close: () => first.end(true) });
    await new Promise((resolve) => first.once('connect', resolve));
    const other = connectAs(await access.token({ role: 'viewer' }));
    opened.push({ close: () => other.end(true) });
    await new Promise((resolve) => other.once('connect', resolve));
    expect(first.connected).toBe(true);
    const again = connectAs(own);
    opened.push({ close: () => again.end(true) });
    await new Promise((resolve) => again.once('connect', resolve));
    await until('the first to have gone', () => !first.connected);
    expect(other.connected).toBe(true);
  });

  test('a gRPC Publish whose key is revoked is ended with its next batch', async () => {
    const key = await access.token({ role: 'ingest' });
    const { Metadata } = await import('@grpc/grpc-js');
    const metadata = new Metadata();
    metadata.set('authorization', `Bearer ${key.token}`);
    const stub = grpcStub(`127.0.0.1:${server.gateway.grpcPort}`);
    const call = stub.Publish(metadata);
    const answers: unknown[] = [];
    let code: number | undefined;
    call.on('data', (answer) => answers.push(answer));
    call.on('error', (error: Error & { code?: number }) => {
      code = error.code;
    });
    call.write({ events: [{ log: { message: 'one' } }] });
    await until('an answer', () => answers.length === 1);
    await access.revoke(key);
    call.write({ events: [{ log: { message: 'two' } }] });
    await until('the refusal', () => code !== undefined, FELT_MS);
    expect(code).toBe(16);
    stub.close();
  });
});
