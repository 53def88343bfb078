import { expect, test } from 'vitest';
import { roleSentence } from './role-sentence.ts';

test('a leader says how many tabs read along', () => {
  expect(roleSentence('leader', 1)).toContain('more tabs would share it');
  expect(roleSentence('leader', 2)).toContain('1 other tab.');
  expect(roleSentence('leader', 7)).toContain('6 other tabs.');
});

test('a follower and a lone tab say who holds the stream', () => {
  expect(roleSentence('follower', 3)).toContain('Another tab holds');
  expect(roleSentence('alone', 1)).toContain('of its own');
});
