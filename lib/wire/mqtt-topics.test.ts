import fc from 'fast-check';
import { expect, test } from 'vitest';
import { CLOSE_REASONS } from '@/lib/core/close-reason.ts';
import { compileFilter } from '@/lib/core/filter.ts';
import { topicEvent, topicPattern } from '@/lib/core/testing/topic-arbitraries.ts';
import { DISCONNECT_REASONS } from './mqtt-reasons.ts';
import {
  controlTopic,
  eventPattern,
  eventTopic,
  ingestService,
  isSubscription,
  isTopicName,
  meetsTopic,
} from './mqtt-topics.ts';

const subscription = fc.oneof(
  topicPattern.map((pattern) => `tailrace/${pattern}`),
  topicPattern.map((pattern) => `+/${pattern}`),
  fc.constantFrom('#', 'tailrace', '+', 'tailrace/#', 'other/#', '+/+/+/+', 'tailrace/+'),
);

test('a subscription lets through, as a filter, the events whose topics it meets', () => {
  fc.assert(
    fc.property(subscription, topicEvent, (text, event) => {
      const pattern = eventPattern(text);
      const isLetThrough = pattern !== undefined && compileFilter({ topics: [pattern] })(event);
      expect(isLetThrough).toBe(meetsTopic(text, eventTopic(event.kind, event.body)));
    }),
    { seed: 41, numRuns: 5000 },
  );
});

test.each([
  ['tailrace/control/#', true],
  ['tailrace/#', true],
  ['#', true],
  ['tailrace/control/+', true],
  ['tailrace/control/gap', true],
  ['tailrace/control', false],
  ['tailrace/control/gap/#', true],
  ['tailrace/control/live', false],
  ['tailrace/control/gap/+', false],
])('%s meets the topic of a gap: %s', (text, expected) => {
  expect(meetsTopic(text, controlTopic('gap'))).toBe(expected);
});

test.each([
  ['a/+/b', true],
  ['#', true],
  ['a/#', true],
  ['/', true],
  ['a/#/b', false],
  ['a#', false],
  ['+a', false],
  ['', false],
  ['a\u0000', false],
  ['a'.repeat(1025), false],
])('%j as a subscription is valid: %s', (text, expected) => {
  expect(isSubscription(text)).toBe(expected);
  expect(isTopicName(text)).toBe(expected && !/[+#]/.test(text));
});

test('only one level below ingest takes events, for the service it names', () => {
  expect(ingestService('tailrace/ingest/a%2Fb')).toBe('a/b');
  for (const topic of ['tailrace/ingest/', 'tailrace/ingest', 'tailrace/ingest/a/b', 'tailrace/ingest/%zz', 'a']) {
    expect(ingestService(topic)).toBeUndefined();
  }
});

test('every end that the server decides has a reason that a DISCONNECT can say', () => {
  for (const [reason, { side }] of Object.entries(CLOSE_REASONS)) {
    const code = DISCONNECT_REASONS[reason as keyof typeof DISCONNECT_REASONS];
    if (side === 'server') expect(code, reason).toBeGreaterThanOrEqual(0x80);
  }
});
