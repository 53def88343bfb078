import { expect, test } from 'vitest';
import { SenderBook } from './sender-book.ts';

function bookAt(startMs: number) {
  const clock = { nowMs: startMs };
  return { clock, book: new SenderBook(() => clock.nowMs) };
}

test('a sender is known by protocol, address and credential together', () => {
  const { book } = bookAt(0);
  const first = book.of({ protocol: 'toy', address: 'a' });
  expect(book.of({ protocol: 'toy', address: 'a' })).toBe(first);
  const others = [
    book.of({ protocol: 'other', address: 'a' }),
    book.of({ protocol: 'toy', address: 'b' }),
    book.of({ protocol: 'toy', address: 'a', credential: 'key' }),
    book.of({ protocol: 'toy","a', address: '' }),
  ];
  expect(new Set([first, ...others]).size).toBe(5);
  expect(book.rows()).toHaveLength(5);
});

test('of more than a thousand the one that has been silent the longest is forgotten, and counted', () => {
  const { clock, book } = bookAt(0);
  for (let index = 0; index < 1000; index += 1) {
    clock.nowMs = index;
    book.of({ protocol: 'toy', address: `a${index}` });
  }
  clock.nowMs = 1000;
  book.of({ protocol: 'toy', address: 'a0' }).receive(1, clock.nowMs);
  book.of({ protocol: 'toy', address: 'new' });
  const addresses = new Set(book.rows().map(({ address }) => address));
  expect(addresses.size).toBe(1000);
  expect(addresses.has('a0')).toBe(true);
  expect(addresses.has('a1')).toBe(false);
  expect(book.forgotten).toBe(1);
});
