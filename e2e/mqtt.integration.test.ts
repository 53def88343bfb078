import { rm } from 'node:fs/promises';
import { connect as connectTcp } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import mqtt, { type IClientOptions, type IPublishPacket, type MqttClient } from 'mqtt';
import { generate, parser as makeParser, type Packet } from 'mqtt-packet';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { RetentionLoop } from '@/lib/journal/retention-loop.ts';
import { FaultyStore } from './support/faulty-store.ts';
import { type InProcessServer, startInProcess } from './support/in-process-server.ts';
import { publish } from './support/ingest-client.ts';
import { freePort, ServerProcess } from './support/server-process.ts';
import { SseClient } from './support/sse-client.ts';
import { until } from './support/wait.ts';

type Message = {
  readonly topic: string;
  readonly data: Record<string, unknown> & { attributes?: { n?: string } };
  readonly packet: IPublishPacket;
};
type Client = { readonly mqtt: MqttClient; readonly messages: Message[]; readonly disconnects: number[] };

const SETTINGS = { TAILRACE_MQTT_PORT: '0', TAILRACE_HEARTBEAT_MS: '400' };
let server: InProcessServer;
const opened: MqttClient[] = [];
let names = 0;

beforeAll(async () => {
  server = await startInProcess('socket', SETTINGS);
});
afterAll(() => server.close());
afterEach(async () => {
  for (const client of opened.splice(0)) client.end(true);
});

const addressOf = (carrier: 'ws' | 'tcp', of = server): string =>
  carrier === 'ws' ? `${of.url.replace('http', 'ws')}/mqtt` : `mqtt://127.0.0.1:${of.gateway.mqttPort}`;

function open(options: IClientOptions = {}, carrier: 'ws' | 'tcp' = 'tcp', of = server): Client {
  const client = mqtt.connect(addressOf(carrier, of), {
    reconnectPeriod: 0,
    resubscribe: false,
    ...options,
  } as IClientOptions);
  opened.push(client);
  const messages: Message[] = [];
  const disconnects: number[] = [];
  client.on('message', (topic, payload, packet) => {
    const text = payload.toString();
    messages.push({ topic, data: text.startsWith('{') ? JSON.parse(text) : { text }, packet });
  });
  client.on('error', () => undefined);
  client.on('disconnect', ({ reasonCode }) => disconnects.push(reasonCode ?? 0));
  return { mqtt: client, messages, disconnects };
}

function ready(client: Client): Promise<{ sessionPresent: boolean }> {
  return new Promise((resolve) => client.mqtt.once('connect', resolve));
}

async function openReady(options: IClientOptions = {}, carrier: 'ws' | 'tcp' = 'tcp', of = server): Promise<Client> {
  const client = open(options, carrier, of);
  await ready(client);
  return client;
}

const numbers = ({ messages }: Client): unknown[] =>
  messages.flatMap(({ data }) => (data.attributes?.n === undefined ? [] : [data.attributes.n]));
const log = (n: string, service = 'api', level = 'info') => ({ message: `m ${n}`, service, level, attributes: { n } });
const several = (from: number, to: number, service?: string) =>
  Array.from({ length: to - from }, (_, index) => log(String(from + index), service));
const named = (): string => `client-${names++}`;

