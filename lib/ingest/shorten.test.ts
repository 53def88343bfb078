import { expect, test } from 'vitest';
import {
  ATTRIBUTE_KEY_CHARS_MAX,
  ATTRIBUTE_VALUE_BYTES_MAX,
  ATTRIBUTES_MAX,
  MESSAGE_BYTES_MAX,
} from '@/lib/core/event.ts';
import { prepareEvent } from '@/lib/core/prepared-event.ts';
import { shorten } from './shorten.ts';

function cutEvent(input: object) {
  const cut = shorten(input);
  const prepared = prepareEvent(cut, 0);
  if (!prepared.ok) throw new Error(prepared.error);
  return JSON.parse(prepared.event.body);
}

test.each<[string, unknown]>([
  ['what fits', { message: 'm', attributes: { a: 1 } }],
  ['no event', 3],
  ['nothing', null],
  ['attributes that are none', { message: 'm', attributes: ['x'] }],
])('%s is left as it is', (_title, input) => {
  expect(shorten(input)).toBeUndefined();
});

test('a text is cut at a character, with a note of how long it was', () => {
  const message = 'é'.repeat(MESSAGE_BYTES_MAX);
  const event = cutEvent({ message, attributes: { a: 1 } });
  expect(Buffer.byteLength(event.message)).toBe(MESSAGE_BYTES_MAX);
  expect(event.attributes).toEqual({ a: 1, truncatedFromChars: MESSAGE_BYTES_MAX });
});

test('an attribute is cut, an object as its JSON, and both are named', () => {
  const stack = 'at line\n'.repeat(ATTRIBUTE_VALUE_BYTES_MAX);
  const event = cutEvent({ message: 'm', attributes: { stack, whole: 'w', labels: { deep: stack } } });
  expect(event.attributes.whole).toBe('w');
  expect(event.attributes.truncatedAttributes).toEqual(['stack', 'labels']);
  expect(stack.startsWith(event.attributes.stack)).toBe(true);
  expect(event.attributes.labels).toMatch(/^\{"deep":"at line/);
});

test.each([0, 1, 50])('of %d attributes too many the last ones are left out and counted', (excess) => {
  const names = Array.from({ length: ATTRIBUTES_MAX + excess }, (_, index) => [`a${index}`, index]);
  const attributes = Object.fromEntries(names);
  const message = 'm'.repeat(MESSAGE_BYTES_MAX + 1);
  const event = cutEvent({ message, attributes });
  const kept = Object.keys(event.attributes).filter((name) => /^a\d/.test(name)).length;
  expect(event.attributes.droppedAttributes).toBe(ATTRIBUTES_MAX + excess - kept);
});

test('a name that is too long is cut as well; two that are one then leave one out', () => {
  const long = 'k'.repeat(ATTRIBUTE_KEY_CHARS_MAX);
  const { attributes } = cutEvent({ message: 'm', attributes: { [`${long}1`]: 1, [`${long}2`]: 2, short: 3 } });
  expect(attributes).toEqual({ [long]: 1, short: 3, truncatedAttributes: [long], droppedAttributes: 1 });
});

test('a name of Object is data here too', () => {
  const attributes = JSON.parse(`{"__proto__":"${'x'.repeat(ATTRIBUTE_VALUE_BYTES_MAX + 1)}"}`);
  expect(Object.keys(cutEvent({ message: 'm', attributes }).attributes)).toContain('__proto__');
});

test('what is nested beyond all measure is left for its depth to be told', () => {
  const deep = JSON.parse(`${'['.repeat(20_000)}${']'.repeat(20_000)}`);
  expect(() => shorten({ message: 'm', attributes: { deep } })).not.toThrow();
});
