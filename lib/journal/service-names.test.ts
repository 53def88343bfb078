import { expect, test } from 'vitest';
import { RANK_NONE } from '@/lib/core/level.ts';
import { ServiceNames } from './service-names.ts';

test('who sees from a level on is told of the services that have reached it, and of no other', () => {
  const names = new ServiceNames();
  names.add('shop', 4);
  names.add('bank', 2);
  names.add('meter', RANK_NONE);
  names.add('shop', 1);
  expect(names.list()).toEqual(['bank', 'meter', 'shop']);
  expect(names.list(4)).toEqual(['shop']);
  names.add('bank', 5);
  expect(names.list(4)).toEqual(['bank', 'shop']);
});

test('a new name with every event fills this, and nothing grows beyond it', () => {
  const names = new ServiceNames();
  for (let n = 0; n < 5000; n += 1) names.add(`service ${n}`, 2);
  expect(names.list()).toHaveLength(1000);
  names.add('service 3', 5);
  expect(names.list(5)).toEqual(['service 3']);
});