describe.each([
  ['ws', 4],
  ['ws', 5],
  ['tcp', 4],
  ['tcp', 5],
] as const)('over %s in version %i', (carrier, protocolVersion) => {
  test('events come live, each under its own topic, with positions that join', async () => {
    const service = `live-${carrier}${protocolVersion}`;
    const client = await openReady({ protocolVersion }, carrier);
    await client.mqtt.subscribeAsync([`tailrace/logs/${service}/#`, `tailrace/metrics/${service}/+`], { qos: 1 });
    await publish(server.url, [
      log('1', service, 'warn'),
      log('2', 'other'),
      { kind: 'metric', name: 'a/b#+%', value: 7, service, attributes: { n: '3' } },
    ]);
    await until('two messages', () => client.messages.length === 2);
    expect(client.messages.map(({ topic }) => topic)).toEqual([
      `tailrace/logs/${service}/warn`,
      `tailrace/metrics/${service}/a%2Fb%23%2B%25`,
    ]);
    const [first, second] = client.messages;
    expect(first?.data).toMatchObject({ kind: 'log', level: 'warn', attributes: { n: '1' } });
    expect(second?.data['prev']).toBe(first?.data['position']);
    expect(first?.packet).toMatchObject({ qos: 1, retain: false, dup: false });
    if (protocolVersion === 5) {
      const { position, prev } = first?.data ?? {};
      expect(first?.packet.properties).toMatchObject({ contentType: 'application/json' });
      expect({ ...first?.packet.properties?.userProperties }).toEqual({ position, prev });
    }
  });

  test('what is published is durable when it is acknowledged, and goes the way of all events', async () => {
    const service = `in-${carrier}${protocolVersion}`;
    const client = await openReady({ protocolVersion }, carrier);
    await client.mqtt.subscribeAsync(`tailrace/logs/${service}/+`);
    const before = server.runtime.journal.headSeq;
    await client.mqtt.publishAsync(
      `tailrace/ingest/${service}`,
      JSON.stringify({ message: 'object', level: 'error' }),
      {
        qos: 1,
      },
    );
    expect(server.runtime.journal.durableSeq).toBe(before + 1);
    await client.mqtt.publishAsync(`tailrace/ingest/${service}`, JSON.stringify(several(0, 3, service)), { qos: 1 });
    await client.mqtt.publishAsync(`tailrace/ingest/${service}`, 'plain text', { qos: 0 });
    await until('five messages', () => client.messages.length === 5);
    expect(client.messages.map(({ topic }) => topic.split('/')[3])).toEqual(['error', 'info', 'info', 'info', 'info']);
    expect(client.messages[4]?.data['message']).toBe('plain text');
  });

  test('a session that is kept goes on exactly where it was left', async () => {
    const service = `kept-${carrier}${protocolVersion}`;
    const clientId = named();
    const kept = { clean: false, clientId, protocolVersion, properties: { sessionExpiryInterval: 3600 } } as const;
    const first = open(kept, carrier);
    expect(await ready(first)).toMatchObject({ sessionPresent: false });
    await first.mqtt.subscribeAsync(`tailrace/logs/${service}/#`, { qos: 1 });
    await publish(server.url, several(0, 50, service));
    await until('50 messages', () => first.messages.length === 50);
    await first.mqtt.endAsync();
    await publish(server.url, several(50, 100, service));
    const second = open(kept, carrier);
    expect(await ready(second)).toMatchObject({ sessionPresent: true });
    await until('50 more messages', () => second.messages.length === 50);
    await publish(server.url, several(100, 110, service));
    await until('10 more messages', () => second.messages.length === 60);
    expect([...numbers(first), ...numbers(second)]).toEqual(several(0, 110).map(({ attributes }) => attributes.n));
    await second.mqtt.endAsync();
    const clean = open({ ...kept, clean: true }, carrier);
    expect(await ready(clean)).toMatchObject({ sessionPresent: false });
  });

  test('the last value of a metric comes at once, retained', async () => {
    const service = `last-${carrier}${protocolVersion}`;
    const metric = (name: string, value: number) => ({ kind: 'metric', name, value, service });
    await publish(server.url, [metric('cpu', 1), metric('cpu', 2), metric('ram', 3)]);
    const client = await openReady({ protocolVersion }, carrier);
    await client.mqtt.subscribeAsync(`tailrace/metrics/${service}/+`, { qos: 1 });
    await until('two values', () => client.messages.length === 2);
    expect(client.messages.map(({ data, packet }) => [data['name'], data['value'], packet.retain])).toEqual([
      ['cpu', 2, true],
      ['ram', 3, true],
    ]);
    await publish(server.url, [metric('cpu', 4)]);
    await until('a live value', () => client.messages.length === 3);
    expect(client.messages[2]).toMatchObject({ data: { value: 4 }, packet: { retain: false } });
  });

  test('a will becomes an event when its client dies, and none when it says goodbye', async () => {
    const service = `will-${carrier}${protocolVersion}`;
    const watcher = await openReady({ protocolVersion }, carrier);
    await watcher.mqtt.subscribeAsync(`tailrace/logs/${service}/+`);
    const will = { topic: `tailrace/ingest/${service}`, payload: Buffer.from('{"message":"died"}'), qos: 1 } as const;
    const polite = await openReady({ protocolVersion, will }, carrier);
    await polite.mqtt.endAsync();
    const dying = await openReady({ protocolVersion, will }, carrier);
    dying.mqtt.stream.destroy();
    await until('the will', () => watcher.messages.length === 1);
    await pause(100);
    expect(watcher.messages.map(({ data }) => data['message'])).toEqual(['died']);
  });

  test('a client that comes twice is served where it came last', async () => {
    const clientId = named();
    const first = await openReady({ clientId, protocolVersion }, carrier);
    const second = await openReady({ clientId, protocolVersion }, carrier);
    await until('the first to be closed', () => !first.mqtt.connected);
    expect(first.disconnects).toEqual(protocolVersion === 5 ? [0x8e] : []);
    expect(second.mqtt.connected).toBe(true);
  });
});

