import { describe, expect, test } from 'vitest';
import { logAt } from '@/lib/core/testing/arbitraries.ts';
import { makeHoldingJournal } from '@/lib/journal/testing/make-journal.ts';
import { resolveStart, type StreamStart } from './stream-start.ts';

const at = (epoch: string, seq: number): StreamStart => ({ kind: 'position', position: { epoch, seq } });

/** A journal of ten events that lost positions beyond the sixth in a crash, and went on. */
async function setUp() {
  const first = makeHoldingJournal();
  await first.journal.open();
  await first.journal.append(Array.from({ length: 6 }, () => logAt('m')));
  await first.marker.set('AAAAAAAA');
  const { journal, store } = makeHoldingJournal({ store: first.store, marker: first.marker });
  await journal.open();
  await journal.append(Array.from({ length: 4 }, () => logAt('n')));
  return { journal, store };
}

describe('a position of the epoch before', () => {
  test('that was stored goes on with the next event, told as a reset', async () => {
    const { journal } = await setUp();
    expect(journal.epoch).toBe('BBBBBBBB');
    for (const seq of [0, 3, 6]) {
      expect(await resolveStart(journal, at('AAAAAAAA', seq))).toEqual({
        afterSeq: seq,
        state: 'reset',
        reason: 'epoch',
      });
    }
  });

  test('that was given away and never stored goes on where the epoch ended, and says how much is missing', async () => {
    const { journal } = await setUp();
    const resolved = await resolveStart(journal, at('AAAAAAAA', 9));
    expect(resolved).toEqual({ afterSeq: 6, state: 'reset', reason: 'not-stored', missed: 3 });
  });

  test('that retention has passed by goes on with the oldest, and says how much is missing', async () => {
    const { journal, store } = await setUp();
    store.removeBefore(5);
    journal.noteOldest(5);
    journal.ring.clear();
    const resolved = await resolveStart(journal, at('AAAAAAAA', 2));
    expect(resolved).toEqual({ afterSeq: 4, state: 'reset', reason: 'retention', missed: 2 });
  });
});

test('a position of any other epoch begins with the oldest, one of this epoch goes on', async () => {
  const { journal } = await setUp();
  expect(await resolveStart(journal, at('ZZZZZZZZ', 9))).toEqual({ afterSeq: 0, state: 'reset', reason: 'epoch' });
  expect(await resolveStart(journal, at('BBBBBBBB', 9))).toEqual({ afterSeq: 9, state: 'replay' });
});

test('a search by time ends with the signal', async () => {
  const { journal } = await setUp();
  const start: StreamStart = { kind: 'time', timeMs: 0 };
  await expect(resolveStart(journal, start, AbortSignal.abort('left'))).rejects.toBe('left');
});
