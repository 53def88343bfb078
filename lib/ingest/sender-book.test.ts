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

const id = (protocol: string, address: string) => ({ protocol, address });

test('the sums of a protocol do not fall when a sender is forgotten', () => {
  let nowMs = 1000;
  const book = new SenderBook(() => nowMs);
  for (let sender = 0; sender < 1200; sender += 1) {
    nowMs += 1;
    const each = book.of(id(sender % 2 === 0 ? 'syslog' : 'loki', `10.0.${sender >> 8}.${sender & 255}`));
    each.requests += 1;
    each.accept(2, nowMs);
    each.receive(10, nowMs);
  }
  expect(book.forgotten).toBe(200);
  expect(book.rows()).toHaveLength(1000);
  expect(book.protocols()).toMatchObject([
    { protocol: 'loki', senders: 500, requests: 600, accepted: 1200, bytes: 6000, lastAddress: '10.0.4.175' },
    { protocol: 'syslog', senders: 500, requests: 600, accepted: 1200, bytes: 6000, lastAddress: '10.0.4.174' },
  ]);
});

test('the last error of a protocol is the newest of any of its senders', () => {
  let nowMs = 1000;
  const book = new SenderBook(() => nowMs);
  book.of(id('otlp', 'a')).tell('older', 1500, 400);
  book.of(id('otlp', 'b')).tell('newer', 1600, 413);
  nowMs = 2000;
  book.of(id('otlp', 'a')).accept(1, nowMs);
  expect(book.protocols()).toMatchObject([
    { lastAddress: 'a', lastMs: 2000, lastError: { says: 'newer', status: 413 } },
  ]);
});

test('the last ten different errors of a sender are kept, and one that is repeated is counted', () => {
  const sender = new SenderBook(() => 0).of(id('events', 'a'));
  for (let time = 0; time < 1000; time += 1) sender.reject('not valid JSON', time);
  expect(sender.errors).toEqual([{ atMs: 999, says: 'not valid JSON', count: 1000 }]);
  sender.tell('too many', 1000, 429);
  sender.reject('not valid JSON', 1001);
  expect(sender.errors.map(({ says, count }) => [says, count])).toEqual([
    ['not valid JSON', 1001],
    ['too many', 1],
  ]);
  for (let time = 0; time < 30; time += 1) sender.tell(`error ${time}`, time, 503);
  expect(sender.errors.map(({ says }) => says)).toEqual(Array.from({ length: 10 }, (_, n) => `error ${29 - n}`));
  expect(sender.row(0).lastError).toEqual({ atMs: 29, says: 'error 29', status: 503, count: 1 });
  sender.tell('x'.repeat(5000), 1);
  expect(sender.row(0).lastError?.says).toHaveLength(500);
});