/** A client of which every byte is the test's. */
function raw(of = server) {
  const socket = connectTcp(of.gateway.mqttPort ?? 0, '127.0.0.1');
  const packets: Packet[] = [];
  const parser = makeParser({ protocolVersion: 5 });
  parser.on('packet', (packet) => packets.push(packet));
  socket.on('data', (bytes) => parser.parse(bytes));
  socket.on('error', () => undefined);
  const state = { closed: false };
  socket.on('close', () => {
    state.closed = true;
  });
  const send = (packet: Packet): boolean => socket.write(generate(packet, { protocolVersion: 5 }));
  const connected = async (fields: Partial<Packet> & Record<string, unknown> = {}): Promise<void> => {
    send({
      cmd: 'connect',
      clientId: named(),
      protocolId: 'MQTT',
      protocolVersion: 5,
      clean: true,
      ...fields,
    } as Packet);
    await until('CONNACK', () => packets.some(({ cmd }) => cmd === 'connack'));
  };
  const has = (cmd: Packet['cmd']): Promise<void> => until(cmd, () => packets.some((packet) => packet.cmd === cmd));
  return { socket, packets, state, send, connected, has };
}

test('more than a client takes unacknowledged waits, and comes when it acknowledges', async () => {
  const client = raw();
  await client.connected({ properties: { receiveMaximum: 5 } });
  client.send({ cmd: 'subscribe', messageId: 1, subscriptions: [{ topic: 'tailrace/logs/window/+', qos: 1 }] });
  await client.has('suback');
  await publish(server.url, several(0, 20, 'window'));
  const publishes = () => client.packets.filter((packet): packet is IPublishPacket => packet.cmd === 'publish');
  await until('five messages', () => publishes().length === 5);
  await pause(100);
  expect(publishes()).toHaveLength(5);
  for (let taken = 0; taken < 20; taken += 1) {
    await until('the next message', () => publishes().length > taken);
    client.send({ cmd: 'puback', messageId: publishes()[taken]?.messageId ?? 0, reasonCode: 0 });
  }
  await until('all messages', () => publishes().length === 20);
  expect(publishes().map(({ messageId }) => messageId)).toEqual(Array.from({ length: 20 }, (_, index) => index + 1));
  expect(publishes().map(({ payload }) => JSON.parse(String(payload)).attributes.n)).toEqual(
    several(0, 20).map(({ attributes }) => attributes.n),
  );
  client.socket.destroy();
});

test('unacknowledged messages come again under their identifiers, marked, and what came at most once does not', async () => {
  const clientId = named();
  const kept = { clientId, clean: false, properties: { sessionExpiryInterval: 60 } };
  const first = raw();
  await first.connected(kept);
  const topics = [
    { topic: 'tailrace/logs/again/warn', qos: 1 as const },
    { topic: 'tailrace/logs/again/info', qos: 0 as const },
  ];
  first.send({ cmd: 'subscribe', messageId: 1, subscriptions: topics });
  await first.has('suback');
  const levels = ['warn', 'info', 'warn', 'info', 'warn'];
  await publish(
    server.url,
    levels.map((level, index) => log(String(index), 'again', level)),
  );
  const of = (client: ReturnType<typeof raw>) =>
    client.packets
      .filter((packet): packet is IPublishPacket => packet.cmd === 'publish')
      .map(({ messageId, dup, payload }) => [JSON.parse(String(payload)).attributes.n, messageId ?? 0, dup]);
  await until('all five', () => of(first).length === 5);
  first.send({ cmd: 'puback', messageId: 1, reasonCode: 0 });
  await until('the acknowledgement to be taken', () => {
    const session = [...server.runtime.hub.sessions.values()].find(({ peer }) => peer.userAgent === clientId);
    return session?.clock.ackedSeq !== undefined && session.clock.ackedSeq > 0;
  });
  first.socket.destroy();
  await publish(server.url, [log('5', 'again', 'info'), log('6', 'again', 'warn')]);
  const second = raw();
  await second.connected(kept);
  await until('the rest', () => of(second).length === 4);
  expect(of(second)).toEqual([
    ['2', 2, true],
    ['4', 3, true],
    ['5', 0, false],
    ['6', 4, false],
  ]);
  second.socket.destroy();
});

