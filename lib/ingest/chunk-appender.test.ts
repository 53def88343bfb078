import { expect, test } from 'vitest';
import { prepareEvent } from '@/lib/core/prepared-event.ts';
import { ChunkAppender } from './chunk-appender.ts';
import { IngestTally } from './ingest-tally.ts';
import { type AppendName, NamedAppends, type Placed } from './named-appends.ts';
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
