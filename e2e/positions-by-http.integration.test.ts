import { expect, test } from 'vitest';
import { EventFactory } from './support/events.ts';
import { startInProcess } from './support/in-process-server.ts';
import { post, publish } from './support/ingest-client.ts';
import { withSeed } from './support/random.ts';

const POSTS = 200;

const seq = (position: string | null): number => Number(position?.split('.')[1]);

test('concurrent senders get ranges of positions that neither overlap nor leave a hole', () =>
  withSeed(async (random) => {
    const server = await startInProcess('socket');
    try {
      const factory = new EventFactory(random);
      const sizes = Array.from({ length: POSTS }, () => random.integer(1, 90));
      const answers = await Promise.all(sizes.map((size) => publish(server.url, factory.many(size))));
      const ranges = answers.map(({ first, last }) => [seq(first), seq(last)] as const).sort(([a], [b]) => a - b);
      let next = 1;
      for (const [first, last] of ranges) {
        expect(first).toBe(next);
        next = last + 1;
      }
      expect(next - 1).toBe(sizes.reduce((sum, size) => sum + size, 0));
      for (const [index, { first, last }] of answers.entries()) expect(seq(last) - seq(first) + 1).toBe(sizes[index]);
    } finally {
      await server.close();
    }
  }));

test('copies of one request with the same Idempotency-Key at the same time are stored once, and hold up nobody', () =>
  withSeed(async (random) => {
    const server = await startInProcess('socket');
    try {
      const factory = new EventFactory(random);
      for (let round = 0; round < 10; round += 1) {
        const events = factory.many(20);
        const copies = Array.from({ length: 8 }, () => post(server.url, events, { key: `round-${round}` }));
        const others = Array.from({ length: 8 }, () => post(server.url, factory.many(5)));
        const answers = await Promise.all(copies);
        expect((await Promise.all(others)).map(({ status }) => status)).toEqual(new Array(8).fill(200));
        expect(answers.map(({ status }) => status)).toEqual(new Array(8).fill(200));
        expect(new Set(answers.map(({ answer }) => answer.first)).size).toBe(1);
      }
      expect(server.runtime.journal.headSeq).toBe(10 * (20 + 8 * 5));
    } finally {
      await server.close();
    }
  }));

test('an Idempotency-Key that is used for other events is refused', async () => {
  const server = await startInProcess('socket');
  try {
    await publish(server.url, [{ message: 'one' }], { key: 'k' });
    const { status, answer } = await post(server.url, [{ message: 'other' }], { key: 'k' });
    expect([status, answer.code]).toEqual([422, 'idempotency-mismatch']);
    expect(server.runtime.journal.headSeq).toBe(1);
  } finally {
    await server.close();
  }
});