test.each([
  ['nonsense instead of CONNECT', Buffer.from('GET / HTTP/1.1\r\n\r\n'), undefined],
  ['a length of five bytes', Buffer.from([0x10, 0xff, 0xff, 0xff, 0xff, 0x01]), 0x81],
  ['a packet larger than any may be', Buffer.from([0x10, 0xff, 0xff, 0xff, 0x7f]), 0x95],
])('%s ends that connection alone', async (_title, bytes, _reason) => {
  const witness = await openReady();
  const client = raw();
  client.socket.write(bytes);
  await until('the end', () => client.state.closed);
  expect(witness.mqtt.connected).toBe(true);
});

test.each([
  ['a malformed packet', Buffer.from([0x82, 7, 0, 1, 0, 0, 1, 0x61, 3]), 0x81],
  ['a second CONNECT', generate({ cmd: 'connect', clientId: 'x', protocolVersion: 5, protocolId: 'MQTT' }), 0x82],
  ['a packet that is too large', Buffer.from([0x30, 0xff, 0xff, 0x7f]), 0x95],
  [
    'QoS 2',
    generate(
      { cmd: 'publish', topic: 'tailrace/ingest/a', payload: 'x', qos: 2, messageId: 1, dup: false, retain: false },
      { protocolVersion: 5 },
    ),
    0x9b,
  ],
  [
    'a wildcard in a topic',
    generate(
      { cmd: 'publish', topic: 'tailrace/ingest/+', payload: 'x', qos: 0, dup: false, retain: false },
      { protocolVersion: 5 },
    ),
    0x90,
  ],
])('%s of a client that is connected is told with its reason', async (_title, bytes, reason) => {
  const client = raw();
  await client.connected();
  client.socket.write(bytes);
  await until('the end', () => client.state.closed);
  expect(client.packets.at(-1)).toMatchObject({ cmd: 'disconnect', reasonCode: reason });
});

test.each([
  { rh: 0, first: 1, again: 1, says: 'at each subscription' },
  { rh: 1, first: 1, again: 0, says: 'only at a subscription that is new' },
  { rh: 2, first: 0, again: 0, says: 'never' },
] as const)('retain handling $rh: the last value comes $says', async ({ rh, first, again }) => {
  const service = `retain-${rh}`;
  await publish(server.url, [{ kind: 'metric', name: 'cpu', value: 7, service }]);
  const client = await openReady({ protocolVersion: 5 });
  const topic = `tailrace/metrics/${service}/+`;
  const marker = async (value: number): Promise<void> => {
    await publish(server.url, [{ kind: 'metric', name: 'marker', value, service }]);
    await until(`marker ${value}`, () =>
      client.messages.some(({ data }) => data['name'] === 'marker' && data['value'] === value),
    );
  };
  const retained = () => client.messages.filter(({ packet, data }) => packet.retain && data['name'] === 'cpu').length;
  await client.mqtt.subscribeAsync(topic, { qos: 1, rh });
  await marker(1);
  expect(retained()).toBe(first);
  await client.mqtt.subscribeAsync(topic, { qos: 1, rh });
  await marker(2);
  expect(retained()).toBe(first + again);
});

test('a session that is not taken up in its time has ended', async () => {
  const clientId = named();
  const kept = { clean: false, clientId, protocolVersion: 5, properties: { sessionExpiryInterval: 1 } } as const;
  const first = open(kept);
  await ready(first);
  await first.mqtt.subscribeAsync('tailrace/logs/expiring/#', { qos: 1 });
  await first.mqtt.endAsync();
  await publish(server.url, several(0, 5, 'expiring'));
  await pause(1_200);
  const late = open(kept);
  expect(await ready(late)).toMatchObject({ sessionPresent: false });
  await late.mqtt.subscribeAsync('tailrace/logs/expiring/#', { qos: 1 });
  await publish(server.url, several(5, 7, 'expiring'));
  await until('two messages', () => late.messages.length >= 2);
  expect(numbers(late)).toEqual(['5', '6']);
});

