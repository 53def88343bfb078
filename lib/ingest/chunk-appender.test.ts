import { expect, test } from 'vitest';
import { prepareEvent } from '@/lib/core/prepared-event.ts';
import { ChunkAppender } from './chunk-appender.ts';
import { IngestTally } from './ingest-tally.ts';
import { type AppendName, type EventSink, NamedAppends, type Placed } from './named-appends.ts';
import { Sender } from './sender.ts';

/** A journal that remembers what was appended under which name. */
function makeSink(): NamedAppends {
  const known = new Map<string, AppendName & Placed>();
  let headSeq = 0;
  return new NamedAppends({
    append: async (events, name) => {
      const placed = { firstSeq: headSeq + 1, lastSeq: headSeq + events.length };
      headSeq = placed.lastSeq;
      if (name) known.set(name.key, { ...name, ...placed });
      return placed;
    },
    receipts: async (keys) => keys.flatMap((key) => known.get(key) ?? []),
  });
}

async function send(sink: NamedAppends, value: number, bodyDigest?: string): Promise<IngestTally> {
  const tally = new IngestTally(new Sender({ protocol: 'test', address: '' }, 0), () => 0);
  const appender = new ChunkAppender({ sink, tally, idempotencyKey: 'key', bodyDigest });
  const prepared = prepareEvent({ kind: 'metric', name: 'n', value }, 0);
  if (!prepared.ok) throw new Error(prepared.error);
  await appender.add([prepared.event], 1);
  await appender.finish();
  return tally;
}

test('a body that is known by its own bytes is known again, whatever its events have become since', async () => {
  const sink = makeSink();
  // A running total, forgotten in between by a restart.
  expect((await send(sink, 15, 'digest')).answer(String)).toMatchObject({ accepted: 1, first: '1' });
  expect((await send(sink, 5, 'digest')).answer(String)).toMatchObject({ accepted: 1, first: '1' });
});

test('other events under a key that a sender has chosen are refused', async () => {
  const sink = makeSink();
  await send(sink, 15);
  await expect(send(sink, 5)).rejects.toMatchObject({ code: 'idempotency-mismatch' });
});

test('how far it has come is told without a hole, and every chunk of it is told what was refused', async () => {
  const chains = new Set<object>();
  let appends = 0;
  const failure = new Error('the disk has gone');
  const sink: EventSink = {
    async append(_events, _name, chain) {
      if (chain) chains.add(chain);
      appends += 1;
      const seq = appends;
      // The later they come the sooner they are answered.
      for (let turns = seq; turns < 4; turns += 1) await new Promise((resolve) => setImmediate(resolve));
      if (seq === 2) throw failure;
      return { firstSeq: 10 * seq, lastSeq: 10 * seq };
    },
  };
  const tally = new IngestTally(new Sender({ protocol: 'test', address: '' }, 0), () => 0);
  const appender = new ChunkAppender({ sink, tally });
  const prepared = prepareEvent({ message: 'm' }, 0);
  if (!prepared.ok) throw new Error(prepared.error);
  expect(appender.begun).toBeUndefined();
  await Promise.all([7, 8, 9].map((items) => appender.add([prepared.event], items)));
  await expect(appender.finish()).rejects.toBe(failure);
  expect(appender.begun).toEqual({ items: 7, placed: { firstSeq: 10, lastSeq: 10 } });
  expect([...chains]).toEqual([{ failure }]);
});
