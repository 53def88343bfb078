import { PassThrough } from 'node:stream';
import fc from 'fast-check';
import { type IPublishPacket, parser as makeParser } from 'mqtt-packet';
import { expect, test } from 'vitest';
import { prepared } from '@/lib/core/testing/arbitraries.ts';
import { mqttFormat, publishMarks } from './mqtt-format.ts';
import { MqttOutbox, type OutboxOptions } from './mqtt-outbox.ts';
import { InFlightWindow } from './mqtt-window.ts';

const logs = (from: number, count: number) =>
  Array.from({ length: count }, (_, index) => {
    const seq = from + index;
    const level = seq % 3 === 0 ? 'info' : 'warn';
    const { kind, body } = prepared({ message: `m${seq}`, service: 'a', level });
    return { seq, kind, body };
  });
/** Two of three events ask for an acknowledgement. */
const format = mqttFormat(5, ['tailrace/logs/+/warn']);

function setUp(options: Partial<OutboxOptions> & { max?: number; firstId?: number } = {}) {
  const carrier = new PassThrough({ highWaterMark: 1e9 });
  const received: IPublishPacket[] = [];
  const parser = makeParser({ protocolVersion: 5 });
  parser.on('packet', (packet) => received.push(packet as IPublishPacket));
  carrier.on('data', (bytes: Buffer) => parser.parse(bytes));
  const state = { ready: 0, losses: 0, tooLarge: 0, destroyed: false };
  const window = new InFlightWindow(options.max ?? 4, options.firstId);
  const outbox = new MqttOutbox({
    carrier,
    window,
    packetBytesMax: 1e9,
    resentTo: 0,
    wants: () => true,
    retained: () => undefined,
    onReady: () => {
      state.ready += 1;
    },
    end: () => undefined,
    destroy: () => {
      state.destroyed = true;
    },
    onTooLarge: () => {
      state.tooLarge += 1;
    },
    onLoss: () => {
      state.losses += 1;
    },
    ...options,
  });
  const flush = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
  const seqOf = ({ payload }: IPublishPacket): number => Number(JSON.parse(String(payload)).position.split('.')[1]);
  return { outbox, window, received, state, flush, seqOf };
}

test('a chunk knows where each of its packets ends, and where its identifier is', () => {
  const chunk = format.events('AAAAAAAA', 0, logs(1, 5));
  const marks = publishMarks(chunk) ?? [];
  expect(marks.map(({ seq, idAt, before }) => [seq, idAt > 0, before])).toEqual([
    [1, true, 0],
    [2, true, 1],
    [3, false, 2],
    [4, true, 3],
    [5, true, 4],
  ]);
  expect(marks.at(-1)?.end).toBe(chunk.length);
  for (const { idAt } of marks) if (idAt > 0) expect(Buffer.from(chunk).readUInt16BE(idAt)).toBe(1);
});

test('clients that ask for the same share one format', () => {
  expect(mqttFormat(5, ['b', 'a', 'b'])).toBe(mqttFormat(5, ['a', 'b']));
  expect(mqttFormat(4, ['a'])).not.toBe(mqttFormat(5, ['a']));
});

test('identifiers are written into the copy of a client, never into what all of them share', async () => {
  const chunk = format.events('AAAAAAAA', 0, logs(1, 5));
  const before = Buffer.from(chunk);
  const { outbox, received, flush } = setUp({ firstId: 65_534 });
  expect(outbox.write(chunk, 'events')).toBe(false);
  await flush();
  expect(Buffer.from(chunk).equals(before)).toBe(true);
  expect(received.map(({ messageId }) => messageId)).toEqual([65_534, 65_535, undefined, 1, 2]);
});

test('a full window holds the rest, and the cursor stays before what is not acknowledged', async () => {
  const { outbox, window, received, state, flush, seqOf } = setUp({ max: 2 });
  expect(outbox.write(format.events('AAAAAAAA', 0, logs(1, 5)), 'events')).toBe(false);
  await flush();
  expect(received.map(seqOf)).toEqual([1, 2, 3]);
  expect(outbox.before).toBe(0);
  window.acknowledge(1);
  outbox.release();
  await flush();
  expect(received.map(seqOf)).toEqual([1, 2, 3, 4]);
  expect([outbox.before, state.ready]).toEqual([1, 0]);
  for (const id of [2, 3, 4]) {
    window.acknowledge(id);
    outbox.release();
  }
  await flush();
  expect(received.map(seqOf)).toEqual([1, 2, 3, 4, 5]);
  expect([outbox.before, state.ready]).toEqual([undefined, 1]);
});

