import { Duplex } from 'node:stream';
import { generate, type Packet, parser } from 'mqtt-packet';
import { expect, test } from 'vitest';
import { MQTT_REASON } from '@/lib/wire/mqtt-reasons.ts';
import { MqttConnection } from './mqtt-connection.ts';
import type { MqttHost, PublishOutcome } from './mqtt-host.ts';

const MIB = 1024 * 1024;

function setUp() {
  const state = { nowMs: 0, isRefused: false };
  const sent: Packet[] = [];
  const read = parser({ protocolVersion: 5 }).on('packet', (packet: Packet) => sent.push(packet));
  const carrier = new Duplex({
    read: () => undefined,
    write: (bytes, _encoding, done) => {
      read.parse(bytes);
      done();
    },
  });
  const publishing: ((outcome: PublishOutcome) => void)[] = [];
  const host: MqttHost = {
    ...{ packetBytesMax: MIB, publishesMax: 100, now: () => state.nowMs, keep: async () => undefined },
    ...{ maySubscribe: () => true, retainedFor: () => [], onLeft: () => undefined },
    onError: (error) => {
      throw error;
    },
    publish: () => new Promise((resolve) => publishing.push(resolve)),
    // Let in, without a stream: nothing is sent to it.
    admit: async () => ({ isPresent: false, open: () => undefined as never, giveUp: () => undefined }),
  };
  const connection = new MqttConnection(carrier, host);
  const send = async (bytes: Buffer): Promise<void> => {
    carrier.push(bytes);
    await new Promise((resolve) => setImmediate(resolve));
  };
  const connect = (keepalive = 0): Promise<void> =>
    send(generate({ cmd: 'connect', clientId: 'c', protocolId: 'MQTT', protocolVersion: 5, clean: true, keepalive }));
  return { state, carrier, connection, sent, send, connect, publishing };
}

const publish = (bytes: number, messageId: number): Buffer =>
  generate(
    {
      ...{ cmd: 'publish', topic: 'tailrace/ingest/a', qos: 1, dup: false, retain: false },
      messageId,
      payload: Buffer.alloc(bytes),
    },
    { protocolVersion: 5 },
  );

test('a client that sends a byte now and then of a packet without an end is given up', async () => {
  const { state, connection, sent, send, connect } = setUp();
  await connect(10);
  expect(sent).toMatchObject([{ cmd: 'connack', reasonCode: 0 }]);
  const packet = publish(1000, 1);
  for (let at = 0; at < 12; at += 1) {
    await send(packet.subarray(at, at + 1));
    state.nowMs += 5000;
    connection.look(state.nowMs);
    expect(connection.isOver, `after ${at + 1} bytes`).toBe(false);
  }
  state.nowMs += 5000;
  connection.look(state.nowMs);
  expect(sent.at(-1)).toMatchObject({ cmd: 'disconnect', reasonCode: MQTT_REASON.keepAliveTimeout });
  expect(connection.isOver).toBe(true);
});

test('one that sends packet after packet, each of them slowly, is not', async () => {
  const { state, connection, send, connect, publishing } = setUp();
  await connect();
  for (let id = 1; id < 20; id += 1) {
    const packet = publish(10, id);
    // Each ends together with the beginning of the next.
    await send(packet.subarray(id === 1 ? 0 : 4));
    await send(publish(10, id + 1).subarray(0, 4));
    state.nowMs += 50_000;
    connection.look(state.nowMs);
    publishing.at(-1)?.(MQTT_REASON.success);
    await new Promise((resolve) => setImmediate(resolve));
  }
  expect([connection.isOver, publishing.length]).toEqual([false, 19]);
});

test('what is being stored of one client is bounded in bytes too', async () => {
  const { carrier, send, connect, publishing } = setUp();
  await connect();
  for (let id = 1; id <= 6; id += 1) await send(publish(MIB - 100, id));
  expect([publishing.length, carrier.isPaused()]).toEqual([5, true]);
  publishing[0]?.(MQTT_REASON.success);
  publishing[1]?.(MQTT_REASON.success);
  await expect.poll(() => publishing.length).toBe(6);
  expect(carrier.isPaused()).toBe(false);
});

test('somebody who is not known sends a short CONNECT, or none', async () => {
  const { sent, send, carrier } = setUp();
  await send(Buffer.from([0x10, 0x80, 0x80, 0x20]));
  expect(sent).toMatchObject([{ cmd: 'connack' }]);
  await expect.poll(() => carrier.writableEnded).toBe(true);
});
