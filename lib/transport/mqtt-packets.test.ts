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

test('what a client may send before it is known is less', () => {
  const head = (length: number): Buffer => Buffer.from([0x10, 0x80 | (length % 128), length >> 7]);
  const feed = (reader: PacketReader, bytes: Buffer): Packet[] => [...reader.feed(bytes)];
  const isTooLarge = expect.objectContaining({ isTooLarge: true });
  expect(() => feed(new PacketReader(1000, 100), head(300))).toThrow(isTooLarge);
  const known = new PacketReader(1000, 100);
  expect(feed(known, bytesOf(connect))).toHaveLength(1);
  expect(feed(known, bytesOf(publish('x'.repeat(500))))).toHaveLength(1);
  expect(known.isMidway).toBe(false);
});

test('a packet that comes byte by byte takes no more memory than another', () => {
  const reader = new PacketReader(1_000_000);
  expect([...reader.feed(bytesOf(connect))]).toHaveLength(1);
  const bytes = bytesOf(publish('x'.repeat(50_000)));
  let excess = Number.NEGATIVE_INFINITY;
  for (let at = 0; at < bytes.length - 1; at += 1) {
    for (const packet of reader.feed(bytes.subarray(at, at + 1))) throw new Error(`a ${packet.cmd} too early`);
    excess = Math.max(excess, reader.heldBytes - Math.max(256, 2 * (at + 1)));
  }
  expect(excess).toBeLessThanOrEqual(0);
  expect(reader.isMidway).toBe(true);
  expect([...reader.feed(bytes.subarray(-1))]).toMatchObject([{ cmd: 'publish' }]);
  expect([reader.isMidway, reader.heldBytes]).toEqual([false, 0]);
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