test('an event that its client takes no packet for is left out, and the next one says so', async () => {
  const client = await openReady({ protocolVersion: 5, properties: { maximumPacketSize: 2_000 } });
  await client.mqtt.subscribeAsync('tailrace/logs/sizes/#', { qos: 1 });
  const { last } = await publish(server.url, [log('1', 'sizes')]);
  await publish(server.url, [{ ...log('2', 'sizes'), message: 'x'.repeat(5_000) }]);
  await publish(server.url, [log('3', 'sizes')]);
  await until('two messages', () => client.messages.length === 2);
  expect(numbers(client)).toEqual(['1', '3']);
  const [small, after] = client.messages;
  expect(small?.data['position']).toBe(last);
  // `prev` beyond the client's cursor is how every transport tells of a loss.
  expect(after?.data['prev']).not.toBe(last);
});

test('what cannot be taken is refused with its reason', async () => {
  const client = raw();
  await client.connected();
  const send = (messageId: number, topic: string, payload: string) =>
    client.send({ cmd: 'publish', topic, payload, qos: 1, messageId, dup: false, retain: false });
  send(1, 'tailrace/ingest/a', '{"nothing":1}');
  send(2, 'tailrace/ingest/a', '{broken');
  send(3, 'elsewhere', 'x');
  send(4, 'tailrace/ingest/%zz', 'x');
  send(5, 'tailrace/ingest/a', 'good');
  await until('five answers', () => client.packets.filter(({ cmd }) => cmd === 'puback').length === 5);
  const answers = client.packets.flatMap((packet) =>
    packet.cmd === 'puback' ? [[packet.messageId, packet.reasonCode]] : [],
  );
  expect(answers).toEqual([
    [1, 0x99],
    [2, 0x99],
    [3, 0x87],
    [4, 0x90],
    [5, 0],
  ]);
  client.send({
    cmd: 'subscribe',
    messageId: 9,
    subscriptions: [
      { topic: '$share/g/tailrace/#', qos: 1 },
      { topic: 'a#', qos: 1 },
      { topic: 'tailrace/logs/+/fatal', qos: 2 },
    ],
  });
  await client.has('suback');
  expect(client.packets.find(({ cmd }) => cmd === 'suback')).toMatchObject({ granted: [0x9e, 0x8f, 1] });
  client.socket.destroy();
});

test('who is not let in is told why in a sentence, if it takes packets so long', async () => {
  const own = await startInProcess('socket', { ...SETTINGS, TAILRACE_CONNECTIONS_MAX: '1' });
  try {
    await openReady({ protocolVersion: 5 }, 'tcp', own);
    const answerTo = async (properties: Record<string, unknown>): Promise<Packet | undefined> => {
      const client = raw(own);
      await client.connected({ properties });
      client.socket.destroy();
      return client.packets[0];
    };
    expect(await answerTo({})).toMatchObject({
      reasonCode: 0x97,
      properties: { reasonString: 'the server has as many streams as it takes: 1' },
    });
    const short = await answerTo({ maximumPacketSize: 20 });
    expect(short).toMatchObject({ reasonCode: 0x97 });
    expect(short).not.toHaveProperty('properties.reasonString');
  } finally {
    await own.close();
  }
});

test('while the store is away nothing is acknowledged, and what was held is when it is stored', async () => {
  const store = new FaultyStore();
  const settings = { ...SETTINGS, TAILRACE_BREAKER_COOLDOWN_MS: '200', TAILRACE_HELD_EVENTS_MAX: '1000' };
  const own = await startInProcess('socket', settings, { wrapHistory: store.wrap });
  try {
    const client = await openReady({ protocolVersion: 5 }, 'tcp', own);
    await client.mqtt.publishAsync('tailrace/ingest/a', 'before', { qos: 1 });
    store.isDown = true;
    const answers: string[] = [];
    const again = async (): Promise<void> => {
      const sender = await openReady({ protocolVersion: 5 }, 'tcp', own);
      sender.mqtt.publishAsync('tailrace/ingest/a', 'during', { qos: 1 }).then(
        () => answers.push(`acknowledged ${own.runtime.journal.durableSeq >= own.runtime.journal.headSeq}`),
        () => undefined,
      );
      await pause(150);
    };
    for (let tries = 0; tries < 15 && own.runtime.journal.held.events === 0; tries += 1) await again();
    expect(own.runtime.journal.held.events).toBeGreaterThan(0);
    expect(answers).toEqual([]);
    store.isDown = false;
    await until('the acknowledgement', () => answers.length > 0);
    expect(answers[0]).toBe('acknowledged true');
  } finally {
    await own.close();
  }
});

