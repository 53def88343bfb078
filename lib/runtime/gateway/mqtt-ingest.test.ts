import fc from 'fast-check';
import { expect, test } from 'vitest';
import { NamedAppends } from '@/lib/ingest/named-appends.ts';
import { MQTT_REASON } from '@/lib/wire/mqtt-reasons.ts';
import { receptionContext } from '../testing/reception-context.ts';
import { MqttIngest } from './mqtt-ingest.ts';

function setUp() {
  const stored: string[] = [];
  const sink = new NamedAppends({
    append: async (events) => {
      const firstSeq = stored.length + 1;
      stored.push(...events.map(({ body }) => JSON.parse(body).message as string));
      await new Promise((resolve) => setImmediate(resolve));
      return { firstSeq, lastSeq: firstSeq + events.length - 1 };
    },
    receipts: async () => [],
  });
  const context = receptionContext(sink, 1_000_000);
  const ingest = new MqttIngest({ ...context, journal: { durableSeq: 0, onCommit: () => () => undefined } });
  const sender = { protocol: 'mqtt', peerAddress: '127.0.0.1', header: () => null };
  const publish = (line: object, text: string | Buffer) =>
    ingest.publish({ sender, line, from: 'me', topic: 'tailrace/ingest/shop', payload: Buffer.from(text) });
  return { stored, publish, row: () => context.senders.rows()[0] };
}

test('what comes by one line is stored in its order, however much a message holds', async () => {
  const message = fc.oneof(fc.integer({ min: 0, max: 3 }), fc.integer({ min: 90, max: 260 }), fc.constant(-1));
  await fc.assert(
    fc.asyncProperty(fc.array(message, { maxLength: 8 }), async (sizes) => {
      const { stored, publish } = setUp();
      const line = {};
      const sent: string[] = [];
      const published = sizes.map((size, index) => {
        // One that is no event at all must not hold up those behind it.
        if (size < 0) return publish(line, '{"broken');
        const messages = Array.from({ length: size }, (_, n) => `${index}.${n}`);
        sent.push(...messages);
        return publish(line, JSON.stringify(messages.map((text) => ({ message: text }))));
      });
      await Promise.all(published);
      expect(stored).toEqual(sent);
    }),
    { seed: 4, numRuns: 50 },
  );
});

test('one line does not wait for another', async () => {
  const { stored, publish } = setUp();
  const large = JSON.stringify(Array.from({ length: 300 }, () => ({ message: 'large' })));
  await Promise.all([publish({}, large), publish({}, '{"message":"small"}')]);
  expect(stored[0]).toBe('small');
});

test('a message that holds no event is refused for good, and counted once', async () => {
  const { publish, row } = setUp();
  expect(await publish({}, Buffer.from([0xff]))).toBe(MQTT_REASON.payloadInvalid);
  expect(row()).toMatchObject({ rejected: 1, lastError: { says: expect.stringContaining('expected a JSON object') } });
});
