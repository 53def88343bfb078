import { expect, test } from 'vitest';
import { filterWords } from './filter-words.ts';

test('each condition of a filter is one word, and no filter is none', () => {
  expect(filterWords({})).toEqual([]);
  expect(filterWords({ kind: 'log', services: ['api', 'web'], level: 'warn', q: 'time out' })).toEqual([
    'logs',
    'level≥warn',
    '“time out”',
    'service=api',
    'service=web',
  ]);
  expect(filterWords({ topics: ['logs/+/error', 'metrics/#'] })).toEqual(['logs/+/error', 'metrics/#']);
  expect(filterWords({ topics: [] })).toEqual(['no topic']);
});
