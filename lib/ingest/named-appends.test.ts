import { describe, expect, test } from 'vitest';
import { type PreparedEvent, prepareEvent } from '@/lib/core/prepared-event.ts';
import { type AppendName, NamedAppends, type Placed, type RememberingSink } from './named-appends.ts';

function eventsOf(count: number): PreparedEvent[] {
  const prepared = prepareEvent({ message: 'hello' }, 0);
  if (!prepared.ok) throw new Error(prepared.error);
  return new Array(count).fill(prepared.event);
}

/** Stores when told to, and keeps receipts as the history does. */
class SlowSink implements RememberingSink {
  readonly stored: (AppendName & Placed)[] = [];
  appends = 0;
  failure: Error | undefined;

  async append(events: readonly PreparedEvent[], name?: AppendName): Promise<Placed> {
    this.appends += 1;
    await new Promise((resolve) => setImmediate(resolve));
    if (this.failure) throw this.failure;
    const firstSeq = this.appends * 100;
    const placed = { firstSeq, lastSeq: firstSeq + events.length - 1 };
    if (name) this.stored.push({ ...name, ...placed });
    return placed;
  }
  async receipts(keys: readonly string[]): Promise<(AppendName & Placed)[]> {
    return this.stored.filter(({ key }) => keys.includes(key));
  }
}

describe('NamedAppends', () => {
  test('stores copies in flight once and tells each of them where', async () => {
    const sink = new SlowSink();
    const appends = new NamedAppends(sink);
    const name = { key: 'k#0', digest: 'd' };
    const placed = await Promise.all([1, 2, 3].map(() => appends.append(eventsOf(2), name)));
    expect(sink.appends).toBe(1);
    const stands = { firstSeq: 100, lastSeq: 101 };
    expect(placed).toEqual([stands, { ...stands, isRepeat: true }, { ...stands, isRepeat: true }]);
  });

  test('answers a later copy from what was stored', async () => {
    const sink = new SlowSink();
    const appends = new NamedAppends(sink);
    const name = { key: 'k#0', digest: 'd' };
    const first = await appends.append(eventsOf(1), name);
    expect(await appends.append(eventsOf(1), name)).toMatchObject({ ...first, isRepeat: true });
    expect(sink.appends).toBe(1);
  });

  test('refuses other events under the same name, in flight and stored', async () => {
    const appends = new NamedAppends(new SlowSink());
    const first = appends.append(eventsOf(1), { key: 'k#0', digest: 'one' });
    const other = { key: 'k#0', digest: 'other' };
    await expect(appends.append(eventsOf(1), other)).rejects.toMatchObject({ code: 'idempotency-mismatch' });
    await first;
    await expect(appends.append(eventsOf(1), other)).rejects.toMatchObject({ code: 'idempotency-mismatch' });
  });

  test('tries again after a failure', async () => {
    const sink = new SlowSink();
    const appends = new NamedAppends(sink);
    const name = { key: 'k#0', digest: 'd' };
    sink.failure = new Error('disk full');
    await expect(appends.append(eventsOf(1), name)).rejects.toThrow('disk full');
    sink.failure = undefined;
    await appends.append(eventsOf(1), name);
    expect(sink.appends).toBe(2);
  });
});
