import { createParser, type EventSourceMessage } from 'eventsource-parser';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { formatPosition } from '@/lib/core/position.ts';
import { eventInput, nastyText, prepared } from '@/lib/core/testing/arbitraries.ts';
import { encodeControl, encodeEvents, encodeRetry } from './sse.ts';

type Parsed = { messages: EventSourceMessage[]; errors: unknown[]; retries: number[]; comments: string[] };

/** What an independent parser makes of the bytes, cut at any places. */
function parse(bytes: Uint8Array, cuts: readonly number[] = []): Parsed {
  const parsed: Parsed = { messages: [], errors: [], retries: [], comments: [] };
  const parser = createParser({
    onEvent: (message) => parsed.messages.push(message),
    onError: (error) => parsed.errors.push(error),
    onRetry: (retry) => parsed.retries.push(retry),
    onComment: (comment) => parsed.comments.push(comment),
  });
  const decoder = new TextDecoder();
  const places = [0, ...cuts.map((cut) => cut % (bytes.length + 1)).sort((a, b) => a - b), bytes.length];
  for (let index = 1; index < places.length; index += 1) {
    parser.feed(decoder.decode(bytes.subarray(places[index - 1], places[index]), { stream: true }));
  }
  return parsed;
}

test('whatever senders write, the parser finds exactly the events that were put in', () => {
  fc.assert(
    fc.property(
      fc.array(eventInput, { maxLength: 5 }),
      fc.integer({ min: 0, max: 1e9 }),
      fc.array(fc.nat(), { maxLength: 4 }),
      (inputs, previous, cuts) => {
        const events = inputs.map((input, index) => {
          const { kind, body } = prepared(input);
          return { kind, body, seq: previous + 2 * (index + 1) };
        });
        const { messages, ...rest } = parse(encodeEvents('AAAAAAAA', previous, events, Number.POSITIVE_INFINITY), cuts);
        expect(rest).toEqual({ errors: [], retries: [], comments: [] });
        expect(messages.map(({ id, event, data }) => ({ id, event, data: JSON.parse(data) }))).toEqual(
          events.map(({ kind, body, seq }, index) => ({
            id: formatPosition('AAAAAAAA', seq),
            event: kind,
            data: {
              position: formatPosition('AAAAAAAA', seq),
              prev: formatPosition('AAAAAAAA', events[index - 1]?.seq ?? previous),
              ...JSON.parse(body),
            },
          })),
        );
      },
    ),
    { seed: 1, numRuns: 1000 },
  );
});

test('no text in a control frame can make another frame', () => {
  fc.assert(
    fc.property(nastyText(), fc.boolean(), (reason, withId) => {
      const data = { code: 2000, reason, reconnect: true, retryMs: 5 };
      const id = withId ? 'AAAAAAAA.7' : undefined;
      const { messages, ...rest } = parse(encodeControl('bye', data, id));
      expect(rest).toEqual({ errors: [], retries: [], comments: [] });
      expect(messages).toHaveLength(1);
      expect(messages[0]).toMatchObject({ id, event: 'bye' });
      expect(JSON.parse(messages[0]?.data ?? '')).toEqual(data);
    }),
    { seed: 2, numRuns: 500 },
  );
});

test('the reconnection delay is a whole number', () => {
  expect(parse(encodeRetry(1999.6)).retries).toEqual([2000]);
});

test('no events are no bytes', () => {
  expect(encodeEvents('AAAAAAAA', 3, [], 0)).toHaveLength(0);
});
