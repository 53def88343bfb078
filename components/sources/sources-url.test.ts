import fc from 'fast-check';
import { expect, test } from 'vitest';
import { SENDER_SORTS } from '@/lib/wire/source-query.ts';
import { GUIDES } from './snippets.ts';
import { readAddress, type SourcesAddress, sortBy, watchUrl, writeAddress } from './sources-url.ts';

const plain: SourcesAddress = { sort: 'protocol', order: 'asc' };
const queryOf = (address: string) => new URLSearchParams(address.split('?')[1] ?? '');

test('what is written into the address is read from it again', () => {
  const addresses = fc
    .record(
      {
        q: fc.string({ minLength: 1, maxLength: 200 }),
        sort: fc.constantFrom(...SENDER_SORTS),
        order: fc.constantFrom('asc' as const, 'desc' as const),
        open: fc.string({ minLength: 1, maxLength: 64 }),
        add: fc.constantFrom(...GUIDES.map(({ id }) => id)),
      },
      { requiredKeys: ['sort', 'order'] },
    )
    .map((address): SourcesAddress => address);
  fc.assert(
    fc.property(addresses, (address) => {
      expect(readAddress(queryOf(writeAddress(address)))).toEqual(address);
    }),
    { seed: 4 },
  );
});

test('the plain screen has a plain address, and which guide is open does not change what is asked for', () => {
  expect(writeAddress(plain)).toBe('/sources');
  expect(watchUrl({ ...plain, add: 'curl' })).toBe('/api/sources/stream');
  expect(writeAddress({ ...plain, add: 'curl' })).toBe('/sources?add=curl');
  expect(watchUrl({ ...plain, q: 'api', open: 'loki 10.0.0.1' })).toBe('/api/sources/stream?q=api&open=loki+10.0.0.1');
});

test('an address with nonsense in it shows the plain screen', () => {
  const query = new URLSearchParams({ sort: 'luck', order: 'up', add: '<script>', open: 'x'.repeat(601) });
  query.set('q', 'y'.repeat(201));
  expect(readAddress(query)).toEqual(plain);
});

test('names are sorted from A, figures from the greatest, and the second click turns it round', () => {
  expect(sortBy(plain, 'address')).toMatchObject({ sort: 'address', order: 'asc' });
  expect(sortBy(plain, 'bytes')).toMatchObject({ sort: 'bytes', order: 'desc' });
  expect(sortBy(sortBy(plain, 'bytes'), 'bytes')).toMatchObject({ sort: 'bytes', order: 'asc' });
});
