import fc from 'fast-check';
import { expect, test } from 'vitest';
import { compileFilter, filterKey, isFilterNone, widenFilter } from './filter.ts';
import { decodeTopicLevel, encodeTopicLevel, filterableOf, subjectOf, topicOf } from './filter-topics.ts';
import { eventInput, prepared } from './testing/arbitraries.ts';
import { topicEvent, topicFilterOf, topicPattern } from './testing/topic-arbitraries.ts';

/** MQTT's own rule (5, §4.7) on whole topics, without any short cut. */
function naive(pattern: string, topic: string): boolean {
  const meets = (wanted: string[], levels: string[]): boolean => {
    const [first, ...rest] = wanted;
    if (first === undefined) return levels.length === 0;
    if (first === '#') return rest.length === 0;
    return levels.length > 0 && (first === '+' || first === levels[0]) && meets(rest, levels.slice(1));
  };
  return meets(pattern.split('/'), topic.split('/'));
}

test('a compiled pattern judges as MQTT matches topics', () => {
  fc.assert(
    fc.property(fc.array(topicPattern, { maxLength: 4 }), topicEvent, (topics, event) => {
      const topic = topicOf(subjectOf(event.kind, event.body));
      expect(compileFilter({ topics })(event)).toBe(topics.some((pattern) => naive(pattern, topic)));
    }),
    { seed: 11, numRuns: 5000 },
  );
});

test('no sender can write an event under the topic of another service, level or name', () => {
  fc.assert(
    fc.property(
      fc.string({ minLength: 1, unit: 'binary' }),
      fc.string({ minLength: 1, unit: 'binary' }),
      (one, other) => {
        const [a, b] = [one.toWellFormed(), other.toWellFormed()].map(encodeTopicLevel) as [string, string];
        expect(a === b).toBe(one.toWellFormed() === other.toWellFormed());
        expect(a).not.toMatch(/[/+#]/);
        // biome-ignore lint/suspicious/noControlCharactersInRegex: none may be left
        expect(a).not.toMatch(/[\u0000-\u001f\u007f-\u009f]/);
        expect(decodeTopicLevel(a)).toBe(one.toWellFormed());
      },
    ),
    { seed: 12, numRuns: 3000 },
  );
});

test('whatever a sender writes, its topic says the service, level and name of its event', () => {
  fc.assert(
    fc.property(eventInput, (input) => {
      const event = prepared(input);
      const body = JSON.parse(event.body);
      const leaf = event.kind === 'log' ? body.level : body.name;
      expect(subjectOf(event.kind, event.body)).toEqual({ kind: event.kind, service: body.service, leaf });
      expect(topicOf(subjectOf(event.kind, event.body)).split('/')).toHaveLength(3);
      const { kind, rank, service } = event;
      expect(filterableOf(kind, event.body)).toEqual({ kind, rank, service, body: event.body });
    }),
    { seed: 13, numRuns: 2000 },
  );
});

test('a level that nothing is encoded as has no text', () => {
  for (const level of ['', '%', '%zz', '%61', '%2f', 'a%', '%ff']) expect(decodeTopicLevel(level)).toBeUndefined();
  expect(decodeTopicLevel('a%2Fb')).toBe('a/b');
});

test('filters with topics that let the same through share a key, and others do not', () => {
  expect(filterKey({ topics: ['b', 'a', 'b'] })).toBe(filterKey({ topics: ['a', 'b'] }));
  expect(filterKey({ topics: [] })).not.toBe(filterKey({}));
  expect(isFilterNone({ topics: [] })).toBe(false);
});

test('no topics let nothing through', () => {
  const judge = compileFilter({ topics: [] });
  for (const event of fc.sample(topicEvent, { seed: 14, numRuns: 50 })) expect(judge(event)).toBe(false);
});

test('a widened filter lets through what either does', () => {
  fc.assert(
    fc.property(topicFilterOf, topicFilterOf, topicEvent, (a, b, event) => {
      const isLetThrough = compileFilter(a)(event) || compileFilter(b)(event);
      if (isLetThrough) expect(compileFilter(widenFilter(a, b))(event)).toBe(true);
    }),
    { seed: 15, numRuns: 2000 },
  );
});
