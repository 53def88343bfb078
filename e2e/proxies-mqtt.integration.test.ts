import { setTimeout as sleep } from 'node:timers/promises';
import mqtt, { type IClientOptions, type MqttClient } from 'mqtt';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { PROMPT_MS } from './proxies-bench.ts';
import { EventFactory } from './support/events.ts';
import { type InProcessServer, startInProcess } from './support/in-process-server.ts';
import { publish } from './support/ingest-client.ts';
import { PROXY_NAMES, ProxyProcess, whyNot } from './support/proxies.ts';
import { Random } from './support/random.ts';
import { until } from './support/wait.ts';

type Message = { readonly position: string; readonly attributes?: { readonly n?: string } };
type Subscriber = { readonly client: MqttClient; readonly messages: Message[]; connects: number };

let server: InProcessServer;
let proxy: ProxyProcess | undefined;
const opened: MqttClient[] = [];

beforeAll(async () => {
  server = await startInProcess('socket', { TAILRACE_MQTT_PORT: '0', TAILRACE_TRUSTED_PROXIES: '127.0.0.1' });
});
afterAll(() => server.close());
afterEach(async () => {
  for (const client of opened.splice(0)) client.end(true);
  await proxy?.stop();
  proxy = undefined;
});

/** A client that comes back by itself to the session it had. */
async function subscribe(url: string, service: string, options: IClientOptions = {}): Promise<Subscriber> {
  const session = { clientId: `proxied-${service}`, clean: false, reconnectPeriod: 50, resubscribe: false };
  const client = mqtt.connect(url, { ...session, ...options });
  opened.push(client);
  const subscriber: Subscriber = { client, messages: [], connects: 0 };
  client.on('message', (topic, payload) => {
    if (!topic.startsWith('tailrace/control/')) subscriber.messages.push(JSON.parse(payload.toString()));
  });
  client.on('error', () => undefined);
  client.on('connect', () => {
    subscriber.connects += 1;
  });
  await until('the session', () => subscriber.connects === 1);
  await client.subscribeAsync(`tailrace/logs/${service}/#`, { qos: 1 });
  return subscriber;
}

describe.each(PROXY_NAMES)('%s', (name) => {
  const reason = whyNot(name);
  const say = reason ? ` (${reason})` : '';
  const log = (service: string, n: string) => ({ message: n, service, attributes: { n } });

  test.skipIf(reason)(`MQTT over WebSocket is prompt, and its silence is its own affair${say}`, async () => {
    // The timeouts of the other streams are shorter than the keep-alive.
    proxy = await ProxyProcess.start(name, { upstream: server.url, timeoutS: 1 });
    const service = `mqtt-${name}`;
    const subscriber = await subscribe(`${proxy.url.replace('http', 'ws')}/mqtt`, service, {
      keepalive: 60,
    });
    const { client, messages } = subscriber;
    await publish(server.url, [log(service, 'first')]);
    await until('the first event', () => messages.length === 1, PROMPT_MS);
    await sleep(3000);
    await client.publishAsync(`tailrace/ingest/${service}`, JSON.stringify(log(service, 'second')), { qos: 1 });
    await until('what it has sent itself', () => messages.length === 2, PROMPT_MS);
    expect(messages.map(({ attributes }) => attributes?.n)).toEqual(['first', 'second']);
    expect(subscriber.connects).toBe(1);
  });

  test.skipIf(reason)(`a session of QoS 1 outlives a proxy that is killed, without a loss${say}`, async () => {
    const running = await ProxyProcess.start(name, { upstream: server.url });
    proxy = running;
    const service = `mqtt-killed-${name}`;
    const subscriber = await subscribe(`${running.url.replace('http', 'ws')}/mqtt`, service);
    const factory = new EventFactory(new Random(421), `${service}-`);
    const sent: string[] = [];
    const send = async (count: number): Promise<void> => {
      const events = factory.many(count, { kind: 'log', service });
      sent.push(...events.map(({ attributes }) => attributes.n));
      await publish(server.url, events);
    };
    for (let round = 0; round < 3; round += 1) {
      for (let burst = 0; burst < 20; burst += 1) await send(10);
      await running.kill();
      await send(100);
      await running.run();
    }
    // At least once: what was not acknowledged in time comes again, under the position it had.
    const received = (): string[] => [
      ...new Map(subscriber.messages.map(({ position, attributes }) => [position, attributes?.n ?? ''])).values(),
    ];
    await until('all to have come', () => received().length >= sent.length);
    expect(received()).toEqual(sent);
    expect(subscriber.connects).toBeGreaterThan(1);
  });
});

test.skipIf(whyNot('haproxy'))('with its TLS lines HAProxy ends TLS for MQTT over TCP', async () => {
  const { mqttPort: upstreamMqttPort } = server.gateway;
  proxy = await ProxyProcess.start('haproxy', { upstream: server.url, upstreamMqttPort, tls: true });
  const options = { rejectUnauthorized: false };
  const { messages } = await subscribe(`mqtts://127.0.0.1:${proxy.ports.mqtts}`, 'mqtts', options);
  await publish(server.url, [{ message: 'through TLS', service: 'mqtts' }]);
  await until('the event', () => messages.length === 1, PROMPT_MS);
});
