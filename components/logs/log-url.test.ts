import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Filter, filterSchema } from '@/lib/core/filter.ts';
import { LEVELS } from '@/lib/core/level.ts';
import { addressOfFilter, filterFromAddress, narrows, toQuery } from './log-url.ts';

const read = (query: string) => filterFromAddress(new URLSearchParams(query));

describe('the address of the log screen', () => {
  test('names level, services and text', () => {
    expect(read('level=warn&service=api&service=db&q=time%20out')).toEqual({
      kind: 'log',
      level: 'warn',
      services: ['api', 'db'],
      q: 'time out',
    });
  });

  test('what cannot be read is left out, and the rest still counts', () => {
    expect(read('level=loud&service=&q=x&foo=1')).toEqual({ kind: 'log', q: 'x' });
  });

  test('reading never gives a filter that the server would refuse', () => {
    const long = `q=${'x'.repeat(2000)}&${Array.from({ length: 50 }, (_, index) => `service=s${index}`).join('&')}`;
    expect(filterSchema.safeParse(read(long)).success).toBe(true);
  });

  test('writing and reading any filter gives the same filter', () => {
    const filters: fc.Arbitrary<Filter> = fc.record(
      {
        kind: fc.constant('log' as const),
        level: fc.constantFrom(...LEVELS),
        services: fc.uniqueArray(fc.string({ minLength: 1, maxLength: 20 }), { minLength: 1, maxLength: 5 }),
        q: fc.string({ minLength: 1, maxLength: 40 }),
      },
      { requiredKeys: ['kind'] },
    );
    fc.assert(
      fc.property(filters, (filter) => {
        expect(read(addressOfFilter(filter).split('?')[1] ?? '')).toEqual(filter);
      }),
      { seed: 1 },
    );
  });

  test('without a filter the address is bare', () => {
    expect(addressOfFilter({ kind: 'log' })).toBe('/logs');
    expect(narrows(read(''))).toBe(false);
    expect(narrows(read('level=info'))).toBe(true);
  });

  test('repeated parameters survive the form Next hands a page', () => {
    expect(toQuery({ service: ['a', 'b'], q: 'x', level: undefined }).toString()).toBe('service=a&service=b&q=x');
  });
});
