import fc from 'fast-check';
import { expect, test } from 'vitest';
import { CHUNKS_MS_MAX, ChunkBook, isChunk } from './chunk-book.ts';

/** A message in chunks, as the specification has them. */
function chunksOf(id: string, message: Buffer, count: number): Buffer[] {
  const size = Math.ceil(message.length / count);
  return Array.from({ length: count }, (_, index) =>
    Buffer.concat([
      Buffer.from([0x1e, 0x0f]),
      Buffer.from(id.padEnd(8, '_')),
      Buffer.from([index, count]),
      message.subarray(index * size, (index + 1) * size),
    ]),
  );
}

function opened(limits?: ConstructorParameters<typeof ChunkBook>[1]) {
  const givenUp: string[] = [];
  const book = new ChunkBook((sender, says) => givenUp.push(`${sender}: ${says}`), limits);
  return { book, givenUp };
}

test('messages of several senders, in chunks, in any order, some twice, come out whole and once', () => {
  fc.assert(
    fc.property(
      fc.array(fc.tuple(fc.uint8Array({ minLength: 1, maxLength: 300 }), fc.integer({ min: 1, max: 128 })), {
        minLength: 1,
        maxLength: 5,
      }),
      fc.infiniteStream(fc.nat()),
      (messages, order) => {
        const { book, givenUp } = opened();
        const sent = messages.flatMap(([bytes, count], index) =>
          chunksOf(`m${index >> 1}`, Buffer.from(bytes), count).map((chunk) => ({
            sender: `s${index % 2}`,
            chunk,
            index,
          })),
        );
        const shuffled = sent
          .map((one) => ({ one, key: order.next().value ?? 0 }))
          .sort((a, b) => a.key - b.key)
          .map(({ one }) => one);
        const found = new Map<number, Buffer[]>();
        for (const { sender, chunk, index } of shuffled) {
          const memory = Buffer.from(chunk);
          expect(isChunk(memory)).toBe(true);
          let gathered = book.take(sender, memory, 0);
          // Twice; not after the last of a message, since of a finished one nothing is remembered.
          if (gathered === 'waiting') gathered = book.take(sender, memory, 0);
          memory.fill(0);
          if (gathered !== 'waiting') found.set(index, [...(found.get(index) ?? []), gathered as Buffer]);
        }
        for (const [index, [bytes]] of messages.entries()) {
          expect(found.get(index)?.map((whole) => whole.toString('hex'))).toEqual([Buffer.from(bytes).toString('hex')]);
        }
        expect([book.size, book.bytes, givenUp]).toEqual([0, 0, []]);
      },
    ),
    { seed: 11, numRuns: 300 },
  );
});

test('what is not complete after five seconds is given up, and told', () => {
  const { book, givenUp } = opened();
  const [first, second] = chunksOf('one', Buffer.from('hello'), 3);
  book.take('a', first as Buffer, 0);
  book.take('a', second as Buffer, 1000);
  book.expire(CHUNKS_MS_MAX);
  expect(book.size).toBe(1);
  book.expire(CHUNKS_MS_MAX + 1);
  expect([book.size, book.bytes]).toEqual([0, 0]);
  expect(givenUp).toEqual(['a: a GELF message was given up: 1 of its 3 chunks did not come within 5 s']);
});

test('one sender cannot push out the messages of others', () => {
  const { book, givenUp } = opened({ messagesMax: 100, ofSenderMax: 3, bytesMax: 1e6 });
  book.take('good', chunksOf('g', Buffer.from('abcd'), 2)[0] as Buffer, 0);
  for (let id = 0; id < 50; id += 1) book.take('bad', chunksOf(`b${id}`, Buffer.from('abcd'), 2)[0] as Buffer, 0);
  expect(book.size).toBe(4);
  expect(givenUp).toHaveLength(47);
  expect(book.take('good', chunksOf('g', Buffer.from('abcd'), 2)[1] as Buffer, 0)).toEqual(Buffer.from('abcd'));
});

test('memory is bounded, the oldest go first, and each is counted', () => {
  const { book, givenUp } = opened({ messagesMax: 1000, ofSenderMax: 1000, bytesMax: 10_000 });
  for (let id = 0; id < 100; id += 1) book.take('a', chunksOf(`m${id}`, Buffer.alloc(2000, 'x'), 2)[0] as Buffer, 0);
  expect(book.bytes).toBeLessThanOrEqual(10_000);
  expect(book.size + givenUp.length).toBe(100);
  book.close();
  expect([book.size, book.bytes, givenUp.length]).toEqual([0, 0, 100]);
});

test.each<[string, Buffer]>([
  ['no number', Buffer.from([0x1e, 0x0f, 1, 2])],
  ['none of none', chunkWith(0, 0)],
  ['a number beyond the count', chunkWith(5, 5)],
  ['more than 128', chunkWith(0, 129)],
])('a chunk with %s is refused', (_title, chunk) => {
  const { book } = opened();
  expect(book.take('a', chunk, 0)).toMatchObject({ says: expect.stringContaining('expected a GELF chunk') });
  expect(book.size).toBe(0);
});

function chunkWith(index: number, count: number): Buffer {
  return Buffer.concat([
    Buffer.from([0x1e, 0x0f]),
    Buffer.alloc(8, 'i'),
    Buffer.from([index, count]),
    Buffer.from('x'),
  ]);
}

test('a message whose chunks differ in their count, and one that is too large, are refused', () => {
  const { book } = opened();
  book.take('a', chunkWith(0, 2), 0);
  expect(book.take('a', chunkWith(1, 3), 0)).toMatchObject({ says: expect.stringContaining('differ') });
  const large = Array.from({ length: 128 }, (_, index) => Buffer.concat([chunkWith(index, 128), Buffer.alloc(60_000)]));
  const outcomes = large.map((chunk) => book.take('b', chunk, 0));
  expect(outcomes.some((outcome) => typeof outcome === 'object' && 'says' in outcome)).toBe(true);
  expect(outcomes.some((outcome) => outcome instanceof Buffer)).toBe(false);
});

test('any bytes do no harm', () => {
  fc.assert(
    fc.property(fc.array(fc.uint8Array({ maxLength: 20 }), { maxLength: 30 }), (datagrams) => {
      const { book } = opened({ messagesMax: 5, ofSenderMax: 3, bytesMax: 50 });
      for (const bytes of datagrams) book.take('a', Buffer.concat([Buffer.from([0x1e, 0x0f]), bytes]), 0);
      book.close();
      expect([book.size, book.bytes]).toEqual([0, 0]);
    }),
    { seed: 12, numRuns: 1000 },
  );
});
