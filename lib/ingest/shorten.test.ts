import { expect, test } from 'vitest';
import { ATTRIBUTE_VALUE_BYTES_MAX, MESSAGE_BYTES_MAX } from '@/lib/core/event.ts';
import { prepareEvent } from '@/lib/core/prepared-event.ts';
import { shorten } from './shorten.ts';

function shortened(input: unknown) {
  const shorter = shorten(input);
  const prepared = prepareEvent(shorter, 0);
  if (!prepared.ok) throw new Error(prepared.error);
  return JSON.parse(prepared.event.body);
}

test('a message is cut at its greatest length, between characters, and says how long it was', () => {
  const message = '€'.repeat(MESSAGE_BYTES_MAX / 3 + 10);
  const { message: cut, attributes } = shortened({ message, attributes: { n: 1 } });
  expect(message.startsWith(cut)).toBe(true);
  expect(Buffer.byteLength(cut)).toBeGreaterThan(MESSAGE_BYTES_MAX - 3);
  expect(attributes).toEqual({ n: 1, truncatedFromChars: message.length });
});

test('a stack trace among the attributes is cut, and named', () => {
  const { attributes } = shortened({ message: 'x', attributes: { stack: 'at y\n'.repeat(10_000), n: 1 } });
  expect(Buffer.byteLength(attributes.stack)).toBe(ATTRIBUTE_VALUE_BYTES_MAX);
  expect(attributes).toMatchObject({ n: 1, truncatedAttributes: ['stack'] });
});

test('a list that is too long becomes the beginning of its text', () => {
  const { attributes } = shortened({ message: 'x', attributes: { list: Array.from({ length: 9999 }, (_, n) => n) } });
  expect(attributes.list.startsWith('[0,1,2,')).toBe(true);
});

test('of too many attributes the first are kept, and the others counted; one with an endless key is one of those', () => {
  const many = Object.fromEntries(Array.from({ length: 200 }, (_, n) => [`k${n}`, n]));
  expect(shortened({ message: 'x', attributes: many }).attributes).toMatchObject({
    k0: 0,
    k124: 124,
    droppedAttributes: 75,
  });
  expect(shortened({ message: 'x', attributes: { ['k'.repeat(300)]: 1 } }).attributes).toEqual({
    droppedAttributes: 1,
  });
});

test('what is wrong in another way is left to be refused', () => {
  expect(shorten({ message: 'x' })).toBeUndefined();
  expect(shorten({ message: 1, attributes: [] })).toBeUndefined();
  expect(shorten('x')).toBeUndefined();
});
