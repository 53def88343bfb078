import { expect, test } from 'vitest';
import { prepareEvent } from '@/lib/core/prepared-event.ts';
import { LATE_MS, Sender } from './sender.ts';

const NOW_MS = Date.UTC(2026, 0, 1);

const newSender = (): Sender => new Sender({ protocol: 'toy', address: '10.0.0.1' }, NOW_MS);

function eventAt(timeMs: number, service = 's') {
  const prepared = prepareEvent({ message: 'm', time: new Date(timeMs).toISOString(), service }, NOW_MS);
  if (!prepared.ok) throw new Error(prepared.error);
  return prepared.event;
}

test('a row holds what has become of everything that was sent', () => {
  const sender = newSender();
  sender.requests += 1;
  sender.receive(120, NOW_MS + 10);
  sender.observe(eventAt(NOW_MS), NOW_MS);
  sender.accept(3, NOW_MS + 20);
  sender.reject('no time', NOW_MS + 30, 2);
  expect(sender.row(NOW_MS + 30)).toMatchObject({
    protocol: 'toy',
    address: '10.0.0.1',
    credential: null,
    services: ['s'],
    requests: 1,
    accepted: 3,
    rejected: 2,
    bytes: 120,
    skewMs: 0,
    firstMs: NOW_MS,
    lastMs: NOW_MS + 30,
    lastError: { atMs: NOW_MS + 30, says: 'no time' },
  });
});

test('rates rise with what comes and fade when nothing does', () => {
  const sender = newSender();
  sender.receive(50_000, NOW_MS + 1000);
  sender.accept(500, NOW_MS + 1000);
  const busy = sender.row(NOW_MS + 1000);
  const quiet = sender.row(NOW_MS + 120_000);
  expect(busy.bytesPerSecond).toBeGreaterThan(0);
  expect(busy.eventsPerSecond).toBeGreaterThan(0);
  expect(quiet.bytesPerSecond).toBeLessThan(busy.bytesPerSecond / 1000);
  expect(quiet.eventsPerSecond).toBeLessThan(busy.eventsPerSecond / 1000);
});

test('an event is late when it is older than five minutes, and then says nothing about the clock', () => {
  const sender = newSender();
  sender.observe(eventAt(NOW_MS - LATE_MS), NOW_MS);
  expect(sender.late).toBe(0);
  expect(sender.row(NOW_MS).skewMs).toBe(-LATE_MS);
  sender.observe(eventAt(NOW_MS - LATE_MS - 1), NOW_MS);
  expect(sender.late).toBe(1);
  expect(sender.row(NOW_MS).skewMs).toBe(-LATE_MS);
});

test('the clock is judged by the newest events, and older ones draw it back slowly', () => {
  const sender = newSender();
  expect(sender.row(NOW_MS).skewMs).toBeNull();
  sender.observe(eventAt(NOW_MS - 4000), NOW_MS);
  sender.observe(eventAt(NOW_MS + 2000), NOW_MS);
  expect(sender.row(NOW_MS).skewMs).toBe(2000);
  sender.observe(eventAt(NOW_MS - 4000), NOW_MS);
  expect(sender.row(NOW_MS).skewMs).toBe(1940);
});

test('twenty services are named, however many there are', () => {
  const sender = newSender();
  for (let index = 0; index < 100; index += 1) sender.observe(eventAt(NOW_MS, `s${index}`), NOW_MS);
  expect(sender.row(NOW_MS).services).toHaveLength(20);
  expect(sender.row(NOW_MS).services[0]).toBe('s0');
});

test('the last sentence is kept short, with the status that it went out with', () => {
  const sender = newSender();
  sender.tell('x'.repeat(10_000), NOW_MS, 503);
  expect(sender.row(NOW_MS).lastError).toEqual({ atMs: NOW_MS, says: 'x'.repeat(500), status: 503, count: 1 });
});
