import { expect, test } from 'vitest';
import { CLOSE_REASONS, type CloseReason } from '@/lib/core/close-reason.ts';
import { ACTIVITIES, CONNECTION_STATES } from '@/lib/core/connection-state.ts';
import { formatAge, herdSentence, shownSentence } from './connection-words.ts';
import { reasonSentence, STATE_COLOURS, STATE_MEANINGS, shownState } from './state-looks.ts';

test('an age is told in whole seconds, and one from a clock ahead of the server is now', () => {
  expect([-500, 0, 999, 1000, 59_999, 61_000, 93_784_000].map(formatAge)).toEqual([
    'now',
    'now',
    'now',
    '1 s',
    '59 s',
    '1 min 1 s',
    '1 d 2 h',
  ]);
});

test('a crowd that came back is told with its size, its time and its evenness', () => {
  expect(herdSentence(undefined)).toBeUndefined();
  expect(herdSentence({ atMs: 0, connections: 5000, seconds: 12, factor: 1.42 })).toBe(
    '5,000 came back within 12 s, busiest second 1.4× the mean',
  );
});

test('rows that are not shown are admitted', () => {
  expect(shownSentence(100, { matching: 5012 })).toBe('The first 100 of 5,012: sort or filter to see others.');
  expect(shownSentence(37, { matching: 37 })).toBeUndefined();
});

test('an active connection is shown by what it does, every other one by its state', () => {
  expect(shownState({ state: 'active', activity: 'lagging' })).toBe('lagging');
  expect(shownState({ state: 'active' })).toBe('active');
  expect(shownState({ state: 'idle', activity: 'live' })).toBe('idle');
  for (const shown of [...CONNECTION_STATES, ...ACTIVITIES]) {
    expect(STATE_COLOURS[shown]).toMatch(/^var\(--/);
    expect(STATE_MEANINGS[shown]).not.toBe('');
  }
});

test('every reason says its number, its sentence and whether the client comes back', () => {
  for (const reason of Object.keys(CLOSE_REASONS) as CloseReason[]) {
    const { code, says, reconnect } = CLOSE_REASONS[reason];
    const sentence = reasonSentence(reason);
    expect(sentence).toContain(`${code} `);
    expect(sentence).toContain(says);
    expect(sentence.includes('not to come back')).toBe(!reconnect);
  }
});
