import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { MqttWills } from './mqtt-wills.ts';

const NEVER_S = 0xffff_ffff;
const sender = { protocol: 'mqtt', peerAddress: '127.0.0.1', header: () => null };
const leave = (key: string, delayS: number, expiryS = NEVER_S): void => {
  const will = { topic: 'tailrace/ingest/door', payload: Buffer.from('gone'), delayS };
  wills.leave({ key, clientId: 'a door', will, expiryS, sender });
};
let published: string[];
let wills: MqttWills;

beforeEach(() => {
  vi.useFakeTimers();
  published = [];
  wills = new MqttWills(({ key }) => published.push(key));
});
afterEach(() => {
  wills.close();
  vi.useRealTimers();
});

test('a will without a delay is published at once', () => {
  leave('a', 0);
  expect(published).toEqual(['a']);
});

test('a will with a delay waits for it, and is published once', () => {
  leave('a', 10);
  vi.advanceTimersByTime(9_999);
  expect(published).toEqual([]);
  vi.advanceTimersByTime(100_000);
  expect(published).toEqual(['a']);
});

test('whoever is back in time with its session leaves no will', () => {
  leave('a', 10);
  wills.comeBack('a', true);
  vi.advanceTimersByTime(100_000);
  expect(published).toEqual([]);
});

test('whoever comes back without its session has ended it, and the will is due', () => {
  leave('a', 10);
  wills.comeBack('a', false);
  expect(published).toEqual(['a']);
  vi.advanceTimersByTime(100_000);
  expect(published).toEqual(['a']);
});

test('the end of the session is the latest moment', () => {
  leave('a', 60, 5);
  vi.advanceTimersByTime(5_000);
  expect(published).toEqual(['a']);
  leave('b', 60, 0);
  expect(published).toEqual(['a', 'b']);
});

test('beyond a bound wills are published without their delay', () => {
  for (let index = 0; index < 1_001; index += 1) leave(`c${index}`, 10);
  expect(published).toEqual(['c1000']);
});

test('a server that goes publishes nothing: its clients are not gone', () => {
  leave('a', 10);
  wills.close();
  vi.advanceTimersByTime(100_000);
  expect(published).toEqual([]);
  expect(vi.getTimerCount()).toBe(0);
});