test('a client that has been silent for one and a half of its keep alive is given up', async () => {
  const client = raw();
  await client.connected({ keepalive: 1 });
  await until('the end', () => client.state.closed, 5000);
  expect(client.packets.at(-1)).toMatchObject({ cmd: 'disconnect', reasonCode: 0x8d });
});

test('control frames come to whoever subscribes to them', async () => {
  const client = await openReady();
  await client.mqtt.subscribeAsync('tailrace/control/#');
  await until('a heartbeat', () => client.messages.some(({ topic }) => topic === 'tailrace/control/heartbeat'));
  expect(client.messages[0]).toMatchObject({ topic: 'tailrace/control/stream', data: { event: 'stream' } });
});

test('a client that takes nothing costs a bounded amount, and the others nothing', async () => {
  const slow = raw();
  await slow.connected();
  slow.send({ cmd: 'subscribe', messageId: 1, subscriptions: [{ topic: 'tailrace/logs/flood/+', qos: 0 }] });
  await slow.has('suback');
  slow.socket.pause();
  const quick = new SseClient(server.url, { query: '?service=flood', keepFrames: false });
  await until('live', () => quick.ledger.cursor >= 0);
  const flood = Array.from({ length: 500 }, (_, index) => ({
    ...log(String(index), 'flood'),
    message: 'x'.repeat(4000),
  }));
  for (let round = 0; round < 12; round += 1) await publish(server.url, flood);
  await quick.events(6000);
  const session = [...server.runtime.hub.sessions.values()].find(
    ({ life, peer }) => peer.transport === 'mqtt' && life.activity === 'lagging',
  );
  expect(session?.writer.queuedBytes).toBeLessThan(8 * 1024 * 1024);
  slow.socket.resume();
  const publishes = () => slow.packets.filter(({ cmd }) => cmd === 'publish').length;
  await until('everything', () => publishes() === 6000, 30_000);
  quick.close();
  slow.socket.destroy();
});

test('a gap is told, and the stream goes on after it', async () => {
  const own = await startInProcess('socket', { ...SETTINGS, TAILRACE_RING_EVENTS: '100' });
  try {
    const kept = { clean: false, clientId: named(), protocolVersion: 4 } as const;
    const first = await openReady(kept, 'tcp', own);
    await first.mqtt.subscribeAsync(['tailrace/logs/#', 'tailrace/control/stream'], { qos: 1 });
    await publish(own.url, several(0, 10));
    await until('ten events', () => numbers(first).length === 10);
    await first.mqtt.endAsync();
    await publish(own.url, several(10, 3010));
    const { journal, onError } = own.runtime;
    const loop = new RetentionLoop({ journal, limits: { ageMs: 1e12, bytesMax: 1 }, now: Date.now, onError });
    await until('retention to be done', () => journal.oldestSeq > 2000);
    loop.stop();
    const second = await openReady(kept, 'tcp', own);
    await until('the stream frame', () => second.messages.length > 0);
    const frame = second.messages[0]?.data as { data?: Record<string, unknown> };
    expect(frame.data).toMatchObject({ state: 'gap', reason: 'retention' });
    const missed = Number(frame.data?.['missed']);
    await until('the rest', () => numbers(second).length === 3000 - missed);
    expect(numbers(second)).toEqual(several(10 + missed, 3010).map(({ attributes }) => attributes.n));
  } finally {
    await own.close();
  }
});

