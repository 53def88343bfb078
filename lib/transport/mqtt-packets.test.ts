import fc from 'fast-check';
import { generate, type Packet } from 'mqtt-packet';
import { expect, test } from 'vitest';
import { readConnect, refusal } from './mqtt-connect.ts';
import { PacketError, PacketReader } from './mqtt-packets.ts';

const connect: Packet = { cmd: 'connect', clientId: 'c', protocolId: 'MQTT', protocolVersion: 5, clean: true };
const publish = (payload: string): Packet => ({
  ...{ cmd: 'publish', topic: 'tailrace/ingest/a', payload, qos: 1, messageId: 7, dup: false, retain: false },
});
const bytesOf = (packet: Packet): Buffer => generate(packet, { protocolVersion: 5 });

test('packets are the same wherever the bytes are cut', () => {
  const payloads = fc.array(fc.string({ maxLength: 300 }), { maxLength: 6 });
  fc.assert(
    fc.property(payloads, fc.array(fc.integer({ min: 1, max: 60 }), { minLength: 1 }), (texts, cuts) => {
      const bytes = Buffer.concat([bytesOf(connect), ...texts.map((text) => bytesOf(publish(text)))]);
      const reader = new PacketReader(10_000);
      const packets: Packet[] = [];
      for (let at = 0, cut = 0; at < bytes.length; cut += 1) {
        const size = cuts[cut % cuts.length] ?? 1;
        packets.push(...reader.feed(bytes.subarray(at, at + size)));
        at += size;
      }
      expect(packets.map((packet) => (packet.cmd === 'publish' ? String(packet.payload) : packet.cmd))).toEqual([
        'connect',
        ...texts,
      ]);
    }),
    { seed: 31, numRuns: 300 },
  );
});

test('whatever bytes come, they are packets or a PacketError, and nothing is gathered beyond the limit', () => {
  fc.assert(
    fc.property(fc.array(fc.uint8Array({ maxLength: 80 }), { maxLength: 10 }), (pieces) => {
      const reader = new PacketReader(200);
      try {
        for (const packet of reader.feed(bytesOf(connect))) expect(packet.cmd).toBe('connect');
        for (const piece of pieces)
          for (const packet of reader.feed(Buffer.from(piece))) expect(packet.cmd).toBeTypeOf('string');
      } catch (error) {
        expect(error).toBeInstanceOf(PacketError);
      }
    }),
    { seed: 32, numRuns: 5000 },
  );
});

test('a packet that is too large is refused by its header alone', () => {
  const feed = (): Packet[] => [...new PacketReader(1000).feed(Buffer.from([0x30, 0xff, 0x7f]))];
  expect(feed).toThrow(expect.objectContaining({ isTooLarge: true }));
});

test.each([
  ['a version that is not known', { protocolVersion: 3 }, 0x84],
  ['an authentication method', { properties: { authenticationMethod: 'x' } }, 0x8c],
  ['a name that is too long', { clientId: 'x'.repeat(129) }, 0x85],
  ['no name for a session that 3.1.1 shall keep', { clientId: '', clean: false, protocolVersion: 4 }, 0x85],
  ['a window of nothing', { properties: { receiveMaximum: 0 } }, 0x82],
  ['a will that could not be published', { will: { topic: 'status', payload: 'x', qos: 0, retain: false } }, 0x90],
  ['a will with QoS 2', { will: { topic: 'tailrace/ingest/a', payload: 'x', qos: 2, retain: false } }, 0x9b],
] as const)('a CONNECT with %s is refused', (_title, fields, reason) => {
  expect(readConnect({ ...connect, ...fields } as Parameters<typeof readConnect>[0])).toBe(reason);
});

test('3.1.1 keeps what is not clean for good, 5 as long as it is asked to', () => {
  const read = (fields: object) => readConnect({ ...connect, ...fields } as Parameters<typeof readConnect>[0]);
  expect(read({ protocolVersion: 4, clean: false })).toMatchObject({ expiryS: 0xffff_ffff, receiveMax: 1000 });
  expect(read({ protocolVersion: 4 })).toMatchObject({ expiryS: 0 });
  expect(read({ clean: false })).toMatchObject({ expiryS: 0 });
  expect(read({ properties: { sessionExpiryInterval: 60, receiveMaximum: 9 } })).toMatchObject({
    expiryS: 60,
    receiveMax: 9,
  });
  expect(refusal(4, 0x85)).toMatchObject({ returnCode: 2 });
  expect(refusal(4, 0x97)).toMatchObject({ returnCode: 3 });
});
