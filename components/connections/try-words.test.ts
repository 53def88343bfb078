import { expect, test } from 'vitest';
import { switchesSentence, trySentence } from './try-words.ts';

test('a try that is under way says why it was begun, one that is over how it went', () => {
  const tell = (outcome: 'trying' | 'open' | 'ended' | 'failed', times = 1) =>
    trySentence({ outcome, times, why: 'the server ended the stream' });
  expect(tell('trying')).toBe('being tried: the server ended the stream');
  expect(tell('open')).toBe('in use: the server ended the stream');
  expect(tell('ended')).toBe('the server ended the stream');
  expect(tell('failed', 1_200)).toBe('failed: the server ended the stream (1,200 times)');
});

test('changes of a running stream are counted in words', () => {
  expect(switchesSentence(0)).toContain('has not changed');
  expect(switchesSentence(1)).toContain('changed its transport once');
  expect(switchesSentence(3)).toContain('3 times');
});
