import { expect, test } from 'vitest';
import { heardSentence, isOpen, refusedSentence } from './guide-state.ts';
import type { Heard } from './hearing.ts';
import { DOORS } from './snippet.ts';

const heard: Heard = {
  ...{ firstMs: 1000, address: '127.0.0.1', accepted: 3, rejected: 0, isShared: false, services: [], error: undefined },
};
const NOW_MS = 1400;

test('what came is told with its age, its sender, its services and how much was taken', () => {
  expect(heardSentence(heard, NOW_MS)).toBe('first byte 0.4 s ago from 127.0.0.1: 3 accepted');
  expect(heardSentence({ ...heard, rejected: 2, services: ['api'] }, 62_000)).toBe(
    'first byte 1 min 1 s ago from 127.0.0.1: 3 accepted of api, 2 rejected',
  );
  expect(heardSentence({ ...heard, services: ['a', 'b', 'c', 'd'] }, NOW_MS)).toContain(
    '3 accepted of a, b, c and more',
  );
});

test('numbers that are those of others too are not told as the own', () => {
  const shared = { ...heard, isShared: true };
  expect(heardSentence(shared, NOW_MS)).toContain(': a new sender; 3 accepted this way in all');
  expect(heardSentence({ ...shared, services: ['api'] }, NOW_MS)).toContain(': new is api; 3 accepted this way in all');
});

test('a clock that was set back makes no negative age', () => {
  expect(heardSentence(heard, 0)).toContain('first byte 0.0 s ago');
});

test('a refusal is told as the sender was told', () => {
  const error = { atMs: 1, status: 401, says: 'expected a token', count: 1 };
  expect(refusedSentence(error)).toBe('the sender was told: 401 · expected a token');
});

test('only what needs a listener can be off', () => {
  const doors = { doors: { host: '127.0.0.1', ports: { syslog: 5514 }, scrape: [] } };
  const snippet = { title: 't', text: 't', protocols: ['x'] };
  expect(isOpen(snippet, doors)).toBe(true);
  expect(isOpen({ ...snippet, door: DOORS.syslog }, doors)).toBe(true);
  expect(isOpen({ ...snippet, door: DOORS.gelf }, doors)).toBe(false);
});
