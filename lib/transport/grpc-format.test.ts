import { fileURLToPath } from 'node:url';
import { loadSync } from '@grpc/proto-loader';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type PreparedEvent, prepareEvent } from '@/lib/core/prepared-event.ts';
import { eventInput } from '@/lib/core/testing/arbitraries.ts';
import { prepareMessage } from '@/lib/wire/proto/event-message.ts';
import type { EventMessage } from '@/lib/wire/proto/messages.ts';
import { type FrameCodec, makeGrpcFormat, messagesOf, readGoodbye } from './grpc-format.ts';

const PROTO = fileURLToPath(new URL('../wire/proto/tailrace/v1/tailrace.proto', import.meta.url));
const loaded = loadSync(PROTO, { longs: Number, defaults: true, oneofs: true });
const codec = loaded['tailrace.v1.StreamFrame'] as unknown as FrameCodec;
const format = makeGrpcFormat(codec);
const NOW_MS = Date.UTC(2026, 0, 1);

function decode(bytes: Uint8Array): Record<string, unknown> {
  return codec.deserialize(Buffer.from(bytes)) as Record<string, unknown>;
}
function eventsIn(bytes: Uint8Array): EventMessage[] {
  return [...messagesOf(bytes)].flatMap((message) => {
    return (decode(message)['events'] as { events: EventMessage[] }).events;
  });
}
function only(bytes: Uint8Array): Uint8Array {
  const [message, ...more] = messagesOf(bytes);
  expect(more).toEqual([]);
  return message ?? new Uint8Array(0);
}
const anyEvent = eventInput
  .map((input) => prepareEvent(input, NOW_MS))
  .filter((prepared) => prepared.ok)
  .map((prepared) => (prepared as { event: PreparedEvent }).event);

test('every event comes back as it was stored, with its place and the place before it', () => {
  const property = fc.property(
    fc.array(anyEvent, { minLength: 1, maxLength: 6 }),
    fc.nat(1000),
    fc.nat(6),
    (events, previous, stored) => {
      const placed = events.map((event, index) => ({ ...event, seq: previous + 1 + index }));
      const messages = eventsIn(format.events('Ab3dE6gH', previous, placed, previous + stored));
      expect(messages).toHaveLength(events.length);
      for (const [index, message] of messages.entries()) {
        expect(message.position).toBe(`Ab3dE6gH.${previous + 1 + index}`);
        expect(message.prev).toBe(`Ab3dE6gH.${previous + index}`);
        expect(message.durable).toBe(index + 1 <= stored);
        const { flags, ...body } = JSON.parse(events[index]?.body ?? '') as { flags?: string[] };
        expect(message.flags).toEqual(flags ?? []);
        // What is read may be published again, and is the same event.
        const again = prepareMessage(message, NOW_MS);
        expect(again.ok && JSON.parse(again.event.body)).toEqual(body);
      }
    },
  );
  fc.assert(property, { numRuns: 300 });
});

test('without a mark every event is stored', () => {
  const [event] = eventsIn(
    format.events('Ab3dE6gH', 0, [{ seq: 5, kind: 'log', body: '{"kind":"log","message":"m"}' }]),
  );
  expect(event).toMatchObject({ durable: true, prev: 'Ab3dE6gH.0', position: 'Ab3dE6gH.5' });
});

test.each([
  [
    'stream' as const,
    {
      ...{ state: 'gap' as const, connectionId: 'c', epoch: 'e', head: 'e.9', from: 'e.3', missed: 2 ** 40 },
      ...{ reason: 'retention' as const, heartbeatMs: 15_000 },
    },
  ],
  ['live' as const, { head: 'e.9' }],
  ['gap' as const, { from: 'e.1', to: 'e.5', missed: 4, reason: 'retention' as const }],
  ['heartbeat' as const, { time: '2026-01-01T00:00:00.000Z', head: 'e.9', ackMs: 45_000 }],
  ['bye' as const, { code: 2000, reason: 'draining', reconnect: true, retryMs: 86_400_000 }],
])('a frame %s has the names and values that it has in JSON', (name, data) => {
  const frame = decode(only(format.control(name, data as never, 'e.7')));
  expect(frame['frame']).toBe(name);
  expect(frame['id']).toBe('e.7');
  expect(frame[name]).toEqual(data);
});

test('what the protocol has no frame for is no bytes', () => {
  expect(format.retry(2000)).toHaveLength(0);
  expect(format.control('busy', { reason: 'full', retryMs: 1 })).toHaveLength(0);
});

test('only a goodbye is read as one', () => {
  const bye = { code: 3000, reason: 'kicked', reconnect: false, retryMs: 1 };
  expect(readGoodbye(codec, only(format.control('bye', bye)))).toEqual(bye);
  expect(readGoodbye(codec, only(format.control('live', { head: 'e.1' })))).toBeFalsy();
});

test('events come in messages that a line which breaks often can still deliver', () => {
  const events = Array.from({ length: 300 }, (_, index) => {
    const body = JSON.stringify({ kind: 'log', message: 'm'.repeat(index === 100 ? 20_000 : 300) });
    return { seq: index + 1, kind: 'log', body };
  });
  const bytes = format.events('Ab3dE6gH', 0, events);
  expect(eventsIn(bytes).map(({ position }) => position)).toEqual(events.map(({ seq }) => `Ab3dE6gH.${seq}`));
  const sizes = [...messagesOf(bytes)].map((message) => message.length);
  expect(sizes.length).toBeGreaterThan(10);
  expect(sizes.filter((size) => size > 12 * 1024)).toHaveLength(1);
});
