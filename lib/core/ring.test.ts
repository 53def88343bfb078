import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Ring } from './ring.ts';

test('a ring behaves as an array that loses its first items', () => {
  const step = fc.oneof(
    fc.record({ act: fc.constant('push' as const), item: fc.integer() }),
    fc.record({ act: fc.constantFrom('shift' as const, 'clear' as const) }),
  );
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 5 }), fc.array(step, { maxLength: 60 }), (capacity, steps) => {
      const ring = new Ring<number>(capacity);
      let model: number[] = [];
      for (const each of steps) {
        if (each.act === 'push') {
          model.push(each.item);
          expect(ring.push(each.item)).toBe(model.length > capacity ? model.shift() : undefined);
        } else if (each.act === 'shift') expect(ring.shift()).toBe(model.shift());
        else {
          ring.clear();
          model = [];
        }
        expect(ring.toArray()).toEqual(model);
        expect(ring.size).toBe(model.length);
        expect([-1, 0, capacity - 1, capacity].map((at) => ring.at(at))).toEqual([
          undefined,
          model[0],
          model[capacity - 1],
          undefined,
        ]);
      }
    }),
    { seed: 1 },
  );
});

test.each([0, -1, 1.5, Number.NaN])('a capacity of %d is refused', (capacity) => {
  expect(() => new Ring(capacity)).toThrow(/capacity/);
});
