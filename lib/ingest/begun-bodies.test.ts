import { describe, expect, test } from 'vitest';
import { BegunBodies, type BodyMark, markOf } from './begun-bodies.ts';
import { Sender } from './sender.ts';

const REMEMBERED_MS = 3 * 60 * 60_000;
const begunAt = (items: number) => ({ items, placed: { firstSeq: 1, lastSeq: items } });
const senderAt = (address: string, credential?: string) => new Sender({ protocol: 'toy', address, credential }, 0);

function setUp(entriesMax?: number) {
  const clock = { nowMs: 0 };
  const bodies = new BegunBodies(() => clock.nowMs, entriesMax);
  return { bodies, clock, sender: senderAt('10.0.0.1') };
}

/** Says how often its digest was made. */
function counted(text: string): BodyMark & { readonly made: () => number } {
  const mark = markOf(Buffer.from(text));
  let made = 0;
  const digest = (): string => {
    made += 1;
    return mark.digest();
  };
  return { size: mark.size, digest, made: () => made };
}

describe('BegunBodies', () => {
  test('tells how far a body has come once for each time that it broke off', () => {
    const { bodies, sender } = setUp();
    const mark = markOf(Buffer.from('body'));
    expect(bodies.take(sender, mark)).toBeUndefined();
    bodies.put(sender, mark, begunAt(1000));
    bodies.put(sender, mark, begunAt(3000));
    expect(bodies.take(sender, mark)).toEqual(begunAt(1000));
    expect(bodies.take(sender, mark)).toEqual(begunAt(3000));
    expect(bodies.take(sender, mark)).toBeUndefined();
    expect(bodies.size).toBe(0);
  });

  test('knows no body of another sender, origin or content', () => {
    const { bodies, sender } = setUp();
    bodies.put(sender, markOf(Buffer.from('body'), '/a'), begunAt(1000));
    expect(bodies.take(senderAt('10.0.0.2'), markOf(Buffer.from('body'), '/a'))).toBeUndefined();
    expect(bodies.take(senderAt('10.0.0.1', 'key'), markOf(Buffer.from('body'), '/a'))).toBeUndefined();
    expect(bodies.take(sender, markOf(Buffer.from('body'), '/b'))).toBeUndefined();
    expect(bodies.take(sender, markOf(Buffer.from('BODY'), '/a'))).toBeUndefined();
    expect(bodies.take(senderAt('10.0.0.1'), markOf(Buffer.from('body'), '/a'))).toEqual(begunAt(1000));
  });

  test('reads a body only when one of the same size and sender broke off', () => {
    const { bodies, sender } = setUp();
    const [first, longer, same] = [counted('body'), counted('longer'), counted('BODY')];
    bodies.take(sender, first);
    expect(first.made()).toBe(0);
    bodies.put(sender, first, begunAt(1000));
    bodies.take(sender, longer);
    bodies.take(senderAt('10.0.0.2'), same);
    expect([longer.made(), same.made()]).toEqual([0, 0]);
    bodies.take(sender, same);
    expect(same.made()).toBe(1);
  });

  test('forgets after three hours, and each try begins them anew', () => {
    const { bodies, clock, sender } = setUp();
    const mark = markOf(Buffer.from('body'));
    bodies.put(sender, mark, begunAt(1000));
    clock.nowMs = REMEMBERED_MS;
    expect(bodies.take(sender, mark)).toEqual(begunAt(1000));
    bodies.put(sender, mark, begunAt(1000));
    clock.nowMs = 2 * REMEMBERED_MS + 1;
    expect(bodies.take(sender, mark)).toBeUndefined();
    expect(bodies.size).toBe(0);
  });

  test('of too many it forgets the oldest, and says so where its sender is looked up', () => {
    const { bodies, sender } = setUp(2);
    for (const text of ['a', 'b', 'c']) bodies.put(sender, markOf(Buffer.from(text)), begunAt(1000));
    expect(bodies.size).toBe(2);
    expect(bodies.take(sender, markOf(Buffer.from('a')))).toBeUndefined();
    expect(bodies.take(sender, markOf(Buffer.from('b')))).toEqual(begunAt(1000));
    expect(sender.errors[0]?.says).toContain('its beginning is stored twice');
  });
});