test('a restart is told, and sessions survive it: nothing is lost, and what comes again says so', async () => {
  const settings = { TAILRACE_MQTT_PORT: String(await freePort()), TAILRACE_GRPC_PORT: 'off' };
  let own = await ServerProcess.start({ environment: settings });
  const { dataDir, url } = own;
  const port = Number(new URL(url).port);
  const client = mqtt.connect(`mqtt://127.0.0.1:${settings.TAILRACE_MQTT_PORT}`, {
    ...{ clean: false, clientId: named(), protocolVersion: 5, reconnectPeriod: 100, resubscribe: false },
    properties: { sessionExpiryInterval: 3600 },
  });
  opened.push(client);
  const seen = new Set<string>();
  const unmarked: string[] = [];
  const reasons: unknown[] = [];
  client.on('message', (_topic, payload, { dup }) => {
    const { n } = JSON.parse(payload.toString()).attributes;
    if (seen.has(n) && !dup) unmarked.push(n);
    seen.add(n);
  });
  client.on('disconnect', ({ reasonCode }) => reasons.push(reasonCode));
  client.on('error', () => undefined);
  await new Promise((resolve) => client.once('connect', resolve));
  await client.subscribeAsync('tailrace/logs/#', { qos: 1 });
  try {
    for (let round = 0; round < 2; round += 1) {
      await until('the client to be back', () => client.connected);
      await publish(url, several(round * 500, round * 500 + 500));
      own.signal('SIGTERM');
      await own.exited();
      own = await ServerProcess.start({ environment: settings, dataDir, port });
    }
    await publish(url, several(1000, 1100));
    await until('everything', () => seen.size >= 1100);
    await pause(300);
    expect([...seen]).toEqual(several(0, 1100).map(({ attributes }) => attributes.n));
    expect(unmarked).toEqual([]);
    // The last of them may be lost with the process that ends.
    expect(new Set(reasons)).toEqual(new Set([0x8b]));
  } finally {
    await client.endAsync(true);
    await own.stop();
    await rm(dataDir, { recursive: true, force: true });
  }
}, 240_000);

test('a server that is killed again and again loses nothing of what it has acknowledged, for any session', async () => {
  const settings = { TAILRACE_MQTT_PORT: String(await freePort()), TAILRACE_GRPC_PORT: 'off' };
  let own = await ServerProcess.start({ environment: settings });
  const { dataDir, url } = own;
  const address = `mqtt://127.0.0.1:${settings.TAILRACE_MQTT_PORT}`;
  const kept = { clean: false, reconnectPeriod: 50, resubscribe: false } as const;
  const readers = ([4, 5] as const).map((protocolVersion) => {
    const properties = { sessionExpiryInterval: 3600 };
    const client = mqtt.connect(address, { ...kept, clientId: named(), protocolVersion, properties });
    const seen = new Map<string, number>();
    client.on('message', (_topic, payload) => {
      const { n } = JSON.parse(payload.toString()).attributes;
      seen.set(n, (seen.get(n) ?? 0) + 1);
    });
    client.on('error', () => undefined);
    opened.push(client);
    return { client, seen };
  });
  const sender = mqtt.connect(address, { ...kept, clientId: named() });
  sender.on('error', () => undefined);
  opened.push(sender);
  const acknowledged = new Set<string>();
  try {
    for (const { client } of readers) {
      await client.subscribeAsync('tailrace/logs/#', { qos: 1 });
    }
    let stopped = false;
    let count = 0;
    const sending = (async () => {
      while (!stopped) {
        const n = String(count++);
        await sender.publishAsync('tailrace/ingest/api', JSON.stringify(log(n)), { qos: 1 });
        acknowledged.add(n);
      }
    })();
    for (let kill = 0; kill < 3; kill += 1) {
      await pause(700);
      await own.kill();
      own = await ServerProcess.start({ environment: settings, dataDir, port: Number(new URL(url).port) });
      await until('more to be acknowledged', () => sender.connected);
    }
    await pause(300);
    stopped = true;
    await sending;
    expect(acknowledged.size).toBeGreaterThan(20);
    for (const { seen } of readers) {
      await until('everything acknowledged', () => [...acknowledged].every((n) => seen.has(n)));
    }
  } finally {
    await Promise.all([...readers.map(({ client }) => client.endAsync(true)), sender.endAsync(true)]);
    await own.stop();
    await rm(dataDir, { recursive: true, force: true });
  }
}, 240_000);

test('nothing is left when all have gone', async () => {
  for (const client of opened.splice(0)) client.end(true);
  await until('the last to be gone', () => server.runtime.hub.connections === 0);
  await until('the timer to be released', () => server.runtime.ledger.held('wheel-slot') === 0);
  expect(server.runtime.ledger.leaked).toBe(0);
});
