import { expect, test } from 'vitest';
import { logAt } from '@/lib/core/testing/arbitraries.ts';
import type { HistoryStore } from '../history-port.ts';
import type { Appender } from './batches.ts';
import { T0 } from './reading.ts';

type Context = { opened: { store: HistoryStore; reopen(): HistoryStore }; appender: Appender };

/** The part of the contract about epochs, and about calls that are cancelled. */
export function opening(context: Context): void {
  test('a fresh history is empty and has an epoch that stays when it is opened again', async () => {
    const first = await context.opened.store.open();
    expect(first).toMatchObject({ oldestSeq: 1, headSeq: 0, series: [], headReceivedMs: 0 });
    expect(first.epoch).toMatch(/^[A-Za-z0-9]{8}$/);
    await context.appender.append([logAt('one')], T0);
    await context.opened.store.close();
    const again = context.opened.reopen();
    expect(await again.open()).toMatchObject({ epoch: first.epoch, oldestSeq: 1, headSeq: 1, headReceivedMs: T0 });
  });

  test('an epoch of which positions were lost ends at the head; any other stays', async () => {
    const { store } = context.opened;
    const { epoch } = await store.open();
    await context.appender.append([logAt('one'), logAt('two')], T0);
    expect(await store.open({ lostEpoch: 'ZZZZZZZZ' })).not.toHaveProperty('parent');
    const renewed = await store.open({ lostEpoch: epoch });
    expect(renewed).toMatchObject({ parent: { epoch, seq: 2 }, headSeq: 2 });
    expect(renewed.epoch).toMatch(/^[A-Za-z0-9]{8}$/);
    expect(renewed.epoch).not.toBe(epoch);
    // The same word again, after a crash before it was cleared: it has been heard.
    expect(await store.open({ lostEpoch: epoch })).toMatchObject({ epoch: renewed.epoch, parent: { epoch, seq: 2 } });
    expect(await store.open({ lostEpoch: '*' })).toMatchObject({ parent: { epoch: renewed.epoch, seq: 2 } });
  });

  test('a call that is cancelled rejects with the reason, and the others go on', async () => {
    const { store } = context.opened;
    await context.appender.append([logAt('one')], T0);
    const query = { filter: {}, direction: 'forward', from: 0, limit: 10 } as const;
    const reason = new Error('the client left');
    await expect(store.read(query, AbortSignal.abort(reason))).rejects.toBe(reason);
    const controller = new AbortController();
    const cancelled = [
      store.read(query, controller.signal),
      store.seqAtTime(T0, controller.signal),
      store.receipts(['k'], controller.signal),
      store.queryMetrics({ fromMs: T0, toMs: T0 + 1, width: 1 }, controller.signal),
    ];
    const others = [store.read(query), store.read(query, new AbortController().signal)];
    controller.abort(reason);
    const outcomes = await Promise.allSettled(cancelled);
    expect(outcomes.map((outcome) => 'reason' in outcome && outcome.reason === reason)).toEqual([
      true,
      true,
      true,
      true,
    ]);
    for (const page of await Promise.all(others)) expect(page.rows).toHaveLength(1);
  });
}
