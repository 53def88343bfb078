import fc from 'fast-check';
import { expect, test } from 'vitest';
import { ACTIVITIES, CONNECTION_STATES } from '@/lib/core/connection-state.ts';
import { CONNECTION_SORTS } from '@/lib/wire/connection-pages.ts';
import { type ConnectionsAddress, narrows, readAddress, sortBy, watchUrl, writeAddress } from './connections-url.ts';

const plain: ConnectionsAddress = { sort: 'lag', order: 'desc', closed: '0' };
const queryOf = (address: string) => new URLSearchParams(address.split('?')[1] ?? '');

const addresses = fc
  .record(
    {
      state: fc.constantFrom(...CONNECTION_STATES, ...ACTIVITIES),
      q: fc.string({ minLength: 1, maxLength: 200, unit: 'grapheme' }).filter((text) => text.length <= 200),
      sort: fc.constantFrom(...CONNECTION_SORTS),
      order: fc.constantFrom('asc' as const, 'desc' as const),
      closed: fc.constantFrom('0' as const, '1' as const),
      id: fc.string({ minLength: 1, maxLength: 64 }),
    },
    { requiredKeys: ['sort', 'order', 'closed'] },
  )
  .map((address): ConnectionsAddress => address);

test('what is written into the address is read from it again', () => {
  fc.assert(
    fc.property(addresses, (address) => {
      expect(readAddress(queryOf(writeAddress(address)))).toEqual(address);
    }),
    { seed: 3 },
  );
});

test('the plain screen has a plain address, and opening a connection does not change the rows asked for', () => {
  expect(writeAddress(plain)).toBe('/connections');
  expect(watchUrl(plain)).toBe('/api/connections/stream');
  expect(watchUrl({ ...plain, q: 'api', id: 'c1' })).toBe('/api/connections/stream?q=api');
  expect(writeAddress({ ...plain, q: 'api', id: 'c1' })).toBe('/connections?q=api&id=c1');
});

test('an address with nonsense in it shows the plain screen', () => {
  const query = new URLSearchParams({
    state: 'sleepy',
    sort: 'colour',
    order: 'up',
    closed: 'yes',
    id: 'x'.repeat(65),
  });
  query.set('q', 'y'.repeat(201));
  expect(readAddress(query)).toEqual(plain);
  expect(narrows(readAddress(query))).toBe(false);
});

test('a column is sorted its natural way first, and the other way by the second click', () => {
  const byAge = sortBy(plain, 'age');
  expect(byAge).toMatchObject({ sort: 'age', order: 'desc' });
  expect(sortBy(byAge, 'age')).toMatchObject({ sort: 'age', order: 'asc' });
  expect(sortBy(byAge, 'address')).toMatchObject({ sort: 'address', order: 'asc' });
  expect(sortBy(plain, 'lag')).toMatchObject({ sort: 'lag', order: 'asc' });
});