test('with any window and any order of acknowledgements each event comes once, in order, and the cursor is never ahead', async () => {
  const sizes = fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 8 });
  const property = fc.asyncProperty(
    fc.integer({ min: 1, max: 5 }),
    sizes,
    fc.infiniteStream(fc.nat()),
    async (max, counts, choices) => {
      const { outbox, window, received, flush, seqOf } = setUp({ max });
      const taken = new Set<number>();
      let last = 0;
      for (const count of counts) {
        let isReady = outbox.write(format.events('AAAAAAAA', last, logs(last + 1, count)), 'events');
        last += count;
        await flush();
        while (!isReady) {
          const open = received.filter(({ qos, messageId }) => qos === 1 && !taken.has(messageId ?? 0));
          const next = open[(choices.next().value ?? 0) % open.length];
          const unacknowledged = open.map(seqOf)[0] ?? last + 1;
          expect(outbox.before ?? last).toBeLessThan(unacknowledged);
          window.acknowledge(next?.messageId ?? 0);
          taken.add(next?.messageId ?? 0);
          outbox.release();
          await flush();
          isReady = window.room > 0 && received.length === last;
        }
      }
      expect(received.map(seqOf)).toEqual(Array.from({ length: last }, (_, index) => index + 1));
    },
  );
  await fc.assert(property, { seed: 21, numRuns: 60 });
});

test('after a resumption what was sent comes again marked, and what is sent at most once does not', async () => {
  const { outbox, received, flush, seqOf } = setUp({ resentTo: 3, firstId: 9 });
  outbox.write(format.events('AAAAAAAA', 0, logs(1, 6)), 'events');
  await flush();
  expect(received.map((packet) => [seqOf(packet), packet.messageId, packet.dup])).toEqual([
    [1, 9, true],
    [2, 10, true],
    [4, 11, false],
    [5, 12, false],
    [6, undefined, false],
  ]);
});

test('a page is written in runs of whole packets, none much longer than it must be', async () => {
  const carrier = new PassThrough({ highWaterMark: 1e9 });
  const written: Buffer[] = [];
  carrier.on('data', (bytes: Buffer) => written.push(bytes));
  const { outbox, flush, seqOf } = setUp({ carrier, max: 1e4 });
  const page = format.events('AAAAAAAA', 0, logs(1, 1000));
  const longest = Math.max(
    ...(publishMarks(page) ?? []).map(({ end }, index, all) => end - (all[index - 1]?.end ?? 0)),
  );
  outbox.write(page, 'events');
  // Past its socket's buffer it writes on when that has drained.
  await flush();
  const seqs = written.flatMap((run) => {
    expect(run.length).toBeLessThan(8 * 1024 + longest);
    const parser = makeParser({ protocolVersion: 5 });
    const packets: IPublishPacket[] = [];
    parser.on('packet', (packet) => packets.push(packet as IPublishPacket));
    // Nothing of the last packet is left for the next run.
    expect(parser.parse(run)).toBe(0);
    return packets.map(seqOf);
  });
  expect(seqs).toEqual(Array.from({ length: 1000 }, (_, index) => index + 1));
  expect(written.length).toBeLessThanOrEqual(Math.ceil(page.length / (8 * 1024)));
});

test('a packet that its client does not take is left out and told, the others come', async () => {
  const events = logs(1, 3).map((event) =>
    event.seq === 2 ? { ...event, body: event.body.replace('m2', 'x'.repeat(2000)) } : event,
  );
  const { outbox, received, state, flush, seqOf } = setUp({ packetBytesMax: 1000 });
  outbox.write(format.events('AAAAAAAA', 0, events), 'events');
  await flush();
  expect(received.map(seqOf)).toEqual([1, 3]);
  expect(state.tooLarge).toBe(1);
});

test('a stream that begins anew drops what is held and says where to go on', async () => {
  const { outbox, received, flush, seqOf } = setUp({ max: 1 });
  outbox.write(format.events('AAAAAAAA', 0, logs(1, 5)), 'events');
  expect(outbox.restart()).toBe(1);
  await flush();
  expect(received.map(seqOf)).toEqual([1]);
  expect(outbox.before).toBe(0);
});

test('a loss is told at QoS 1 to whoever asks for that, and the cursor waits for it', () => {
  const told = mqttFormat(5, ['tailrace/control/+']);
  const gap = { from: 'AAAAAAAA.10', to: 'AAAAAAAA.20', missed: 10, reason: 'retention' } as const;
  expect(publishMarks(told.control('gap', gap, 'AAAAAAAA.20'))?.[0]).toMatchObject({ before: 10 });
  const stream = { connectionId: 'c', epoch: 'AAAAAAAA', head: 'AAAAAAAA.30', heartbeatMs: 1 } as const;
  const late = { ...stream, state: 'gap', from: 'AAAAAAAA.20', missed: 15 } as const;
  expect(publishMarks(told.control('stream', late))?.[0]).toMatchObject({ before: 5 });
  const live = { ...stream, state: 'live', from: 'AAAAAAAA.20' } as const;
  expect(publishMarks(told.control('stream', live))?.[0]).toMatchObject({ before: undefined, idAt: 0 });
  const { outbox, state } = setUp({ wants: () => false });
  outbox.write(told.control('gap', gap), 'gap');
  outbox.write(told.control('live', { head: 'AAAAAAAA.30' }), 'live');
  expect([state.losses, outbox.before]).toEqual([1, undefined]);
});

test('half a packet is never written: the line is cut instead', () => {
  const { outbox, state } = setUp();
  expect(outbox.write(format.events('AAAAAAAA', 0, logs(1, 2)).subarray(0, 20), 'events')).toBe(false);
  expect(state.destroyed).toBe(true);
});
