import fc from 'fast-check';
import { expect, test } from 'vitest';
import { RESOURCE_KINDS, type ResourceKind, ResourceLedger } from './ledger.ts';

test('what an owner holds when it is closed has leaked, until it is released after all', () => {
  const ledger = new ResourceLedger(() => 42);
  const owner = ledger.owner('connection x');
  owner.acquire('connection');
  owner.acquire('timer');
  owner.acquire('timer');
  owner.release('connection');
  expect([ledger.heldTotal, ledger.leaked]).toEqual([2, 0]);
  expect(ledger.heldByKind).toEqual({ timer: 2 });
  owner.close();
  expect(ledger.leaked).toBe(2);
  expect(ledger.leaks).toEqual([{ owner: 'connection x', kind: 'timer', count: 2, atMs: 42 }]);
  owner.release('timer');
  expect([ledger.held('timer'), ledger.leaked]).toEqual([1, 1]);
  owner.acquire('listener');
  expect(ledger.leaked).toBe(2);
});

test('nothing can be released that is not held', () => {
  const ledger = new ResourceLedger(() => 0);
  const [one, other] = [ledger.owner('one'), ledger.owner('other')];
  one.acquire('timer');
  expect(() => other.release('timer')).toThrow('other holds no timer to release');
  one.release('timer');
  expect(() => one.release('timer')).toThrow(/holds no timer/);
});

test('held is the sum over the owners and leaked that over the closed ones, whatever they do', () => {
  const act = fc.record({
    owner: fc.nat({ max: 4 }),
    kind: fc.constantFrom(...RESOURCE_KINDS),
    act: fc.constantFrom('acquire', 'release', 'close'),
  });
  fc.assert(
    fc.property(fc.array(act, { maxLength: 200 }), (acts) => {
      const ledger = new ResourceLedger(() => 0);
      const owners = Array.from({ length: 5 }, (_, index) => ({
        owner: ledger.owner(`o${index}`),
        held: new Map<ResourceKind, number>(),
        closed: false,
      }));
      for (const { owner: index, kind, act: what } of acts) {
        const { owner, held } = owners[index] as (typeof owners)[number];
        const count = held.get(kind) ?? 0;
        if (what === 'acquire') owner.acquire(kind);
        if (what === 'release' && count > 0) owner.release(kind);
        if (what === 'close') {
          owner.close();
          (owners[index] as { closed: boolean }).closed = true;
        }
        const change = what === 'acquire' ? 1 : what === 'release' && count > 0 ? -1 : 0;
        held.set(kind, count + change);
      }
      const sum = (some: typeof owners): number =>
        some.reduce((total, { held }) => total + [...held.values()].reduce((a, b) => a + b, 0), 0);
      expect(ledger.heldTotal).toBe(sum(owners));
      expect(ledger.leaked).toBe(sum(owners.filter(({ closed }) => closed)));
    }),
    { seed: 8 },
  );
});
