import { expect, test } from 'vitest';
import type { PlacedEvent } from '@/lib/core/event.ts';
import { fitPage } from './grpc-query.ts';

const event = (seq: number, chars: number): PlacedEvent => ({
  ...{ kind: 'log', time: '2026-01-01T00:00:00.000Z', level: 'info', service: 's', message: 'm'.repeat(chars) },
  position: `Ab3dE6gH.${seq}`,
});
const page = (chars: number, count = 5) => ({
  events: Array.from({ length: count }, (_, index) => event(index + 1, chars)),
  ...{ head: 'Ab3dE6gH.9', before: null, after: 'Ab3dE6gH.5' },
});
const seqs = (events: readonly { position?: string }[]): number[] =>
  events.map(({ position = '' }) => Number(position.split('.')[1]));
const MIB = 1024 * 1024;

test('a page that fits is given whole', () => {
  const { events, ...places } = fitPage(page(100), false);
  expect(seqs(events)).toEqual([1, 2, 3, 4, 5]);
  expect(places).toEqual({ head: 'Ab3dE6gH.9', before: '', after: 'Ab3dE6gH.5' });
});

test('backward the newest are kept, and the next page is before the oldest of them', () => {
  const { events, before, after } = fitPage(page(MIB), false);
  expect(seqs(events)).toEqual([4, 5]);
  expect([before, after]).toEqual(['Ab3dE6gH.4', 'Ab3dE6gH.5']);
});

test('forward the oldest are kept, and the next page is after the newest of them', () => {
  const { events, after } = fitPage(page(MIB), true);
  expect(seqs(events)).toEqual([1, 2]);
  expect(after).toBe('Ab3dE6gH.2');
});

test('an event that is as large as a page comes alone', () => {
  expect(seqs(fitPage(page(4 * MIB), true).events)).toEqual([1]);
});

test('an event that is held says so', () => {
  const held = { ...page(1, 1), events: [{ ...event(1, 1), durable: false as const }] };
  expect(fitPage(held, false).events[0]).toMatchObject({ durable: false, prev: '' });
});
